"""Ages: bare numbers that tell how old somebody is, or how many children he has, and count nobody hurt."""

from __future__ import annotations

import re
from collections.abc import Container

from ...data.documents import Span
from .groups import group_of
from .nouns import is_plural, is_relative
from .numerals import read_numeral, tokenize
from .word_index import in_small_letters

__all__ = ["counts_children", "is_age"]

_OLDEST = 110  # years
_LONGEST, _LOOK_BACK = 20, 40  # characters
#: Before an age, with the person's noun or name: "a boy, 12", "Lena Ortiz, 41", "a girl of three", "aged 12".
_BEFORE = re.compile(r"(?:\b(?P<aged>aged)|(?P<noun>[^\W\d_]+)(?:(?P<of>\s+of)|,))\s+\Z")
_PARENTS = ("mother", "father", "parent")  # of children, not years
_NAME = re.compile(r"[A-Z][\w’'-]+\s+(?:[a-z]{2,3}\s+|[A-Z]\.\s+)?[A-Z][\w’'-]+,\s+\Z")
_OF = re.compile(r"\s+of\s+")
_BEHIND = re.compile(r"\s*(?:[,.)]|and\b|\Z)")


def is_age(text: str, span: Span, place_ends: Container[int] = ()) -> bool:
    """Whether a CASUALTY span is a bare number behind a person's noun or name.

    Args:
        text: The untouched text.
        span: The span.
        place_ends: Where the names of places end, behind which a number counts people ("Gao, 12").

    >>> text = "A boy, 12, and a girl of two were hurt."
    >>> is_age(text, Span(7, 9, "CASUALTY")), is_age(text, Span(25, 28, "CASUALTY"))
    (True, True)
    """
    before = in_small_letters(text)[max(0, span.start - _LOOK_BACK) : span.start]
    if span.end - span.start > _LONGEST or not before.rstrip().endswith((",", " of", "aged")):
        return False
    tokens = tokenize(text[span.start : span.end])
    numeral = read_numeral(tokens, 0)
    if numeral is None or numeral.end < len(tokens) or numeral.value > _OLDEST:
        return False
    opening = _BEFORE.search(before)
    if opening is None or opening["aged"]:
        return opening is not None
    is_person = _is_person(opening["noun"])
    if opening["of"]:
        return is_person and not opening["noun"].endswith(_PARENTS)
    noun_end = span.start - len(before) + opening.end("noun")
    if _BEHIND.match(text, span.end) is None or noun_end in place_ends:
        return False
    return is_person or _NAME.search(text, max(0, span.start - _LOOK_BACK), span.start) is not None


def counts_children(text: str, parent_end: int, span: Span) -> bool:
    """Whether a CASUALTY span is the number behind a parent who is counted: "a mother" of "four".

    Args:
        text: The untouched text.
        parent_end: Where the figure before the span ends.
        span: The span.
    """
    small = in_small_letters(text)
    return _OF.fullmatch(small, parent_end, span.start) is not None and small.endswith(
        _PARENTS, 0, parent_end
    )


def _is_person(noun: str) -> bool:
    """Whether a noun names one person."""
    return not is_plural(noun) and (is_relative(noun) or group_of(noun) is not None)
