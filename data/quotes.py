"""Values as error messages quote them: short and in one line, whatever they hold."""

from __future__ import annotations

import reprlib
from typing import Any

__all__ = ["one_line", "printable", "quote"]

_LONGEST_NUMBER = 10**30
_LONGEST_QUOTE = 160  # characters


class _Short(reprlib.Repr):
    """Shortens strings, collections and numbers of any size without writing them out first."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 2
        self.maxstring = self.maxother = 60

    def repr_int(self, value: int, level: int) -> str:
        """Leave out the digits of a number that Python would refuse to write."""
        return repr(value) if abs(value) < _LONGEST_NUMBER else "a number of more than 30 digits"


def quote(value: Any) -> str:
    r"""Return the literal of ``value`` in one printable line, shortened in the middle.

    >>> quote("two\nlines")
    "'two\\nlines'"
    >>> quote(list(range(100)))
    '[0, 1, 2, 3, 4, 5, ...]'
    """
    quoted = printable(_Short().repr(value))
    return quoted if len(quoted) <= _LONGEST_QUOTE else quoted[: _LONGEST_QUOTE - 3] + "..."


def printable(text: str) -> str:
    r"""Escape what a terminal would not show as it stands: control characters, line breaks, lone surrogates.

    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def one_line(error: BaseException) -> str:
    r"""Return what an error of another library says, in one printable line, shortened at the end.

    >>> one_line(ValueError("  bad header\n\tat byte 3\n"))
    'bad header at byte 3'
    >>> one_line(KeyError())
    'KeyError'
    """
    said = printable(" ".join(str(error).split())) or type(error).__name__
    return said if len(said) <= _LONGEST_QUOTE else said[: _LONGEST_QUOTE - 3] + "..."
