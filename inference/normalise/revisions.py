"""Revised tolls: numbers that the text takes back, or that have grown or shrunk since."""

from __future__ import annotations

import re

from .toll_words import CHANGE, DEATHS, TOLL
from .word_index import in_small_letters

__all__ = ["is_superseded"]

# All patterns are for text in small letters.

_EARLIER = "initially|previously|earlier|originally|first|at first"
_SAID = "said|reported|announced|stated|counted|estimated|put|given|thought|feared|believed|recorded"
_TOLLS = f"{TOLL}|{DEATHS}"
#: Before a number that holds no more: "not", "initially said", "an earlier toll of".
_BEFORE = re.compile(
    r"\b(?:not|instead\s+of|rather\s+than)\s+(?:the\s+)?\Z"
    rf"|\b(?:{_EARLIER})\s+(?:{_SAID})\b[^.;,]{{0,40}}\Z"
    rf"|\b(?:initial|earlier|previous|preliminary|provisional|first)\s+(?:death\s+)?(?:{_TOLLS}|reports?)\b"
    r"[^.;,]{0,80}\Z"
)
#: The same in a sentence of a toll that changed: "lowered the toll to 17 from 42", "59 died, down from 100".
_FROM = re.compile(r"\bfrom\s+(?:(?:an?|the|some|about|nearly)\s+)?\Z")
_CHANGE = re.compile(rf"\b{CHANGE}\b")
_TOLL = re.compile(rf"\b(?:{_TOLLS})\b|\b(?:up|down|revised|lowered|reduced|cut)\s+from\b")
#: Behind such a number: "60 as previously reported".
_BEHIND = re.compile(
    rf"(?:\s+[\w-]+){{0,2}}?,?\s+(?:(?:as|was|were|had\s+been|than)\s+)?(?:{_EARLIER})\s+(?:{_SAID})\b"
)
_CUES = ("not ", "instead", "rather", "initial", "first", "earlier", "origin", "previous", "prelim", "provis")
_NEAR, _LOOK_BACK = 120, 250  # characters


def is_superseded(text: str, begin: int, start: int, end: int) -> bool:
    """Whether a number of the sentence that begins at ``begin`` is an earlier one of the same toll.

    Args:
        text: The untouched text.
        begin: Where the sentence begins.
        start: Where the number begins.
        end: Where it ends.

    >>> text = "They lowered the toll to 17 from 42."
    >>> is_superseded(text, 0, 25, 27), is_superseded(text, 0, 33, 35)
    (False, True)
    """
    small = in_small_letters(text)
    left = max(begin, start - _NEAR)
    if small.find("from", left, start) >= 0 and _FROM.search(small, left, start):
        begin = max(begin, start - _LOOK_BACK)
        return (
            _CHANGE.search(small, begin, start) is not None and _TOLL.search(small, begin, start) is not None
        )
    words = small[left : end + _NEAR]
    if not any(cue in words for cue in _CUES):
        return False
    return _BEFORE.search(small, left, start) is not None or _BEHIND.match(small, end) is not None
