"""Files packed with xz, read piece by piece in bounded memory."""

from __future__ import annotations

import io
import lzma
from typing import Any, BinaryIO

__all__ = ["XZ_MEMORY", "XzFile"]

#: Most bytes that unpacking may take; a file of a few bytes can ask for gigabytes. ``xz -9`` asks for 65 MiB.
XZ_MEMORY = 192 << 20

_CHUNK = 1 << 16  # bytes


class XzFile(io.RawIOBase):
    """The unpacked bytes of all streams of a file, one after the other.

    Args:
        packed: The file.

    Reading raises:
        EOFError: when the file ends too soon.
        LZMAError: when it is damaged, packed by something else, or asks for more than :data:`XZ_MEMORY`.
    """

    def __init__(self, packed: BinaryIO) -> None:
        super().__init__()
        self._packed = packed
        self._decoder = _decoder()

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as there is something, and return how far."""
        piece = b""
        while not piece:
            rest = b""
            if self._decoder.eof:
                rest = self._decoder.unused_data.lstrip(b"\0")  # the filling between streams
                while not rest and (more := self._packed.read(_CHUNK)):
                    rest = more.lstrip(b"\0")
                if not rest:
                    return 0
                self._decoder = _decoder()
            elif self._decoder.needs_input:
                rest = self._packed.read(_CHUNK)
                if not rest:
                    raise EOFError("the packed data ends too soon")
            piece = self._decoder.decompress(rest, len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def _decoder() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)
