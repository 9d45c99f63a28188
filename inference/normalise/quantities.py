"""Quantities: how many people a phrase counts, with what bounds it.

The grammar, from the left: determiners and adjectives, bounds ("at least"), a number, a range or a vague
word, what bounds it from behind ("or more"); then, joined by "and", further quantities, which are added.
Where no quantity stands, the head noun decides: one for a singular, two or more for a plural.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .nouns import is_plural, is_relative
from .numerals import Numeral, read_numeral, token_at, tokenize
from .phrases import (
    APPROXIMATE,
    AT_LEAST,
    AT_MOST,
    COLLECTIVES,
    CONTAINERS,
    FILLERS,
    FRACTIONS,
    MEASURES,
    NOBODY,
    PLURAL_SCALES,
    SHARES,
    STOPS,
    VAGUE,
    longest_phrase,
    words,
)

__all__ = ["Quantity", "read_quantity"]

_ARTICLES = words("a an one another each every")
_POSSESSIVES = words("his her their its our my your the")
#: Before a number that counts nobody.
_BEFORE_NAMES = words("aged age no number article chapter flight route boeing airbus since unit camp")
#: Behind a number and a hyphen: "a 12-man patrol", "30-odd".
_PEOPLE_UNITS = words("man men woman women member members person people strong plus odd some something")
_LONGEST = 200  # tokens; what is longer is no phrase


@dataclass(frozen=True, slots=True)
class Quantity:
    """How many people a phrase counts.

    Attributes:
        min: Lower bound; 0 when none is stated.
        max: Upper bound, or ``None`` when none is stated.
        approximate: Whether the number is not meant exactly ("about 100").
        vague: Whether there is no number ("dozens").
    """

    min: int
    max: int | None
    approximate: bool = False
    vague: bool = False


_UNREADABLE = Quantity(0, None, vague=True)
_PLURAL = Quantity(2, None, vague=True)
_SHARE = Quantity(1, None, vague=True)  # somebody, of a number that is not told


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
    tokens = tokenize(text)[:_LONGEST]
    if not any(word[0].isalnum() for word in tokens):
        return _UNREADABLE
    begin = next(index for index, word in enumerate(tokens) if word[0].isalnum() or word in "<>~≈≤≥±")
    nobody = longest_phrase(tokens, begin, NOBODY)
    if nobody and not _modifiers(tokens, begin)[1]:
        return Quantity(0, 0)
    found = _first(tokens, begin)
    if found is None:
        return _head(tokens, begin)
    total, index = found
    return _with_others(tokens, index, total)


def _first(tokens: Sequence[str], begin: int) -> tuple[Quantity, int] | None:
    """Return the first quantity of a phrase and the index behind it, or ``None`` when there is none."""
    index, last = begin, ""
    while index < len(tokens):
        word = tokens[index]
        found = _bounded(tokens, index)
        if found is not None:
            return found
        if _is_share(tokens, index):
            return _SHARE, index + 1
        if word in _ARTICLES:
            return _after_article(tokens, index)
        if word == "of" and _holds_people(last):
            index, last = index + 1, ""
            continue
        if index > begin and (word in ("of", "to") or word in STOPS):
            return None
        last, index = word, index + 1
    return None


def _after_article(tokens: Sequence[str], index: int) -> tuple[Quantity, int]:
    """Read what an article opens: one person, a group by its name, or a number behind fillers."""
    behind = index + 1
    while token_at(tokens, behind) in FILLERS:
        behind += 1
    numeral = read_numeral(tokens, behind)
    is_size = numeral is not None and token_at(tokens, numeral.end) == "-"  # a 12-man patrol
    if behind > index + 1 or tokens[index] == "another" or is_size:
        found = _bounded(tokens, behind)
        if found is not None:
            return found
    end = _phrase_end(tokens, index + 1)
    head = token_at(tokens, end - 1)
    if token_at(tokens, end) == "of" and _holds_people(head):
        found = _first(tokens, end + 1)
        if found is not None:
            return found
        if head in ("body", "corpse", "death", "killing", "murder", "life", "abduction", "kidnapping"):
            return Quantity(1, 1), end
    if head in COLLECTIVES and end > index + 1:
        return _collective(head), end
    return Quantity(1, 1), index + 1


def _head(tokens: Sequence[str], begin: int) -> Quantity:
    """Return what a noun phrase without any count says: one, or more than one."""
    begin += _modifiers(tokens, begin)[1]
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
    return _PLURAL if is_plural(head) else Quantity(1, 1)


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
        if word in ("and", ",", "&", "plus") and index > begin:
            index += 1
            while token_at(tokens, index) in ("and", "&", "also"):
                index += 1
            found = _joined(tokens, index, is_single=total == Quantity(1, 1))
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
        found = _bounded(tokens, index)
        end = _phrase_end(tokens, index)
        if found is None and is_single and tokens[index - 1] != "the" and end > index:
            return _head(tokens, index), end
        return found
    if is_single and is_relative(token_at(tokens, index)) and is_relative(token_at(tokens, index - 2)):
        return Quantity(1, 1), index + 1  # a father and daughter
    if token_at(tokens, index) in _ARTICLES and _bounded(tokens, index) is None:
        return _after_article(tokens, index)
    return _bounded(tokens, index)


def _sum(first: Quantity, second: Quantity) -> Quantity:
    ends = (first.max, second.max)
    return Quantity(
        first.min + second.min,
        None if ends[0] is None or ends[1] is None else ends[0] + ends[1],
        first.approximate or second.approximate,
        first.vague or second.vague,
    )


def _modifiers(tokens: Sequence[str], index: int) -> tuple[set[str], int]:
    """Return the kinds of bounds that begin at ``index``, and how many tokens they have."""
    kinds: set[str] = set()
    begin = index
    while index < len(tokens):
        for kind, phrases in (("least", AT_LEAST), ("most", AT_MOST), ("about", APPROXIMATE)):
            length = longest_phrase(tokens, index, phrases)
            if length:
                kinds.add(kind)
                index += length
                break
        else:
            if not kinds or tokens[index] not in FILLERS:
                break
            index += 1
    return kinds, index - begin


def _bounded(tokens: Sequence[str], index: int) -> tuple[Quantity, int] | None:
    """Read a number, range or vague word at ``index``, with the bounds before and behind it."""
    kinds, length = _modifiers(tokens, index)
    begin = index
    index += length
    found = _range(tokens, index) or _vague(tokens, index) or _word(tokens, index)
    if found is None and kinds and _is_share(tokens, index):
        found = _SHARE, index + 1
    if found is None and kinds and length > 1 and token_at(tokens, index) in ("a", "an"):
        found = _after_article(tokens, index)  # at least a soldier
    if found is None and length:  # some people; a minimum of nothing
        return _vague(tokens, begin)
    if found is None:
        return None
    quantity, end = found
    if "about" in kinds:
        quantity = replace(quantity, approximate=True)
    if quantity.min == quantity.max or quantity.vague:
        if "most" in kinds:
            quantity = replace(quantity, min=0)
        elif "least" in kinds:
            quantity = replace(quantity, max=None)
    return _bound_behind(tokens, end, quantity)


_BEHIND: dict[tuple[str, ...], str] = {
    ("or", "more"): "least",
    ("and", "more"): "least",
    ("and", "counting"): "least",
    ("and", "rising"): "least",
    ("plus",): "least",
    ("-", "plus"): "least",
    ("+",): "least",
    ("or", "fewer"): "most",
    ("or", "less"): "most",
    ("or", "so"): "about",
    ("odd",): "about",
    ("-", "odd"): "about",
    ("-", "some"): "about",
    ("or", "thereabouts"): "about",
}


def _bound_behind(tokens: Sequence[str], end: int, quantity: Quantity) -> tuple[Quantity, int]:
    """Apply what stands behind a number: "or more", "or so"; "at least", behind its noun."""
    for phrase, kind in _BEHIND.items():
        if tuple(tokens[end : end + len(phrase)]) == phrase:
            if phrase == ("plus",) and token_at(tokens, end + 1) in {*_ARTICLES, *_POSSESSIVES}:
                continue
            end += len(phrase)
            if kind == "about":
                return replace(quantity, approximate=True), end
            if kind == "least":
                return replace(quantity, max=None), end
            return replace(quantity, min=0), end
    if tuple(tokens[-2:]) == ("at", "least") and quantity.max == quantity.min:
        quantity = replace(quantity, max=None)
    return quantity, end


def _range(tokens: Sequence[str], index: int) -> tuple[Quantity, int] | None:
    """Read a number or two: "12", "between 10 and 15", "10 to 15", "five or six", "10, possibly 15"."""
    opening = token_at(tokens, index)
    is_between = opening in ("between", "anywhere", "from")
    while token_at(tokens, index) in ("between", "anywhere", "from"):
        index += 1
    low = _number(tokens, index)
    if low is None:
        return None
    joint, second = low.end, None
    joiner = token_at(tokens, joint)
    if joiner in ("to", "-", "or", "/") or (is_between and joiner == "and"):
        second = _number(tokens, joint + 1 + _modifiers(tokens, joint + 1)[1], is_second=True)
    else:
        while token_at(tokens, joint) in (",", "(", "and", "or", "but", "if", "not"):
            joint += 1
        kinds, length = _modifiers(tokens, joint)
        if joint > low.end and (kinds & {"most", "about"}):
            second = _number(tokens, joint + length)
    if second is None or (joiner == "/" and second.value <= low.value):
        return Quantity(low.value, low.value), low.end
    least = low.value
    if second.scale > 1 and low.scale == 1 and least < second.value // second.scale:
        least *= second.scale  # two to three hundred
    ends = sorted((least, second.value))
    return Quantity(ends[0], ends[1]), second.end


def _number(tokens: Sequence[str], index: int, is_second: bool = False) -> Numeral | None:
    """Read a number that counts people: no age, no ordinal, no part of a name."""
    while token_at(tokens, index) in ("[", "("):
        index += 1
    numeral = read_numeral(tokens, index)
    if numeral is None:
        return None
    before, behind = token_at(tokens, index - 1), token_at(tokens, numeral.end)
    if before in _BEFORE_NAMES or (before == "-" and not is_second) or _is_share(tokens, index):
        return None
    after = token_at(tokens, numeral.end + 1)
    if behind == "-":
        if after in _PEOPLE_UNITS or read_numeral(tokens, numeral.end + 1) is not None:
            return numeral
        return None
    if behind in MEASURES or behind in ("%", "percent", "per", "'s", "percentage"):
        return None
    return numeral


def _is_share(tokens: Sequence[str], index: int) -> bool:
    """Whether a share begins here: "half", "a third of", "two thirds", "one-sixth", "5 percent"."""
    numeral = read_numeral(tokens, index)
    if numeral is None:
        begin = index + (token_at(tokens, index) in ("a", "an", "the"))
        is_fraction = token_at(tokens, begin) in FRACTIONS and token_at(tokens, begin + 1) == "of"
        return is_fraction or token_at(tokens, index) in SHARES
    end = numeral.end + (token_at(tokens, numeral.end) == "-")
    unit = token_at(tokens, end)
    return unit in SHARES or unit in FRACTIONS or list(tokens[end : end + 2]) == ["per", "cent"]


def _vague(tokens: Sequence[str], index: int) -> tuple[Quantity, int] | None:
    """Read a vague word, a scale in the plural, or both: "several", "dozens", "several hundred"."""
    word = token_at(tokens, index)
    if word == "many" and token_at(tokens, index + 1) in PLURAL_SCALES:
        index, word = index + 1, tokens[index + 1]
    if word in PLURAL_SCALES:
        least, end = PLURAL_SCALES[word], index + 1
        if token_at(tokens, end) == "of" and token_at(tokens, end + 1) in PLURAL_SCALES:
            least, end = least * PLURAL_SCALES[tokens[end + 1]] // 2, end + 2  # tens of thousands
        return Quantity(least, None, vague=True), end
    length = longest_phrase(tokens, index, VAGUE)
    if not length:
        return None
    phrase = tuple(tokens[index : index + length])
    least, end = VAGUE[phrase], index + length
    if phrase[-1] in ("couple", "pair") and token_at(tokens, end) not in ("of", "more", "dozen", "hundred"):
        return None  # two people
    if phrase[-1] in ("number", "numbers", "lot", "lots", "string", "host") and token_at(tokens, end) != "of":
        return None
    scale_at = end + (token_at(tokens, end) == "of")
    numeral = read_numeral(tokens, scale_at)
    if numeral is not None and numeral.scale == numeral.value > 1:
        return Quantity(least * numeral.scale, None, vague=True), numeral.end
    return Quantity(least, None, vague=True), end


def _word(tokens: Sequence[str], index: int) -> tuple[Quantity, int] | None:
    """Read a word that is a count by itself."""
    if token_at(tokens, index) == "both":
        return Quantity(2, 2), index + 1
    return None
