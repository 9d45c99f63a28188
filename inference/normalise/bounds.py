"""Numbers that count people, with the words that bound them: "at least 37", "between 10 and 15", "dozens"."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from .numerals import SCALES, Numeral, may_open, read_numeral, token_at
from .phrases import (
    BOUNDS,
    FILLERS,
    FRACTIONS,
    MEASURES,
    PLURAL_SCALES,
    SHARES,
    VAGUE,
    longest_phrase,
    opens_phrase,
    words,
)

__all__ = ["Quantity", "bounded", "is_share", "read_bounds", "read_number"]

#: With which words counts begin that are neither numbers nor phrases.
_OPENERS = frozenset({"between", "anywhere", "from", "both", "[", "(", *PLURAL_SCALES})
_DETERMINERS = words("a an one another the his her their its our")
#: Before a number that counts nobody.
_BEFORE_NAMES = words("aged age no number article chapter flight route boeing airbus since unit camp")
#: Behind a number and a hyphen: "a 12-man patrol", "30-odd".
_PEOPLE_UNITS = words("man men woman women member members person people strong plus odd ish some something")


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


def read_bounds(tokens: Sequence[str], index: int) -> tuple[set[str], int]:
    """Return the kinds of bounds that begin at ``index``, and how many tokens they have."""
    kinds: set[str] = set()
    begin = index
    while index < len(tokens):
        length = longest_phrase(tokens, index, BOUNDS)
        if length:
            kinds.add(BOUNDS[tuple(tokens[index : index + length])])
        elif not kinds or tokens[index] not in FILLERS:
            break
        index += length or 1
    return kinds, index - begin


def read_number(tokens: Sequence[str], index: int) -> tuple[Quantity, int] | None:
    """Read a number, range or vague word at ``index``, with the bounds before and behind it."""
    word = token_at(tokens, index)
    if not (may_open(word) or opens_phrase(word) or word in _OPENERS):
        return None
    kinds, length = read_bounds(tokens, index)
    begin = index
    index += length
    found = _range(tokens, index) or _vague(tokens, index) or _word(tokens, index)
    if found is None and kinds and is_share(tokens, index):
        found = Quantity(1, None, vague=True), index + 1
    if found is None and length:  # some people; a minimum of nothing
        return _vague(tokens, begin)
    if found is None:
        return None
    quantity, end = found
    return _bound_behind(tokens, end, bounded(quantity, kinds))


def bounded(quantity: Quantity, kinds: Container[str]) -> Quantity:
    """Return a quantity with the bounds that stand before it; a range keeps its own."""
    if "about" in kinds:
        quantity = replace(quantity, approximate=True)
    if quantity.min != quantity.max and not quantity.vague:
        return quantity
    if "most" in kinds:
        return replace(quantity, min=0)
    return replace(quantity, max=None) if "least" in kinds else quantity


#: Behind a number: "or more" bounds it like "at least" before it, and so on.
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
    ("-", "ish"): "about",
    ("-", "some"): "about",
    ("or", "thereabouts"): "about",
}


def _bound_behind(tokens: Sequence[str], end: int, quantity: Quantity) -> tuple[Quantity, int]:
    """Apply what stands behind a number, or at the end, behind its noun: "or more", "or so", "at least"."""
    for phrase, kind in _BEHIND.items():
        if tuple(tokens[end : end + len(phrase)]) == phrase:
            if phrase == ("plus",) and token_at(tokens, end + 1) in _DETERMINERS:
                continue
            return _with_bound(quantity, kind), end + len(phrase)
    last = tuple(tokens[-2:])
    kind = "least" if last == ("at", "least") else _BEHIND.get(last, "")
    return _with_bound(quantity, kind) if quantity.max == quantity.min else quantity, end


def _with_bound(quantity: Quantity, kind: str) -> Quantity:
    if kind == "about":
        return replace(quantity, approximate=True)
    if kind == "least":
        return replace(quantity, max=None)
    return replace(quantity, min=0) if kind == "most" else quantity


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
        second = _number(tokens, joint + 1 + read_bounds(tokens, joint + 1)[1], is_second=True)
    else:
        while token_at(tokens, joint) in (",", "(", "and", "or", "but", "if", "not"):
            joint += 1
        kinds, length = read_bounds(tokens, joint)
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
    if before in _BEFORE_NAMES or (before == "-" and not is_second) or is_share(tokens, index):
        return None
    after = token_at(tokens, numeral.end + 1)
    if behind == "-":
        if after in _PEOPLE_UNITS or read_numeral(tokens, numeral.end + 1) is not None:
            return numeral
        return None
    if behind in MEASURES or behind in ("%", "percent", "per", "'s", "percentage"):
        return None
    return numeral


def is_share(tokens: Sequence[str], index: int) -> bool:
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
    length = longest_phrase(tokens, index, VAGUE)
    if length and token_at(tokens, index + length) in PLURAL_SCALES:  # many hundreds
        index += length
        word = tokens[index]
    if word in PLURAL_SCALES:
        least, end = PLURAL_SCALES[word], index + 1
        if token_at(tokens, end) == "of" and token_at(tokens, end + 1) in PLURAL_SCALES:
            least, end = least * PLURAL_SCALES[tokens[end + 1]] // 2, end + 2  # tens of thousands
        return Quantity(least, None, vague=True), end
    if not length:
        return None
    phrase = tuple(tokens[index : index + length])
    least, end = VAGUE[phrase], index + length
    if phrase[-1] in ("couple", "pair") and token_at(tokens, end) not in ("of", "more", *SCALES):
        return None  # two people
    if phrase[-1] in ("number", "numbers", "lot", "lots") and token_at(tokens, end) not in ("of", ""):
        return None
    scale_at = end + (token_at(tokens, end) == "of")
    numeral = read_numeral(tokens, scale_at)
    if numeral is not None and tokens[scale_at] in SCALES:
        return Quantity(least * numeral.value, None, vague=True), numeral.end
    return Quantity(least, None, vague=True), end


def _word(tokens: Sequence[str], index: int) -> tuple[Quantity, int] | None:
    """Read a word that is a count by itself."""
    if token_at(tokens, index) == "both":
        return Quantity(2, 2), index + 1
    return None
