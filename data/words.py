"""Words: the units that spans begin and end on.

A word is a maximal run of letters, digits and underscores, or one single other character that is not white
space (a full stop, a dash, an emoji); either takes along the combining marks and joiners behind it. The same
rule serves training, prediction, evaluation and the column formats, so a span never starts or ends inside a
word anywhere.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence

__all__ = ["each_word", "word_offsets", "word_range"]

_WORD = re.compile(r"\w+|[^\w\s]")
_MARK = "\u0301"  # stands for every mark and joiner while words are sought
_MARKED_WORD = re.compile(rf"{_MARK}*\w[\w{_MARK}]*|[^\w\s]{_MARK}*")
_JOINERS = frozenset("\u00ad\u200c\u200d\u2060")  # soft hyphen, zero-width (non-)joiner, word joiner


def word_offsets(text: str) -> list[tuple[int, int]]:
    r"""Return the half-open character offsets of the words of ``text``, in order, without overlap.

    Every character that is not white space lies in exactly one word. Combining marks (Unicode category M) and
    joiners, at which ``\w`` alone would split, belong to the word they follow; behind white space they open
    the word that follows them.

    >>> word_offsets("Al-Rai's 3,000")
    [(0, 2), (2, 3), (3, 6), (6, 7), (7, 8), (9, 10), (10, 11), (11, 14)]
    >>> word_offsets("cafe\u0301 bomb")
    [(0, 5), (6, 10)]
    """
    return list(each_word(text))


def each_word(text: str) -> Iterator[tuple[int, int]]:
    """Return an iterator over what :func:`word_offsets` returns, for texts of which a list would be large."""
    pattern = _WORD
    if not text.isascii():
        attached = {ord(c): _MARK for c in set(text) if c in _JOINERS or unicodedata.category(c)[0] == "M"}
        if attached:
            pattern = _MARKED_WORD
            text = text.translate(attached)  # one character for one: offsets stay
    return map(re.Match.span, pattern.finditer(text))


def word_range(words: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """Return which words the stretch ``start:end`` of a text touches.

    >>> word_range([(0, 2), (3, 8), (9, 12)], 3, 11)
    (1, 3)

    Args:
        words: Half-open word offsets, sorted, as :func:`word_offsets` gives them.
        start: Offset of the stretch's first character.
        end: Offset behind its last character.

    Returns:
        Index of the first word and index behind the last.
    """
    first = bisect_left(words, (start + 1, 0))
    if first and words[first - 1][1] > start:  # the word before reaches into the stretch
        first -= 1
    return first, max(first, bisect_left(words, (end, 0)))
