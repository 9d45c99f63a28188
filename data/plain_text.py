"""Plain text files: bytes to text, or what they are instead."""

from __future__ import annotations

from .errors import DataError

__all__ = ["decode_text", "kind_of"]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
#: First bytes of files that people take for text -> what they are, and how to get at their text.
_KINDS = {
    b"\xff\xfe": "UTF-16 text; convert it to UTF-8: iconv -f UTF-16 -t UTF-8 OLD > NEW",
    b"\xfe\xff": "UTF-16 text; convert it to UTF-8: iconv -f UTF-16 -t UTF-8 OLD > NEW",
    b"%PDF": "a PDF document; extract its text first, for example with pdftotext",
    b"PK\x03\x04": "a zip archive or an office document; unpack it, or save it as plain text in UTF-8",
    b"\x1f\x8b": "a gzip archive; unpack it first: gunzip -k FILE",
    b"\xfd7zXZ\x00": "compressed with xz; unpack it first: unxz -k FILE",
    b"BZh91AY&SY": "compressed with bzip2; unpack it first: bunzip2 -k FILE",
}
_NUL_SHARE = 0.05  # from here on a decodable file is taken for binary data


def kind_of(content: bytes) -> str | None:
    """Return what a file is that begins like this, and how to get at its text; ``None`` if it may be text.

    >>> kind_of(b"%PDF-1.7")
    'a PDF document; extract its text first, for example with pdftotext'
    """
    return next((kind for start, kind in _KINDS.items() if content.startswith(start)), None)


def decode_text(content: bytes, name: str) -> str:
    """Decode a text file strictly as UTF-8, with or without a byte order mark; line ends stay as they are.

    Args:
        content: The file's bytes.
        name: The file's name, for the error.

    Raises:
        DataError: saying what the file is or at which byte it stops being UTF-8, and what to do.
    """
    kind = kind_of(content)
    if kind is not None:
        raise DataError(f"is {kind}", name)
    nuls = content.count(0)
    binary = nuls > _NUL_SHARE * len(content)
    try:
        text = content.removeprefix(_BYTE_ORDER_MARK).decode("utf-8")
    except UnicodeDecodeError as error:
        offset = error.start + len(content) - len(error.object)
        what = "binary data" if binary else "not UTF-8 text"
        raise DataError(
            f"{what}: byte 0x{content[offset]:02x} at position {offset + 1} is not UTF-8; "
            "save it as plain text in UTF-8, or convert it: iconv -f ENCODING -t UTF-8 OLD > NEW",
            name,
        ) from error
    if binary:
        first = content.index(0) + 1
        raise DataError(
            f"binary data or UTF-16 text: {nuls} of {len(content)} bytes are NUL, the first at position "
            f"{first}; save it as plain text in UTF-8",
            name,
        )
    return text
