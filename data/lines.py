"""Lines of a file as numbered text, read one at a time.

Bytes are split on line feeds alone, so that the other Unicode line breaks can stand inside a line, and
decoded strictly as UTF-8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from .errors import DataError
from .plain_text import kind_of
from .quotes import printable

__all__ = ["LONGEST_LINE", "OnError", "Source", "numbered_lines", "open_source", "raise_error", "source_name"]

#: What readers take: a path, or a binary file such as ``sys.stdin.buffer``.
Source = str | Path | BinaryIO

#: What is done with an error that concerns one line.
OnError = Callable[[DataError], None]

#: Longest line, in bytes; keeps a file without line breaks from filling the memory.
LONGEST_LINE = 128 * 1024 * 1024


def raise_error(error: DataError) -> None:
    """Raise ``error``: what readers do with a bad line when they were not told otherwise."""
    raise error


def source_name(source: Source) -> str:
    """Return what messages call ``source``: the path as given, or the file's own name."""
    if isinstance(source, (str, Path)):
        return printable(str(source))
    name = getattr(source, "name", None)
    return printable(name) if isinstance(name, str) else "<input>"


@contextmanager
def open_source(source: Source) -> Iterator[BinaryIO]:
    """Open a path for reading and close it afterwards; a file is passed through and stays open.

    Raises:
        DataError: when there is no such file, or it is a folder or not readable.
        TypeError: when ``source`` is neither a path nor a file.
    """
    if not isinstance(source, (str, Path)):
        if not hasattr(source, "readline"):
            raise TypeError(f"a path or a binary file is needed, got {type(source).__name__}")
        yield source
        return
    try:
        file = Path(source).open("rb")  # noqa: SIM115 - errors of the caller's block are not its own
    except FileNotFoundError:
        raise DataError("there is no such file", source_name(source)) from None
    except IsADirectoryError:
        raise DataError("is a folder; give a file", source_name(source)) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the path
        raise DataError(f"cannot be read ({_reason(error)})", source_name(source)) from error
    with file:
        yield file


def numbered_lines(file: BinaryIO, name: str, on_error: OnError) -> Iterator[tuple[int, str | None]]:
    r"""Yield the lines of ``file`` without their line break (``\n`` or ``\r\n``), numbered from 1.

    A byte order mark before the first line is taken off.

    Args:
        file: A file opened in binary mode.
        name: What messages call it.
        on_error: Takes the error of a line that is not UTF-8 or longer than :data:`LONGEST_LINE`; ``None`` is
            then yielded in the line's place.

    Raises:
        DataError: when the file can no longer be read.
    """
    number = 0
    while line := _read_line(file, name):
        number += 1
        if len(line) > LONGEST_LINE:
            while line and not line.endswith(b"\n"):
                line = _read_line(file, name)
            on_error(DataError(f"the line is longer than {LONGEST_LINE >> 20} MiB", name, number))
            yield number, None
            continue
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            on_error(DataError(_not_utf8(line, error.start), name, number))
            yield number, None
            continue
        yield number, text.removesuffix("\n").removesuffix("\r")


def _read_line(file: BinaryIO, name: str) -> bytes:
    """Read one line, or the beginning of one that is too long."""
    try:
        line = file.readline(LONGEST_LINE + 1)
    except OSError as error:
        raise DataError(f"cannot be read ({_reason(error)})", name) from error
    if not isinstance(line, bytes):
        raise TypeError(
            "a file opened in binary mode is needed, such as sys.stdin.buffer; this one gives text"
        )
    return line


def _not_utf8(line: bytes, position: int) -> str:
    """Say what is wrong with a line that cannot be decoded."""
    if line.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "the file is UTF-16; save it as UTF-8"
    kind = kind_of(line)
    if kind is not None:
        return f"the file is {kind}"
    byte = f"0x{line[position]:02x}"
    return f"byte {byte} at position {position + 1} of the line is not UTF-8; save the file as UTF-8"


def _reason(error: Exception) -> str:
    """Return the system's words without the path."""
    return getattr(error, "strerror", None) or str(error)
