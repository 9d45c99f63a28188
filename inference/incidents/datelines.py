"""Datelines: where and when a report was written, "BAMAKO, Mali, March 3 (XX) -- Gunmen ..."."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["in_dateline"]

_LONGEST = 120  # characters
_WORD = r"(?:[^\W\d_a-z][\w./’'-]*|\d[\d./-]*)"  # with a capital, or a number
_ITEM = rf"{_WORD}(?:[^\S\n]+(?:(?:of|the|and|de|del|la)[^\S\n]+)?{_WORD}){{0,3}}"
_DATELINE = re.compile(
    rf"[^\S\n]*{_ITEM}(?:[^\S\n]*[,|][^\S\n]*{_ITEM}){{0,5}}[^\S\n]*(?:\([^)\n]{{1,30}}\)[^\S\n]*)?"
    r"(?:--|—|[–|-][^\S\n]|(?<=[A-Z]):[^\S\n])[^\S\n]*(?=[\"'“‘«]?[^\W_a-z])"
)


def in_dateline(text: str, offset: int) -> bool:
    """Whether an offset is in the dateline that opens its line.

    That is names and numbers between commas or bars, at most an agency in brackets behind them, and a dash or
    bar, behind capitals also a colon, before a word with a capital.

    >>> text = "GAO, Mali | 3 March | Shells fell on Menaka."
    >>> in_dateline(text, text.index("Mali")), in_dateline(text, text.index("Menaka"))
    (True, False)
    """
    line = text.rfind("\n", 0, offset) + 1
    return offset - line <= _LONGEST and offset < _end(text, line)


@lru_cache(16)
def _end(text: str, line: int) -> int:
    """Return where the dateline of a line ends, -1 where it has none."""
    match = _DATELINE.match(text, line)
    return -1 if match is None else match.end()
