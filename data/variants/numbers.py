"""Numbers: counts in digits and in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from ..documents import Document
from .edits import Edit, apply_edits, span_around, touches_border

__all__ = ["number_word", "spell_numbers", "swap_numbers"]

_BELOW_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_SMALL = _BELOW_TWENTY.split()
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def number_word(number: int) -> str:
    """Return a number from 0 to 999,999 in words.

    >>> number_word(37), number_word(12_400)
    ('thirty-seven', 'twelve thousand four hundred')
    """
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if number >= size:
            many, rest = divmod(number, size)
            return f"{number_word(many)} {name}" + (f" {number_word(rest)}" if rest else "")
    if number < 20:
        return _SMALL[number]
    tens, rest = divmod(number, 10)
    return _TENS[tens - 2] + (f"-{_SMALL[rest]}" if rest else "")


_VALUES = {number_word(number): number for number in range(1, 100)}
#: White space or an opening bracket or quotation mark before; white space or closing marks behind.
_BEFORE = r"(?<![^\s(\[“\"])"
_BEHIND = r"(?=(?:[,.;:!?)\]”\"]+(?:\s|\Z))|\s|\Z)"
_DIGITS = re.compile(rf"{_BEFORE}[1-9][0-9]?{_BEHIND}")
_ANY_DIGITS = re.compile(rf"{_BEFORE}(?:[1-9][0-9]{{0,2}},[0-9]{{3}}|[1-9][0-9]{{0,5}}){_BEHIND}")
_YEAR = re.compile("(?:19|20)[0-9]{2}")
_ANY_WORD = "|".join(sorted(_VALUES, key=len, reverse=True))
_WORDS = re.compile(rf"{_BEFORE}(?ai:{_ANY_WORD}){_BEHIND}")
_LAST_WORD = re.compile(r"([\w.]+)\s+\Z")
_NEXT_WORD = re.compile(r"\s+([\w.]+)")
_SENTENCE_BEGINS = re.compile(r"(?:\A|[.!?]\s+|\n)[(\[“\"]?\Z")
#: Words that make one number of their neighbours, or something else than a count.
_MULTIPLES = "hundred thousand million billion trillion dozen score point percent per cent degrees"
_MULTIPLE = frozenset(_MULTIPLES.split())
_PLURALS = "people men women children others more policemen gunmen"
_PLURAL = frozenset(_PLURALS.split())
_SINGULARS = "across as has his is its less plus this thus us was"
_SINGULAR = frozenset(_SINGULARS.split())
_HEADS = "aged at age article chapter day group no number page phase part resolution room to vs"
_HEAD = frozenset(_HEADS.split())  # words whose number is a name or a measure
_LOOK_BACK, _LOOK_AHEAD = 30, 30  # characters


def swap_numbers(document: Document, rng: Random) -> Document:
    """Return the document with its counts in words instead of digits, or the other way round.

    Changed are whole numbers from 1 to 99 that stand alone: in CASUALTY spans ("37 people", "two"), and
    outside of all spans before a plural ("two days"; but not "two-day", "Group 18", "12 percent", "5.2").
    All counts of the text go one way; where it has both kinds, the draw decides which.
    """
    ways = [list(_to_words(document)), list(_to_digits(document))]
    ways = [way for way in ways if way]
    return apply_edits(document, rng.choice(ways)) if ways else document


def spell_numbers(document: Document, rng: Random | None = None) -> Document:
    """Return the document with its counts in words, up to 999,999; :func:`swap_numbers` says what is a count.

    >>> spell_numbers(Document("a", "Some say 1,250 homes burned in 2014 and 37 since.")).text
    'Some say one thousand two hundred fifty homes burned in 2014 and 37 since.'
    """
    return apply_edits(document, _to_words(document, _ANY_DIGITS))


def _to_words(document: Document, digits: re.Pattern[str] = _DIGITS) -> Iterator[Edit]:
    text = document.text
    capitals = text.isupper()
    for match in digits.finditer(text):
        if not _is_count(document, *match.span()) or _YEAR.fullmatch(match[0]):
            continue
        word = number_word(int(match[0].replace(",", "")))
        before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
        if capitals:
            word = word.upper()
        elif _SENTENCE_BEGINS.search(before):
            word = word.capitalize()
        yield Edit(*match.span(), word)


def _to_digits(document: Document) -> Iterator[Edit]:
    for match in _WORDS.finditer(document.text):
        if _is_count(document, *match.span()):
            yield Edit(*match.span(), str(_VALUES[match[0].lower()]))


def _is_count(document: Document, start: int, end: int) -> bool:
    """Whether the number at ``start:end`` counts something, and lies where it may be changed."""
    text = document.text
    if touches_border(document.spans, start, end):
        return False
    last = _LAST_WORD.search(text[max(0, start - _LOOK_BACK) : start])
    behind = _NEXT_WORD.match(text[end : end + _LOOK_AHEAD])
    before, after = last[1] if last else "", behind[1] if behind else ""
    if {before.lower(), after.lower()} & _MULTIPLE or _is_number(before) or _is_number(after):
        return False
    span = span_around(document.spans, start, end)
    if span is not None:
        return span.label == "CASUALTY" and not before[:1].isdigit()
    return _is_plural(after) and not before[:1].isupper() and before.lower() not in _HEAD


def _is_number(word: str) -> bool:
    """Whether a neighbour is a number too, as in "twenty two" and "2 15"."""
    return word.lower() in _VALUES or word.rstrip(".").isdigit()


def _is_plural(word: str) -> bool:
    """Whether a word, most likely, is a noun in the plural."""
    return word in _PLURAL or (
        len(word) > 2 and word.isalpha() and word.endswith("s") and word.islower() and word not in _SINGULAR
    )
