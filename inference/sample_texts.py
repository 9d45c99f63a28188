"""Texts to measure speed on, made of others."""

from __future__ import annotations

import random
from collections.abc import Sequence

from .start_up import BenchmarkError

__all__ = ["long_text", "make_passages"]

_SHORTEST, _LONGEST = 10, 400  # words of a generated passage


def make_passages(texts: Sequence[str], count: int, seed: int = 0) -> list[str]:
    """Make passages of 10 to 400 words, evenly spread, from sentences of ``texts`` in random order.

    Args:
        texts: At least one with words.
        count: How many to make, at least 1.
        seed: The same seed gives the same passages.

    Raises:
        BenchmarkError: when ``texts`` hold no word.
    """
    if not any(text.split() for text in texts):
        raise BenchmarkError("there are no words to make passages of")
    chance = random.Random(seed)  # noqa: S311 - no secret
    passages = []
    for _ in range(count):
        length = chance.randint(_SHORTEST, _LONGEST)
        words: list[str] = []
        while len(words) < length:
            words += chance.choice(texts).split()
        passages.append(" ".join(words[:length]))
    return passages


def long_text(texts: Sequence[str], size: int) -> str:
    """Return ``size`` ASCII characters of ``texts``, repeated."""
    whole = " ".join(texts).encode("ascii", "ignore").decode() + " "
    return (whole * (size // len(whole) + 1))[:size]
