"""Word index: where the words of a text begin, so that what is looked for is tried there and nowhere else."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["DIGITS", "in_small_letters", "is_in_small_letters", "word_starts"]

#: Stands for any digits among the beginnings of words.
DIGITS = "0"

_BEGINNING = 3  # letters by which words are found
_WORD = re.compile(rf"([^\W\d_]{{1,{_BEGINNING}}})[^\W\d_]*|\d+")
_UNUSUAL = (("İ", "i"), ("ı", "i"), ("ſ", "s"))  # the first is two characters in small letters


@lru_cache(8)
def in_small_letters(text: str) -> str:
    """Return a text in small letters with the same offsets, on which patterns need not ignore case.

    >>> in_small_letters("İzmir, 3 May")
    'izmir, 3 may'
    """
    if not text.isascii():
        for letter, small in _UNUSUAL:
            text = text.replace(letter, small)
    return text.lower()


@lru_cache(8)
def is_in_small_letters(text: str) -> bool:
    """Whether a text has letters, and no capital ones; looked up once for all of its names."""
    return text.islower()


@lru_cache(32)
def word_starts(text: str, beginnings: frozenset[str]) -> tuple[tuple[int, str], ...]:
    """Return where words with some beginnings stand, and those beginnings, in order.

    A word is letters alone, or digits alone.

    Args:
        text: The text.
        beginnings: The first three letters of words, in small letters, all of a shorter one, or ``DIGITS``.

    >>> word_starts("On 3 May they fled.", frozenset({"may", "on", DIGITS}))
    ((0, 'on'), (3, '0'), (5, 'may'))
    """
    return tuple([word for word in _words(text) if word[1] in beginnings])


@lru_cache(8)
def _words(text: str) -> list[tuple[int, str]]:
    """Return the offsets of all words with their beginnings."""
    return [(word.start(), word[1] or DIGITS) for word in _WORD.finditer(in_small_letters(text))]
