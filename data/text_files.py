"""Text files for pre-training: a paragraph a line, plain or compressed with xz, read one line at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from .errors import DataError
from .lines import numbered_lines, open_source, raise_error, source_name

__all__ = ["TextFileSize", "check_text_file", "read_paragraphs"]

_PLAIN = ".txt"
_COMPRESSED = ".txt.xz"
_AGAIN = "copy or download it again"


@dataclass(frozen=True, slots=True)
class TextFileSize:
    """How much text a file holds.

    Attributes:
        paragraphs: Lines with text.
        characters: Their code points, without the white space around each line.
        bytes: The same in UTF-8.
    """

    paragraphs: int
    characters: int
    bytes: int


def read_paragraphs(path: str | Path) -> Iterator[str]:
    """Read the paragraphs of a ``.txt`` or ``.txt.xz`` file.

    Args:
        path: The file, in UTF-8, with a paragraph a line.

    Yields:
        The lines without the white space around them; lines of white space alone are left out.

    Raises:
        DataError: naming the file and what to do: when it is missing, of another kind, truncated or damaged,
            not UTF-8, or holds no text. What a file holds before the damage is yielded first, see
            :func:`check_text_file`.
    """
    name = source_name(path)
    is_empty = True
    with _open_text(path, name) as file:
        for _, line in numbered_lines(file, name, raise_error):
            paragraph = (line or "").strip()
            if paragraph:
                is_empty = False
                yield paragraph
    if is_empty:
        raise DataError(f"holds no text; leave it out, or {_AGAIN}", name)


def check_text_file(path: str | Path) -> TextFileSize:
    """Read a file to its end, so that nothing is wrong with it later, and return how much it holds.

    Raises:
        DataError: see :func:`read_paragraphs`.
    """
    paragraphs = characters = size = 0
    for paragraph in read_paragraphs(path):
        paragraphs += 1
        characters += len(paragraph)
        size += len(paragraph.encode("utf-8"))
    return TextFileSize(paragraphs, characters, size)


@contextmanager
def _open_text(path: str | Path, name: str) -> Iterator[BinaryIO]:
    """Open a file, decompressed; say in one line what xz cannot read."""
    ending = "".join(Path(path).suffixes[-2:]).lower()
    if ending.endswith(_PLAIN):
        with open_source(path) as file:
            if isinstance(file, BufferedReader) and file.peek(6)[:6] == b"\xfd7zXZ\x00":
                raise DataError(f"is compressed with xz; rename it to end in {_COMPRESSED}", name)
            yield file
        return
    if not ending.endswith(_COMPRESSED):
        raise DataError(
            f"is no text file by its name; accepted are {_PLAIN} and {_COMPRESSED}, in UTF-8 with a "
            "paragraph a line",
            name,
        )
    try:
        import lzma

        from .xz import XzFile
    except ImportError as error:
        raise DataError(
            f"this Python was built without xz; decompress the file to {_PLAIN} and name that", name
        ) from error
    with open_source(path) as packed:
        try:
            yield BufferedReader(XzFile(packed))
        except EOFError as error:
            raise DataError(f"is truncated: the compressed text ends too soon; {_AGAIN}", name) from error
        except lzma.LZMAError as error:
            reason = "is damaged" if packed.tell() and _is_xz(packed) else "is not compressed with xz"
            raise DataError(f"{reason} ({error}); {_AGAIN}", name) from error


def _is_xz(file: BinaryIO) -> bool:
    """Tell whether a file begins as xz does."""
    file.seek(0)
    return file.read(6) == b"\xfd7zXZ\x00"
