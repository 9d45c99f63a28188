"""Words: the units that spans begin and end on.

A word is a maximal run of letters, digits, underscores and the marks and joiners that attach to them, or one single
other character that is not white space (a full stop, a dash, an emoji). The same rule serves training, prediction,
evaluation and the column formats, so a span never starts or ends inside a word anywhere.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["word_offsets"]

_WORD = re.compile(r"\w+|[^\w\s]")
_JOINERS = frozenset("\u00ad\u200c\u200d\u2060")  # soft hyphen, zero-width (non-)joiner, word joiner


def word_offsets(text: str) -> list[tuple[int, int]]:
    """Return the half-open character offsets of the words of ``text``, in order, without overlap.

    Combining marks (Unicode category M) and joiners belong to the word they follow, which ``\\w`` alone would split:

    >>> word_offsets("Al-Rai's 3,000")
    [(0, 2), (2, 3), (3, 6), (6, 7), (7, 8), (9, 10), (10, 11), (11, 14)]
    >>> word_offsets("cafe\\u0301 bomb")
    [(0, 5), (6, 10)]
    """
    if not text.isascii():
        attached = {ord(c): "x" for c in set(text) if c in _JOINERS or unicodedata.category(c)[0] == "M"}
        if attached:
            text = text.translate(attached)  # one character for one: offsets stay
    return [match.span() for match in _WORD.finditer(text)]
