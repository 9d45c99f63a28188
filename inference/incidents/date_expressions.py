"""Date expressions: where a text says when something happened, absolute or relative."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..normalise.phrases import words
from ..normalise.word_index import DIGITS, in_small_letters, word_starts

__all__ = ["DateExpression", "find_dates"]


@dataclass(frozen=True, slots=True)
class DateExpression:
    """Words that say when.

    Attributes:
        start: Offset of the first character.
        end: Offset behind the last.
        kind: The pattern that found it, one of those of this module.
        parts: The atoms to be resolved, such as ``("Friday", "Saturday")`` of "from Friday to Saturday".
        is_statement: Whether it dates what somebody said, or the report itself, and not what happened.
    """

    start: int
    end: int
    kind: str
    parts: tuple[str, ...]
    is_statement: bool


_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?:19|20)\d\d"
_TO = r"(?:\s+(?:to|and|or|until)\s+|\s?[-–—]\s?)"
_COUNT = r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,3})"
_UNIT = r"(?:day|week|month|year)"

#: Kind -> pattern, the first that fits at a place counts; groups ``a`` to ``c`` hold what is to be resolved.
_PATTERNS = {
    "iso": rf"(?P<a>{_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?![\d-])",
    "numeric": rf"(?P<a>\d{{1,2}})[/.](?P<b>\d{{1,2}})[/.](?P<c>{_YEAR})(?!\d)",
    "day_range": rf"(?P<a>{_DAY}){_TO}(?P<b>{_DAY}(?:\s+of)?\s+{_MONTH}(?:,?\s+{_YEAR})?)(?!\w)",
    "day_range_us": rf"(?P<a>{_MONTH}\s+{_DAY}){_TO}(?P<b>{_DAY})(?!\w)(?P<c>,?\s+{_YEAR}(?!\d))?",
    "day": rf"(?P<a>{_DAY}(?:\s+of)?\s+{_MONTH}(?:,?\s+{_YEAR})?)(?!\w)",
    "day_us": rf"(?P<a>{_MONTH}\s+{_DAY}(?!\w)(?:,?\s+{_YEAR}(?!\d))?)",
    "weekday_range": rf"(?P<a>{_WEEKDAY}){_TO}(?:(?:on|late|early)\s+)?(?P<b>{_WEEKDAY})(?!\w)",
    "weekday": rf"(?P<a>{_WEEKDAY})(?!\w)",
    "month": rf"(?:(?:early|mid|late)[\s-])?(?P<a>{_MONTH}\s+(?:of\s+)?{_YEAR})(?!\d)",
    "bare_month": rf"(?P<a>{_MONTH})(?!\w)",
    "ago": rf"(?P<a>{_COUNT}\s+{_UNIT}s?\s+ago)\b",
    "shift": rf"(?P<a>{_COUNT})\s+(?P<b>{_UNIT})s?\s+(?P<c>earlier|before|later|after)\b",
    "neighbour": r"the\s+(?P<a>same|previous|next|following)\s+(?:day|night|morning|afternoon|evening)\b",
    "period": rf"(?P<a>last|this)\s+(?P<b>{_UNIT}|weekend)\b",
    "night": rf"(?P<a>overnight(?!\s+(?:(?:from|on|between|into)\s|{_WEEKDAY}))|last\s+night)\b",
    "near_day": r"(?P<a>yesterday|today|tonight|this\s+(?:morning|afternoon|evening))\b",
    "year": rf"(?P<a>{_YEAR})(?![\d-]|\s*(?:people|[a-z]+s\b))",
}
#: Kind -> the first letters with which it may begin, or digits.
_MONTHS = words("jan feb mar apr may jun jul aug sep oct nov dec")
_WEEKDAYS = words("mon tue wed thu fri sat sun")
_COUNTS = words("a an one two thr fou fiv six sev eig nin ten ele twe") | {DIGITS}
_BEGINNINGS = {
    **dict.fromkeys(("iso", "numeric", "day_range", "day", "year"), frozenset({DIGITS})),
    **dict.fromkeys(("day_range_us", "day_us", "bare_month"), _MONTHS),
    **dict.fromkeys(("weekday_range", "weekday"), _WEEKDAYS),
    "month": _MONTHS | words("ear mid lat"),
    **dict.fromkeys(("ago", "shift"), _COUNTS),
    "neighbour": words("the"),
    "period": words("las thi"),
    "night": words("ove las"),
    "near_day": words("yes tod ton thi"),
}
#: Kinds that are words and no names: they may begin a sentence.
_IN_WORDS = frozenset({"ago", "shift", "neighbour", "period", "night", "near_day"})
_PART = re.compile(r"\?P<([abc])>")


def _named(kind: str, pattern: str) -> str:
    """Return a pattern as a group of its kind's name, with the names of its parts behind that."""
    named = _PART.sub(rf"?P<{kind}_\1>", pattern)
    return f"(?P<{kind}>(?i:{named}))" if kind in _IN_WORDS else f"(?P<{kind}>{named})"


def _beginning(letters: str) -> re.Pattern[str]:
    """Return the pattern of all that may begin with some letters."""
    kinds = [_named(*item) for item in _PATTERNS.items() if letters in _BEGINNINGS[item[0]]]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(kinds)})")


_BY_BEGINNING = {letters: _beginning(letters) for letters in sorted(frozenset().union(*_BEGINNINGS.values()))}
_ALL_BEGINNINGS = frozenset(_BY_BEGINNING)
# What follows is for text in small letters, but for datelines.

#: Kinds that count only behind one of these words, being names, numbers or verbs elsewhere.
_NEEDS_BEFORE = {
    "bare_month": re.compile(r"\b(?:in|during|last|since|early|late|mid|this|of)[\s-]+\Z"),
    "year": re.compile(r"\b(?:in|during|early|late)\s+\Z"),
}
#: Before an expression: it bounds a time, or is in the future.
_NO_DATE = re.compile(
    r"\b(?:since|until|till|by|next|coming|every|each|before|after|for|ahead\s+of|from)\s+(?:early\s+|late\s+|last\s+)?\Z"
)
_SINCE = re.compile(r"\b(?:since|after|from)\s+(?:early\s+|late\s+|last\s+)?\Z")
_WHEN = re.compile(r",?\s+when\b|['’]s\s")
#: Before an expression: it is the day of a statement.
_STATEMENT = re.compile(
    r"\b(?:sa(?:id|ys)|told\s+[\w\s’']{1,40}|announced|confirmed|reported|published|added|released|issued|"
    r"(?:statement|report|interview|news\s+conference|briefing|post)\s?)"
    r"(?:\s+in\s+an?\s+[\w\s]{1,20})?,?(?:\s+(?:late|early))?(?:\s+on)?\s+\Z"
    r"|\b(?:ris(?:en?|es|ing)|rose|climb(?:s|ed|ing)?|grew|grown|increased|revised)\s+to\s+[\w\s,]{1,25}\s+on\s+\Z"
)
_DATELINE = re.compile(
    r"(?:^|\n)[ \t]*[A-Z][^\S\n]?[^\n]{2,40}?,?\s+\Z"  # a place in capitals, up to the date
)
_DATELINE_BEHIND = re.compile(r",?\s*(?:\([\w\s/]{1,20}\)\s*)?(?:--|[—–-])\s")
_LOOK_BACK = 60  # characters


def find_dates(text: str) -> list[DateExpression]:
    """Return the date expressions of a text, in order; they do not overlap.

    Left out are times that bound others ("since Monday", but not "since March, when") or lie ahead ("next
    week"), months and years that may be names and numbers.

    >>> [(d.kind, d.parts) for d in find_dates("Shells fell on Monday and again from 3 to 5 May 2024.")]
    [('weekday', ('Monday',)), ('day_range', ('3', '5 May 2024'))]
    """
    small = in_small_letters(text)
    found = []
    position = 0
    for start, beginning in word_starts(text, _ALL_BEGINNINGS):
        match = _BY_BEGINNING[beginning].match(text, start) if start >= position else None
        if match is None:
            continue
        position = match.end()
        kind = str(match.lastgroup)
        reach = slice(max(0, match.start() - _LOOK_BACK), match.start())
        before = small[reach]
        needed = _NEEDS_BEFORE.get(kind)
        if needed is not None and not needed.search(before):
            continue
        if _NO_DATE.search(before) and not _opens_an_event(text, match, before, kind):
            continue
        parts = tuple(match[f"{kind}_{name}"] for name in "abc" if _has(match, f"{kind}_{name}"))
        if kind in _IN_WORDS:
            parts = tuple(part.lower() for part in parts)
        is_dateline = bool(_DATELINE_BEHIND.match(text, match.end()) and _DATELINE.search(text[reach]))
        is_statement = is_dateline or _STATEMENT.search(before) is not None
        found.append(DateExpression(match.start(), match.end(), kind, parts, is_statement))
    return found


def _has(match: re.Match[str], name: str) -> bool:
    return name in match.re.groupindex and match[name] is not None


def _opens_an_event(text: str, match: re.Match[str], before: str, kind: str) -> bool:
    """Whether a time behind "since" or "from" is that of an event, or begins a stretch of days."""
    if _SINCE.search(before) is None:
        return False
    return kind.endswith("_range") or _WHEN.match(text, match.end()) is not None
