"""Nouns for people: whether they are plural, whose relatives they are."""

from __future__ import annotations

__all__ = ["is_plural", "kin"]

_PLURALS = frozenset(
    [
        "people",
        "men",
        "women",
        "children",
        "police",
        "troops",
        "personnel",
        "staff",
        "others",
        "folk",
        "clergy",
        "brethren",
        "infantry",
        "cavalry",
        "security",
        "military",
        "crew",
        "elderly",
        "injured",
        "wounded",
        "dead",
        "killed",
        "missing",
        "victims",
    ]
)
_SINGULARS = frozenset(
    ["boss", "princess", "hostess", "abbess", "actress", "heiress", "heress", "news", "us", "this", "his"]
)
_KIN = frozenset(
    [
        "father",
        "mother",
        "son",
        "daughter",
        "brother",
        "sister",
        "husband",
        "wife",
        "grandfather",
        "grandmother",
        "grandson",
        "granddaughter",
        "parent",
        "child",
        "uncle",
        "aunt",
        "nephew",
        "niece",
        "cousin",
        "baby",
        "man",
        "woman",
        "boy",
        "girl",
    ]
)


def is_plural(noun: str) -> bool:
    """Tell whether a noun in small letters is in the plural, by its ending.

    >>> is_plural("soldiers"), is_plural("policemen"), is_plural("hostess")
    (True, True, False)
    """
    if noun in _PLURALS:
        return True
    if noun in _SINGULARS or noun.endswith(("ss", "us", "is")):
        return False
    return len(noun) > 3 and (noun.endswith(("s", "'s")) or noun.endswith(("men", "women", "children")))


def kin(noun: str) -> bool:
    """Tell whether a noun in small letters names a relative or a person by sex: two of them are two people."""
    return noun in _KIN
