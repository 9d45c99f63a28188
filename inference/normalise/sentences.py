"""Sentences of a whole text: those of its paragraphs, so that a headline is one of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ...data.splitting import sentence_offsets

__all__ = ["sentences"]

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_LONGEST = 2000  # characters; what looks at all pairs of things in a sentence must end


@lru_cache(8)
def sentences(text: str) -> tuple[tuple[int, int], ...]:
    r"""Return the half-open offsets of sentences, without white space at the edges; blank lines part them.

    What goes on for more than 2,000 characters is no sentence, and is cut between words.

    >>> sentences("TEN DIE IN HOMS\n\nTen people died. Two are missing.")
    ((0, 15), (17, 33), (34, 50))
    """
    found: list[tuple[int, int]] = []
    for start, end in sentence_offsets(text):
        begin = start
        for match in _BLANK_LINE.finditer(text, start, end):
            found += _pieces(text, begin, match.start())
            begin = match.end()
        found += _pieces(text, begin, end)
    return tuple(found)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a stretch, which does not begin with white space, where it is too long."""
    end = start + len(text[start:end].rstrip())
    while end - start > _LONGEST:
        latest = start + _LONGEST
        cut = next((at for at in range(latest, start, -1) if text[at].isspace()), latest)
        yield start, start + len(text[start:cut].rstrip())
        start = cut
        while text[start].isspace():
            start += 1
    yield start, end
