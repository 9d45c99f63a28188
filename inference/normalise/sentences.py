"""Sentences of a whole text: those of its paragraphs, so that a headline is one of its own."""

from __future__ import annotations

import re
from functools import lru_cache

from ...data.splitting import sentence_offsets

__all__ = ["sentences"]

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")


@lru_cache(8)
def sentences(text: str) -> tuple[tuple[int, int], ...]:
    r"""Return the half-open offsets of sentences, without white space at the edges; blank lines part them.

    >>> sentences("TEN DIE IN HOMS\n\nTen people died. Two are missing.")
    ((0, 15), (17, 33), (34, 50))
    """
    found = []
    for start, end in sentence_offsets(text):
        begin = start
        for match in _BLANK_LINE.finditer(text, start, end):
            found.append((begin, match.start()))
            begin = match.end()
        found.append((begin, end))
    return tuple(found)
