"""Quantities: how many people a phrase counts.

The grammar, from the left: determiners and adjectives, bounds ("at least"), a number, a range or a vague
word, what bounds it from behind ("or more"); then, joined by "and", further quantities, which are added.
Where no quantity stands, the head noun decides: one for a singular, two or more for a plural.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from .bounds import Quantity, bounded, is_share, read_bounds, read_number
from .nouns import is_plural, is_relative, singular
from .numerals import read_numeral, token_at, tokenize
from .phrases import (
    COLLECTIVES,
    CONTAINERS,
    FILLERS,
    HARMED,
    NOBODY,
    STOPS,
    longest_phrase,
    without_parts,
    words,
)

__all__ = ["Quantity", "read_quantity"]

_ARTICLES = words("a an one another each every")
_POSSESSIVES = words("his her their its our my your the")
_UNREADABLE = Quantity(0, None, vague=True)
_PLURAL = Quantity(2, None, vague=True)
_ONE = Quantity(1, 1)


@lru_cache(4096)
def read_quantity(text: str) -> Quantity:
    """Return how many people ``text`` counts; of any text, so that nothing is ever raised.

    >>> read_quantity("at least thirty-seven people")
    Quantity(min=37, max=None, approximate=False, vague=False)
    >>> read_quantity("dozens of villagers")
    Quantity(min=24, max=None, approximate=False, vague=True)
    >>> read_quantity("a soldier"), read_quantity("between 10 and 15")
    (Quantity(min=1, max=1, approximate=False, vague=False), Quantity(min=10, max=15, approximate=False, \
vague=False))
    """
    tokens = tokenize(without_parts(text))
    if not any(word[0].isalnum() for word in tokens):
        return _UNREADABLE
    begin = next(index for index, word in enumerate(tokens) if word[0].isalnum() or word in "<>~≈≤≥±")
    nobody = longest_phrase(tokens, begin, NOBODY)
    if nobody and not read_bounds(tokens, begin)[1]:
        return Quantity(0, 0)
    total, index = _first(tokens, begin) or (_head(tokens, begin), begin)
    return _with_others(tokens, index, total)


def _first(tokens: Sequence[str], begin: int) -> tuple[Quantity, int] | None:
    """Return the first quantity of a phrase and the index behind it, or ``None`` when there is none."""
    index, last = begin, ""
    while index < len(tokens):
        word = tokens[index]
        found = _counted(tokens, index)
        if found is not None:
            return _with_uncounted(tokens, begin, index, found)
        if is_share(tokens, index):
            return Quantity(1, None, vague=True), index + 1  # somebody, of a number that is not told
        if word in _ARTICLES:
            return _with_uncounted(tokens, begin, index, _after_article(tokens, index))
        if word == "of" and _holds_people(last):
            index, last = index + 1, ""
            continue
        if index > begin and (word in ("of", "to", "aged") or word in STOPS):
            return None
        last, index = word, index + 1
    return None


def _with_uncounted(
    tokens: Sequence[str], begin: int, end: int, found: tuple[Quantity, int]
) -> tuple[Quantity, int]:
    """Add who is not counted before a count: "villagers and two soldiers", "his wife and two sons"."""
    noun = token_at(tokens, end - 2)
    if end - begin < 2 or tokens[end - 1] not in ("and", "&", "plus") or noun in HARMED:
        return found
    if is_plural(noun):
        return _sum(_PLURAL, found[0]), found[1]
    return (_sum(_ONE, found[0]), found[1]) if tokens[begin] in _POSSESSIVES else found


def _counted(tokens: Sequence[str], index: int) -> tuple[Quantity, int] | None:
    """Read a number with its bounds, or what an article opens behind bounds: "at least a soldier"."""
    found = read_number(tokens, index)
    if found is not None:
        return _of_groups(tokens, found[1], found[0]), found[1]
    kinds, length = read_bounds(tokens, index)
    if length < 2 or token_at(tokens, index + length) not in ("a", "an"):
        return None
    quantity, end = _after_article(tokens, index + length)
    return bounded(quantity, kinds), end


def _of_groups(tokens: Sequence[str], end: int, quantity: Quantity) -> Quantity:
    """Return how many people so many groups are, where the noun behind the number means several of them."""
    head = token_at(tokens, _phrase_end(tokens, end) - 1)
    group = singular(head)
    if head == group or group not in COLLECTIVES:
        return quantity
    size = COLLECTIVES[group]
    if size is None:
        return replace(quantity, min=2 * quantity.min, max=None, vague=True)
    return replace(
        quantity, min=size * quantity.min, max=None if quantity.max is None else size * quantity.max
    )


def _after_article(tokens: Sequence[str], index: int) -> tuple[Quantity, int]:
    """Read what an article opens: one person, a group by its name, or a number behind fillers."""
    behind = index + 1
    while token_at(tokens, behind) in FILLERS:
        behind += 1
    numeral = read_numeral(tokens, behind)
    is_size = numeral is not None and token_at(tokens, numeral.end) == "-"  # a 12-man patrol
    if behind > index + 1 or tokens[index] == "another" or is_size:
        found = _counted(tokens, behind)
        if found is not None:
            return found
    end = _phrase_end(tokens, index + 1)
    head = token_at(tokens, end - 1)
    if token_at(tokens, end) == "of" and _holds_people(head):
        found = _first(tokens, end + 1)
        if found is not None:
            return found
        if head in ("body", "corpse", "death", "killing", "murder", "life", "abduction", "kidnapping"):
            return _ONE, end
    if head in COLLECTIVES and end > index + 1:
        return _collective(head), end - 1
    return _ONE, index + 1


def _head(tokens: Sequence[str], begin: int) -> Quantity:
    """Return what a noun phrase without any count says: one, or more than one."""
    begin += read_bounds(tokens, begin)[1]
    end = _phrase_end(tokens, begin)
    if token_at(tokens, end) == "of" and token_at(tokens, end - 1) in CONTAINERS:
        begin, end = end + 1, _phrase_end(tokens, end + 1)
    head = next((word for word in reversed(tokens[begin:end]) if word[0].isalpha()), "")
    if not head:
        return _UNREADABLE
    if head in COLLECTIVES:
        return _collective(head)
    if head.endswith("ed") and is_plural(token_at(tokens, tokens.index(head, begin) - 1)):
        return _PLURAL  # individuals involved in an election
    return _PLURAL if is_plural(head) else _ONE


def _holds_people(noun: str) -> bool:
    """Whether the count stands behind "of": a total of 12, a group of nine."""
    return noun in CONTAINERS or noun in COLLECTIVES


def _collective(noun: str) -> Quantity:
    """Return how many people a group is by its name."""
    size = COLLECTIVES[noun]
    return _PLURAL if size is None else Quantity(size, size)


def _phrase_end(tokens: Sequence[str], begin: int) -> int:
    """Return the index behind the last word of the noun phrase that begins at ``begin``."""
    index = begin
    while index < len(tokens):
        word = tokens[index]
        if word in STOPS or word in ("of", "from", "to", "and", "or") or word in ',;:()[]/"':
            break
        index += 1
    return index


def _with_others(tokens: Sequence[str], index: int, total: Quantity) -> Quantity:
    """Add the quantities that are joined to the first: "three soldiers and a policeman"."""
    begin = index
    while index < len(tokens):
        word = tokens[index]
        if word in STOPS or word in ("of", "from"):
            if token_at(tokens, begin) == "of" and index == begin:
                index += 1
                continue
            break
        is_article = token_at(tokens, index + 1) in ("a", "an")
        if word in ("and", ",", "&", "plus") and (
            index > begin or (word != "," and (is_article or not total.vague))
        ):
            index += 1
            while token_at(tokens, index) in ("and", "&", "also"):
                index += 1
            found = _joined(tokens, index, is_single=total == _ONE)
            if found is not None:
                total = _sum(total, found[0])
                begin = index = found[1]
            continue
        index += 1
    return total


def _joined(tokens: Sequence[str], index: int, is_single: bool) -> tuple[Quantity, int] | None:
    """Read a quantity behind a conjunction; behind a single person, a relative counts without one."""
    if token_at(tokens, index) in _POSSESSIVES:
        index += 1
        found = _counted(tokens, index)
        if found is None and is_single and tokens[index - 1] != "the" and _phrase_end(tokens, index) > index:
            return _head(tokens, index), index
        return found
    noun = token_at(tokens, index)
    if is_single and is_relative(noun) and is_relative(token_at(tokens, index - 2)):
        return _ONE, index  # a father and daughter
    if is_single and is_plural(noun) and noun not in HARMED:
        return _PLURAL, index  # a woman and children
    found = _counted(tokens, index)
    if found is None:
        return _after_article(tokens, index) if noun in _ARTICLES else None
    return None if _is_bare(tokens, index, found[1]) else found


def _is_bare(tokens: Sequence[str], index: int, end: int) -> bool:
    """Whether a joined number has no noun, and so is an age: "a boy, 12", "two brothers, 12 and 14"."""
    numeral = read_numeral(tokens, index)
    return (
        numeral is not None
        and numeral.end == end
        and token_at(tokens, end) in ("", ",", "and", "&", ")", ";")
    )


def _sum(first: Quantity, second: Quantity) -> Quantity:
    ends = (first.max, second.max)
    return Quantity(
        first.min + second.min,
        None if ends[0] is None or ends[1] is None else ends[0] + ends[1],
        first.approximate or second.approximate,
        first.vague or second.vague,
    )
