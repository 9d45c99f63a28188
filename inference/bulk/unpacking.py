"""Files opened for reading, unpacked where gzip or zstd packed them, whatever their names say."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from ...data.errors import DataError
from ...data.lines import open_source
from ...data.quotes import one_line
from .errors import need_arrow
from .source import SourceFile

__all__ = ["open_unpacked"]

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


@contextmanager
def open_unpacked(file: SourceFile) -> Iterator[tuple[BinaryIO, Callable[[], int]]]:
    """Open a file; what its packing raises in the block becomes a :class:`DataError`.

    Yields:
        The unpacked bytes, and a function that tells how many bytes of the source were read up to now.

    Raises:
        DataError: when it cannot be opened, or is damaged or cut short.
        BulkError: when it is packed with zstd and pyarrow is not installed.
    """
    with open_source(sys.stdin.buffer if file.is_standard_input else file.path) as opened:
        raw: Any = opened if hasattr(opened, "peek") else io.BufferedReader(cast(Any, opened))
        try:
            stream = _unpacked(raw, raw.peek(4)[:4])
            yield stream, lambda: file.before if file.is_standard_input else file.before + raw.tell()
        except (EOFError, zlib.error, OSError) as error:
            raise DataError(
                f"is damaged or cut short ({one_line(error)}); copy or download it again", file.name
            ) from error


def _unpacked(raw: Any, head: bytes) -> BinaryIO:
    if head.startswith(_GZIP):
        return cast(BinaryIO, gzip.GzipFile(fileobj=raw, mode="rb"))
    if head == _ZSTD:
        need_arrow("a file packed with zstd")
        import pyarrow

        return io.BufferedReader(pyarrow.CompressedInputStream(raw, "zstd"))
    return cast(BinaryIO, raw)
