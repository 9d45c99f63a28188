"""Nouns for people: which are plural, which name relatives."""

from __future__ import annotations

from .phrases import words

__all__ = ["is_plural", "is_relative", "singular"]

_PLURALS = words(
    """people men women children police troops personnel staff others folk clergy brethren infantry cavalry
    security military elderly injured wounded dead killed missing mujahideen mujahedeen fedayeen all them
    these those everyone everybody"""
)
_SINGULARS = words("hamas news this")
_RELATIVES = words(
    """father mother son daughter brother sister husband wife grandfather grandmother grandson granddaughter
    parent child uncle aunt nephew niece cousin baby man woman boy girl"""
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
    return len(noun) > 3 and noun.endswith(("s", "men", "women", "children"))


def is_relative(noun: str) -> bool:
    """Tell whether a noun in small letters names one relative, so that two joined ones are two people."""
    return noun in _RELATIVES


def singular(noun: str) -> str:
    """Return the singular of a noun in small letters, by its ending; a singular stays.

    >>> singular("policemen"), singular("ladies"), singular("children"), singular("boss")
    ('policeman', 'lady', 'child', 'boss')
    """
    if noun in _SINGULARS or noun.endswith(("ss", "us", "is")):
        return noun
    for plural, single in (("children", "child"), ("men", "man"), ("wives", "wife"), ("ies", "y")):
        if noun.endswith(plural):
            return noun.removesuffix(plural) + single
    return noun.removesuffix("s") if len(noun) > 3 else noun
