"""Lists of words, as they are written in the modules that use them."""

from __future__ import annotations

__all__ = ["word_list"]


def word_list(text: str) -> frozenset[str]:
    """Return the words of ``text``, which white space separates.

    >>> sorted(word_list("bus car"))
    ['bus', 'car']
    """
    return frozenset(text.split())
