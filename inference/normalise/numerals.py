"""Numerals: whole numbers in digits and in English words, read from the tokens of a phrase."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

__all__ = ["HYPHENS", "ORDINALS", "SCALES", "Numeral", "may_open", "read_numeral", "token_at", "tokenize"]

_ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {
    **{word: value for value, word in enumerate(_ONES.split())},
    **{word: 10 * value for value, word in enumerate(_TENS.split(), start=2)},
}
#: From the third to the twelfth; in the plural, or before "of", a fraction.
ORDINALS = ("third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth")
#: What multiplies the number before it.
SCALES = {
    "dozen": 12,
    "score": 20,
    "hundred": 100,
    "thousand": 1000,
    "lakh": 10**5,
    "million": 10**6,
    "crore": 10**7,
    "billion": 10**9,
}
#: Hyphens, dashes and the minus, as they stand between square brackets in a pattern.
HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_OPENERS = frozenset({*_SMALL, *SCALES, "a", "an", "half", "quarter", "quarters"})
_SUFFIXES = {"k": 1000, "m": 10**6, "mn": 10**6, "mln": 10**6, "bn": 10**9}
_MOST = 200  # tokens
_LARGEST = 10**11  # more people than ever lived at a time; longer rows of digits are no counts

# Spaces of all widths may group digits by three; Indian grouping has pairs before the last three.
_GROUP = "(?:, |[.,'’ \u00a0\u2009\u202f])"
_NUMBER = rf"\d{{1,3}}(?:,\d\d)+,\d{{3}}(?!\d)|\d{{1,3}}(?:{_GROUP}\d{{3}})+(?!\d)|\d+(?:\.\d+)?(?!\d)"
_TOKEN = re.compile(
    rf"(?<![^\W_])(?:(?:{_NUMBER})(?:(?:k|mn?|mln|bn)\b)?(?![^\W_])"  # 1,000; 2.5; 10k
    r"|[^\W_]+(?:['’][^\W\d_]+)*)"  # words, and mixtures such as 129th
    r"|[^\w\s]"  # also a hyphen inside of a word
)
_DIGITS = re.compile(rf"({_NUMBER})([a-z]*)")
_DECIMAL_COMMA = re.compile(rf"(?<![\d,])(\d+),(\d{{1,2}})(?=\s+(?:{'|'.join(SCALES)})\b)")  # 1,2 million
_QUOTES = frozenset("\"“”„«»'‘’`")
_Number = int | Fraction  # a fraction where there is one, for it takes much longer


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number that was read.

    Attributes:
        value: The number; fractions of a person are dropped.
        scale: The word it was multiplied with at last, as a number; 1 when there is none.
        end: Index of the token behind it.
    """

    value: int
    scale: int
    end: int


def tokenize(text: str) -> list[str]:
    """Return the tokens of a phrase in small letters, the first 200; what is longer is no phrase.

    Hyphens and dashes are ``-``, quotation marks go.

    >>> tokenize("At least thirty-seven of 1,200")
    ['at', 'least', 'thirty', '-', 'seven', 'of', '1,200']
    """
    small = _DECIMAL_COMMA.sub(r"\1.\2", text.lower()) if "," in text else text.lower()
    tokens = (match[0] for match in _TOKEN.finditer(small) if match[0] not in _QUOTES)
    return ["-" if token in HYPHENS else token.replace("’", "'") for token in islice(tokens, _MOST)]


def read_numeral(tokens: Sequence[str], first: int) -> Numeral | None:
    """Read the longest number that begins with the token at ``first``.

    >>> read_numeral(["two", "and", "a", "half", "million", "people"], 0)
    Numeral(value=2500000, scale=1000000, end=5)
    >>> read_numeral(["soldiers"], 0) is None
    True
    """
    if not may_open(token_at(tokens, first)):
        return None
    return _part_of_scale(tokens, first) or _sum(tokens, first)


def may_open(token: str) -> bool:
    """Whether a number may begin with a token."""
    return token in _OPENERS or token[:1].isdigit()


def token_at(tokens: Sequence[str], index: int) -> str:
    """Return a token, empty outside of the phrase."""
    return tokens[index] if 0 <= index < len(tokens) else ""


def _part_of_scale(tokens: Sequence[str], first: int) -> Numeral | None:
    """Read "half a million", "half-dozen", "three quarters of a million"."""
    times, index = 1, first
    if list(tokens[first : first + 2]) == ["a", "half"]:
        index += 1
    if token_at(tokens, index + 1) in ("quarter", "quarters") and tokens[index] in ("a", "one", "three"):
        times, index = 3 if tokens[index] == "three" else 1, index + 1
    divisor = {"half": 2, "quarter": 4, "quarters": 4}.get(token_at(tokens, index))
    index += 1
    while token_at(tokens, index) in ("of", "a", "an", "-"):
        index += 1
    scale = SCALES.get(token_at(tokens, index))
    return None if divisor is None or scale is None else Numeral(times * scale // divisor, scale, index + 1)


def _sum(tokens: Sequence[str], first: int) -> Numeral | None:
    """Read what is multiplied and added: "two hundred and five thousand six hundred and one"."""
    total: _Number = 0
    part: _Number = 0
    last, top, scale = "", _LARGEST, 1  # kind of the last word; the scale that later ones must stay under
    index = first
    if token_at(tokens, index) in ("a", "an") and token_at(tokens, index + 1) in SCALES:
        index += 1
    end = first
    while index < len(tokens):
        if list(tokens[index : index + 3]) == ["and", "a", "half"] and last:
            if last in ("unit", "digits") and token_at(tokens, index + 3) in SCALES:  # two and a half million
                part, index = part + Fraction(1, 2), index + 3
            else:  # a million and a half
                half = Fraction(scale, 2) if last in ("hundred", "scale") else 0
                return _numeral(total + part + half, scale, index + 3 if half else end)
        while last and (
            token_at(tokens, index) == "-"
            or (token_at(tokens, index) == "and" and last in ("hundred", "scale") and scale > 12)
        ):
            index += 1
        kind, value = _classify(token_at(tokens, index))
        if kind not in _FOLLOWERS[last] or value >= top or (last == "ten" and kind == "unit" and value > 9):
            break
        if kind == "hundred":
            part, scale = (part if last else 1) * value, int(value)
        elif kind == "scale":
            total, part = total + (part if last else 1) * value, 0
            top = scale = int(value)
        else:
            part += value
        last, index = kind, index + 1
        end = index
    return _numeral(total + part, scale, end) if last else None


#: Kind of a number's word -> the kinds that may stand behind it; the empty kind is the beginning.
_FOLLOWERS = {
    "": ("digits", "unit", "ten", "hundred", "scale"),
    "digits": ("hundred", "scale"),
    "unit": ("hundred", "scale"),
    "ten": ("unit", "hundred", "scale"),
    "hundred": ("unit", "ten", "scale"),
    "scale": ("digits", "unit", "ten"),
}


def _classify(token: str) -> tuple[str, _Number]:
    """Return which kind of a number's word a token is, and its value; the kind ``none`` for other words."""
    if token in SCALES:
        return "scale" if SCALES[token] >= 1000 else "hundred", SCALES[token]
    if token in _SMALL:
        return "ten" if _SMALL[token] > 19 else "unit", _SMALL[token]
    value = _digits(token)
    return ("none", 0) if value is None else ("digits", value)


def _numeral(value: _Number, scale: int, end: int) -> Numeral | None:
    return Numeral(int(value), scale, end) if value < _LARGEST else None


def _digits(token: str) -> _Number | None:
    """Return the value of digits with their separators and suffix, or ``None``."""
    if not token[:1].isdigit():
        return None
    match = _DIGITS.fullmatch(token)
    if match is None or len(match[1]) > 20 or match[2] not in ("", *_SUFFIXES):
        return None
    times = _SUFFIXES.get(match[2], 1)
    decimal = re.fullmatch(r"(\d+)\.(\d+)", match[1])
    if decimal and (len(decimal[2]) != 3 or times > 1):  # 1.000 people are a thousand
        return Fraction(int(decimal[1] + decimal[2]), 10 ** len(decimal[2])) * times
    return int(re.sub(_GROUP, "", match[1])) * times
