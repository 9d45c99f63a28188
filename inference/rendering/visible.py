"""Text that may be shown: nothing in it commands the terminal or the browser."""

from __future__ import annotations

import re

__all__ = ["one_line", "visible"]

# C0 controls but tab and line feed, DEL, C1 controls, line and paragraph separators, lone surrogates.
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_BIDI = "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides and isolates
_CONTROL = re.compile(f"[{_CONTROLS}]")
_CONTROL_OR_BIDI = re.compile(f"[{_CONTROLS}{_BIDI}]")


def visible(text: str, *, keep_bidi: bool = False) -> str:
    r"""Replace characters that act instead of being seen by something that is seen.

    C0 controls become their control pictures, all others a backslash escape; ``\r\n`` becomes ``\n``, which
    stays, as does the tab. The result can be encoded as UTF-8.

    Args:
        text: Any Unicode text.
        keep_bidi: Keep what changes the direction of writing; right where each piece is isolated.

    >>> visible("a\x1b[31mb\x9b\x00")
    'a␛[31mb\\x9b␀'
    """
    pattern = _CONTROL if keep_bidi else _CONTROL_OR_BIDI
    return pattern.sub(_picture, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Return :func:`visible` text with runs of white space, line breaks included, as one space."""
    return visible(" ".join(text.split()))


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
