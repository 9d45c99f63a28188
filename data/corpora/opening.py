"""Files of public sets: plain or compressed text, and archives, with errors in one line."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from ..errors import DataError
from ..quotes import one_line, printable

__all__ = ["archive_members", "read_lines", "read_text"]


def read_text(path: str | Path) -> str:
    """Return the text of a UTF-8 file, which may be compressed (``.xz``, ``.gz``, ``.bz2``).

    Raises:
        DataError: when it is missing, a folder, truncated, or not UTF-8.
    """
    name = printable(str(path))
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        raise DataError("there is no such file", name) from None
    except IsADirectoryError:
        raise DataError("is a folder; give a file", name) from None
    except (OSError, ValueError) as error:
        raise DataError(f"cannot be read ({one_line(error)})", name) from error
    unpack = {".xz": lzma.decompress, ".gz": gzip.decompress, ".bz2": bz2.decompress}.get(Path(path).suffix)
    try:
        return (content if unpack is None else unpack(content)).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"is not UTF-8 text ({one_line(error)})", name) from error
    except (OSError, EOFError, ValueError, lzma.LZMAError, zlib.error) as error:
        raise DataError(f"is truncated or damaged ({one_line(error)}); fetch it again", name) from error


def read_lines(path: str | Path) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of :func:`read_text`, split at line feeds alone, without carriage returns."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        yield number, line.removesuffix("\r")


def archive_members(path: str | Path, encoding: str = "utf-8") -> Iterator[tuple[str, str]]:
    """Yield name and text of each file in a tar archive, compressed or not, sorted by name.

    Files that file systems of others leave behind (``._name``, ``.DS_Store``) are skipped.

    Raises:
        DataError: when the archive is missing, truncated, or none.
    """
    name = printable(str(path))
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                hidden = Path(member.name).name.startswith(".")
                file = None if hidden or not member.isfile() else archive.extractfile(member)
                if file is not None:
                    found[member.name] = file.read()
    except FileNotFoundError:
        raise DataError("there is no such file", name) from None
    except IsADirectoryError:
        raise DataError("is a folder; give the archive", name) from None
    except (tarfile.TarError, OSError, EOFError, ValueError, lzma.LZMAError, zlib.error) as error:
        raise DataError(
            f"is no tar archive, or it is truncated or damaged ({one_line(error)}); fetch it again", name
        ) from error
    for member_name, content in sorted(found.items()):
        try:
            yield member_name, content.decode(encoding)
        except UnicodeDecodeError as error:
            raise DataError(
                f"{member_name} in it is not {encoding} text ({one_line(error)})", name
            ) from error
