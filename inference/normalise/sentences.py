"""Sentences of a whole text: those of its paragraphs, so that a headline is one of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...data.splitting import sentence_offsets

__all__ = ["sentences"]

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")


def sentences(text: str) -> Iterator[tuple[int, int]]:
    r"""Yield the half-open offsets of the sentences, without white space at the edges; blank lines part them.

    >>> list(sentences("TEN DIE IN HOMS\n\nTen people died. Two are missing."))
    [(0, 15), (17, 33), (34, 50)]
    """
    for start, end in sentence_offsets(text):
        begin = start
        for match in _BLANK_LINE.finditer(text, start, end):
            yield begin, match.start()
            begin = match.end()
        yield begin, end
