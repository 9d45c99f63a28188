"""Classes of English words that say little of what a span means: small words and numbers."""

from __future__ import annotations

import re

__all__ = ["is_number", "is_small"]

_SMALL = frozenset(
    """
    a about above across after against all along among an and any around as at away back be before behind
    below between both but by down during each either every for from had has have her his if in inside into
    its just least less like more most near nearly no nor not of off on only onto or other our out outside
    over per s same several since some such than that the their them then these they this those through
    to toward towards under until up upon was were when where which while who whom whose with within without
    """.split()  # noqa: SIM905 - a list of strings would be a page long
)
_NUMBERS = frozenset(
    """
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds
    thousand thousands million millions billion dozen dozens scores
    """.split()  # noqa: SIM905 - as above
)


def is_small(word: str) -> bool:
    """Whether a word is an article, a preposition or the like."""
    return word.lower() in _SMALL


def is_number(word: str) -> bool:
    """Whether a word is a number, in digits or in letters."""
    return word.lower() in _NUMBERS or re.fullmatch(r"\d+", word) is not None
