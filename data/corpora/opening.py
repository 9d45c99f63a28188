"""Files of public sets: plain or compressed text, archives and folders, with errors in one line.

Nothing is unpacked to the disk, and no more than :data:`LIMIT` bytes are held, however much a file claims to
hold.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import DataError
from ..jsonl import parse_json
from ..lines import OnError, open_source, raise_error
from ..quotes import one_line, printable, quote
from ..xz import XZ_MEMORY, XzFile

__all__ = [
    "LIMIT",
    "archive_members",
    "archive_texts",
    "head_of",
    "read_content",
    "read_lines",
    "read_records",
    "read_text",
]

#: Most bytes that a file or archive may hold, unpacked. The largest of the known sets has 15 MiB.
LIMIT = 256 << 20

_MOST_MEMBERS = 50_000
_DAMAGES = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,  # an encrypted member, or a method this Python has not
    tarfile.TarError,
    zipfile.BadZipFile,
    lzma.LZMAError,
    zlib.error,
)


class _TooLargeError(ValueError):
    """More than :data:`LIMIT` bytes."""

    def __init__(self) -> None:
        super().__init__(f"it holds more than {LIMIT >> 20} MiB")


def read_content(path: str | Path) -> bytes:
    """Return the bytes of a file, decompressed when it is an ``xz``, ``gzip`` or ``bzip2`` file.

    Raises:
        DataError: when it is missing, a folder, truncated or larger than :data:`LIMIT`.
    """
    name = printable(str(path))
    with open_source(path) as file:
        try:
            packed = _bounded(file)
        except (OSError, ValueError) as error:
            raise DataError(f"cannot be read ({one_line(error)})", name) from error
    try:
        for magic, unpack in _UNPACKERS.items():
            if packed.startswith(magic):
                return unpack(packed)
    except _DAMAGES as error:
        raise DataError(f"is truncated or damaged ({one_line(error)}); fetch it again", name) from error
    return packed


def head_of(packed: bytes, size: int = 1 << 16) -> bytes:
    """Return the beginning of what a file holds, given its first bytes; empty when they are damaged."""
    try:
        if packed.startswith(b"\xfd7zXZ\0"):
            return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY).decompress(packed, size)
        if packed.startswith(b"\x1f\x8b"):
            return zlib.decompressobj(wbits=31).decompress(packed, size)
        if packed.startswith(b"BZh"):
            return bz2.BZ2Decompressor().decompress(packed, size)
    except _DAMAGES:
        return b""
    return packed[:size]


def read_text(path: str | Path) -> str:
    """Return the text of a UTF-8 file, which may be compressed; a byte order mark is taken off.

    Raises:
        DataError: as :func:`read_content`, and when it is not UTF-8.
    """
    try:
        return read_content(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"is not UTF-8 text ({one_line(error)})", printable(str(path))) from error


def read_lines(path: str | Path) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of :func:`read_text`, split at line feeds alone, without carriage returns."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        yield number, line.removesuffix("\r")


def read_records(
    path: str | Path, fields: tuple[str, ...], on_error: OnError = raise_error
) -> Iterator[tuple[int | None, dict[str, Any]]]:
    """Yield the JSON objects of a file, one a line or all in an array, with the numbers of their lines.

    Args:
        path: The file.
        fields: What each object must have.
        on_error: Takes the error of an object that is left out.

    Raises:
        DataError: when the file cannot be read, or is an array that is not JSON.
    """
    name = printable(str(path))
    text = read_text(path)
    found: Iterable[tuple[int | None, Any]]
    if text.lstrip().startswith("["):
        try:
            found = [(None, record) for record in parse_json(text)]
        except DataError as error:
            raise DataError(error.reason, name) from error
    else:
        found = _line_records(text, name, on_error)
    for number, record in found:
        lacking = [field for field in fields if not isinstance(record, dict) or field not in record]
        if lacking:
            on_error(DataError(f"has a record without the field {quote(lacking[0])}", name, number))
        else:
            yield number, record


def archive_members(path: str | Path, pattern: str = "*") -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the files in an archive (tar or zip, compressed or not) or a folder, by name.

    Files that systems leave behind (``._name``, ``.DS_Store``) are skipped. The content stays in memory and
    the names are never used as paths.

    Args:
        path: The archive or folder.
        pattern: Which names count, with ``*`` for any characters.

    Raises:
        DataError: when it is missing, truncated, larger than :data:`LIMIT`, or no archive.
    """
    name = printable(str(path))
    is_folder = Path(path).is_dir()
    content = b"" if is_folder else read_content(path)

    def is_wanted(member: str) -> bool:
        return fnmatchcase(member, pattern) and not member.rpartition("/")[2].startswith(".")

    try:
        if is_folder:
            found = _folder_files(Path(path), is_wanted)
        elif content.startswith(b"PK\x03\x04"):
            found = _zip_files(content, is_wanted)
        else:
            found = _tar_files(content, is_wanted)
    except _DAMAGES as error:
        raise DataError(
            f"is no archive, or it is truncated or damaged ({one_line(error)}); fetch it again", name
        ) from error
    yield from sorted(found.items())


def archive_texts(path: str | Path, pattern: str = "*", encoding: str = "utf-8") -> Iterator[tuple[str, str]]:
    """Yield name and text of the files that :func:`archive_members` yields.

    Raises:
        DataError: also when one is not text in this encoding.
    """
    for member, content in archive_members(path, pattern):
        try:
            yield member, content.decode(encoding)
        except UnicodeDecodeError as error:
            raise DataError(
                f"{printable(member)} in it is not {encoding} text ({one_line(error)})", printable(str(path))
            ) from error


def _line_records(text: str, name: str, on_error: OnError) -> Iterator[tuple[int | None, Any]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, parse_json(line)
        except DataError as error:
            on_error(DataError(error.reason, name, number))


def _bounded(file: BinaryIO | BufferedReader | gzip.GzipFile | bz2.BZ2File) -> bytes:
    """Read all of a file that has no more than :data:`LIMIT` bytes."""
    content: bytes = file.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise _TooLargeError
    return content


def _from_xz(packed: bytes) -> bytes:
    """Decompress xz data, all streams one after the other."""
    return _bounded(BufferedReader(XzFile(BytesIO(packed))))


def _from_gzip(packed: bytes) -> bytes:
    with gzip.GzipFile(fileobj=BytesIO(packed)) as file:
        return _bounded(file)


def _from_bzip2(packed: bytes) -> bytes:
    with bz2.BZ2File(BytesIO(packed)) as file:
        return _bounded(file)


#: First bytes of a compressed file -> what decompresses it.
_UNPACKERS: dict[bytes, Callable[[bytes], bytes]] = {
    b"\xfd7zXZ\0": _from_xz,
    b"\x1f\x8b": _from_gzip,
    b"BZh": _from_bzip2,
}


def _tar_files(content: bytes, is_wanted: Callable[[str], bool]) -> dict[str, bytes]:
    found = {}
    total = 0
    position = -1
    with tarfile.open(fileobj=BytesIO(content), mode="r:") as archive:
        for number, member in enumerate(archive):
            if member.offset <= position or number >= _MOST_MEMBERS:
                raise ValueError("its members do not follow each other, or are too many")
            position = member.offset
            if not member.isreg() or not is_wanted(member.name):
                continue
            total += member.size
            if total > LIMIT:
                raise _TooLargeError
            file = archive.extractfile(member)
            if file is not None:
                found[member.name] = file.read()
    return found


def _zip_files(content: bytes, is_wanted: Callable[[str], bool]) -> dict[str, bytes]:
    found = {}
    total = 0
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for member in archive.infolist()[:_MOST_MEMBERS]:
            if not member.filename or member.is_dir() or not is_wanted(member.filename):
                continue
            with archive.open(member) as file:
                found[member.filename] = file.read(LIMIT - total + 1)
            total += len(found[member.filename])
            if total > LIMIT:
                raise _TooLargeError
    return found


def _folder_files(folder: Path, is_wanted: Callable[[str], bool]) -> dict[str, bytes]:
    found = {}
    total = 0
    for number, file in enumerate(folder.rglob("*")):
        if number >= _MOST_MEMBERS:
            raise ValueError(f"it holds more than {_MOST_MEMBERS:,} files")
        member = file.relative_to(folder).as_posix()
        if not file.is_file() or not is_wanted(member):
            continue
        with file.open("rb") as stream:
            found[member] = stream.read(LIMIT - total + 1)
        total += len(found[member])
        if total > LIMIT:
            raise _TooLargeError
    return found
