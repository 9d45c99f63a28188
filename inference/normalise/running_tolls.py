"""Running tolls: words before and behind a figure which say that it counts a whole conflict or year."""

from __future__ import annotations

import re

from .calendar_words import MONTHS
from .toll_words import DEATHS, RISE, TOLL
from .word_index import in_small_letters

__all__ = ["is_toll_before", "is_toll_behind", "is_toll_of_event"]

_NAMES = f"{TOLL}|{DEATHS}|cases"
_WIDE = "total|overall|nationwide|national|cumulative|worldwide|global|statewide"
#: Before a running toll, in its clause: something brings the toll to it, or the toll grows to it.
_TOLL_BEFORE = re.compile(
    rf"\b(?:bring|brings|bringing|brought|tak(?:e|es|ing)|took|push(?:es|ed|ing)?|rais(?:e|es|ed|ing)|"
    rf"lift(?:s|ed|ing)?|driv(?:e|es|ing))\b[^.;]{{0,60}}\b(?:{_NAMES})\b[^.;]{{0,60}}\Z"
    r"|\bup\s+from\s*\Z"
    r"|\b(?:toll|tally|total)\b[^.;]{0,80}\b(?:to|from|reach(?:es|ed)?|hits?|pass(?:es|ed)?|exceed(?:s|ed)?|"
    r"surpass(?:es|ed)?|top(?:s|ped)?)\s*(?:now\s*)?(?:an?)?\s*\Z"
    rf"|\b(?:{_WIDE})\b[^.;]{{0,30}}\b(?:{_NAMES})\b[^.;]{{0,60}}\b(?:at|of|is|was|now|be|been)\s*(?:an?)?\s*\Z"
    rf"|\b(?:{TOLL}|{DEATHS})\b[^.;]{{0,60}}\b{RISE}\b[^.;]{{0,20}}\b(?:to|from)\s*\Z"
)
_MONTHS = "|".join(MONTHS).lower()
#: Behind a figure of a whole conflict or year; "the most since April" is another thing, and what it adds to.
_TOLL_BEHIND = re.compile(
    r"(?:(?!\b(?:highest|deadliest|worst|first|largest|biggest|most|"
    r"bringing|taking|raising|pushing)\b)[^.;]){0,60}?\b"
    rf"(?:since (?:the |it |fighting |violence |then|\d{{4}}|{_MONTHS}|last|early|mid|late)|"
    r"(?:so far|already) this (?:year|month)|to date|so far|this year|"
    r"(?:over|in|during) the (?:past|last) (?:\w+ )?(?:weeks|months?|years?|decades?))\b"
)


#: What stands in each running toll, and is found sooner.
_BEFORE_CUES = (
    "toll",
    "tall",
    "total",
    "count",
    "number",
    "figure",
    "estim",
    "death",
    "fatal",
    "cas",
    "up from",
)
_BEHIND_CUES = ("since ", "so far", "this year", "already this", "to date", "the past", "the last")


def is_toll_before(text: str, begin: int, end: int) -> bool:
    """Whether a running toll is announced in a stretch before a figure.

    >>> text = "It brought the death toll of the siege to 114."
    >>> is_toll_before(text, 0, text.index("114"))
    True
    """
    small = in_small_letters(text)
    words = small[begin:end]
    return any(cue in words for cue in _BEFORE_CUES) and _TOLL_BEFORE.search(small, begin, end) is not None


#: In the stretch before a running toll: it is that of one event, and counts who was harmed there.
_OF_EVENT = re.compile(
    rf"\b(?:its|their)\s+(?:death\s+|casualty\s+)?{TOLL}\b"
    rf"|\b(?:{TOLL}|{DEATHS})\b[^.;]{{0,60}}?\b(?:from|of|in|by)\s+"
    r"(?:the|this|that|an?|(?:[\w-]+\s+)?[\w-]+['’]s?)\s+(?:[\w-]+\s+){0,3}?"
    r"(?:attack|bombing|blast|explosion|air\s?strike|strike|raid|shooting|ambush|massacre|crash|assault|shelling|"
    r"bomb|clash|stampede|fire|collapse)(?:e?s)?\b"
)
_WIDER = re.compile(rf"\b(?:{_WIDE}|since|so far|year|month|war|conflict)\b")


def is_toll_of_event(text: str, begin: int, end: int) -> bool:
    """Whether the toll that is announced before a figure is that of one event.

    >>> text = "The death toll from Monday's blast rose to 34."
    >>> is_toll_of_event(text, 0, text.index("34"))
    True
    """
    small = in_small_letters(text)
    return _OF_EVENT.search(small, begin, end) is not None and _WIDER.search(small, begin, end) is None


def is_toll_behind(text: str, begin: int, end: int) -> bool:
    """Whether a stretch behind a figure tells of a whole conflict or year.

    >>> text = "114 people have died since the siege began."
    >>> is_toll_behind(text, 3, len(text))
    True
    """
    small = in_small_letters(text)
    words = small[begin:end]
    return any(cue in words for cue in _BEHIND_CUES) and _TOLL_BEHIND.match(small, begin, end) is not None
