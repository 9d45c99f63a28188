"""Date expressions: where a text says when something happened, absolute or relative."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ..normalise.calendar_words import FEASTS, MONTHS, WEEKDAYS
from ..normalise.numerals import HYPHENS
from ..normalise.phrases import words
from ..normalise.toll_words import RISE, TOLL
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


def _names(*names: str) -> str:
    """Return the alternation of names, also in capital letters."""
    return "|".join((*names, *(name.upper() for name in names)))


_SHORT_MONTHS = ("Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sept", "Sep", "Oct", "Nov", "Dec")
_MONTH = rf"(?:{_names(*MONTHS)}|(?:{_names(*_SHORT_MONTHS)})\b\.?)"
_WEEKDAY = rf"(?:{_names(*WEEKDAYS)})"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?i:st|nd|rd|th)?"
_YEAR = r"(?:19|20)\d\d"
_OF_YEAR = rf"\s+(?:(?i:of)\s+)?(?:{_YEAR}(?!\d)|(?i:last|this)\s+(?i:year)\b)"
_DASH = f"[{HYPHENS}/]"
_MORE_DAYS = rf"(?:,\s+{_DAY}){{0,5}}"
_TO = rf"(?:\s+(?i:to|and|or|until)\s+|\s?{_DASH}\s?)"
_COUNT = r"(?:(?<!half\s)an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,3})"
_UNIT = r"(?:day|week|month|year)"
_COUNTED = r"(?:people|(?!(?:wa|ha|i|it|hi)s\b)[a-z]+s\b)"  # 2019 soldiers
_PART = r"(?i:early|mid|late)[\s-]+"
_OF_DAY = r"(?:\s+(?i:morning|afternoon|evening|night))?"
_FEAST = "|".join(re.escape(name).replace(r"\ ", r"\s+").replace("'", "['’]") for name in FEASTS)
#: "Monday, 4 March": the weekday of a date.
_DAY_NAME = rf"(?:{_WEEKDAY},?\s+\(?(?:(?i:the)\s+)?)?"
_ISO = rf"{_YEAR}[-/.](?:0[1-9]|1[0-2])[-/.](?:0[1-9]|[12]\d|3[01])(?![\d-])"
_DAY_MONTH = rf"{_DAY}(?:\s+(?i:of))?\s+{_MONTH}(?:,?{_OF_YEAR})?(?!\w)"
_MONTH_DAY = rf"(?<!\b[Ii][Nn]\s){_MONTH}\s+{_DAY}(?!\w)(?:,?{_OF_YEAR})?"  # not "in March 15 died"

#: Kind -> pattern, the first that fits at a place counts; groups ``a`` to ``c`` hold what is to be resolved.
_PATTERNS = {
    "numeric": rf"{_DAY_NAME}(?P<a>\d{{1,2}})[/.-](?P<b>\d{{1,2}})[/.-](?P<c>{_YEAR})(?!\d)",
    "day_range": rf"(?P<a>{_DAY}){_MORE_DAYS}{_TO}(?P<b>{_DAY_MONTH})",
    "us_day_range": rf"(?P<a>{_MONTH}\s+{_DAY}){_MORE_DAYS}{_TO}(?P<b>{_DAY})(?!\w|\s+{_MONTH})"
    rf"(?P<c>,?{_OF_YEAR})?",
    "date": rf"{_DAY_NAME}(?P<a>{_ISO}|{_DAY_MONTH}|{_MONTH_DAY})",
    "feast": rf"(?P<a>(?i:{_FEAST}))\b(?:,?\s+(?P<b>{_YEAR})(?!\d))?",
    "last": rf"(?i:last)\s+(?P<a>{_WEEKDAY}|{_MONTH}(?!\s+\d))(?!\w)",
    "weekday_of_week": rf"(?P<a>{_WEEKDAY}){_OF_DAY}(?:\s+(?i:of))?\s+(?P<b>(?i:last|this))\s+(?i:week)\b",
    "weekday": rf"(?P<a>{_WEEKDAY})(?!\w)",
    "month": rf"(?:{_PART}(?P<a>{_MONTH}(?:{_OF_YEAR})?)|(?P<b>{_MONTH}{_OF_YEAR}))(?!\w)",
    "bare_month": rf"(?P<a>{_MONTH})(?!\w)",
    "ago": rf"(?P<a>{_COUNT})\s+(?P<b>{_UNIT})s?\s+ago\b",
    "shift": rf"(?P<a>{_COUNT})\s+(?P<b>{_UNIT})s?\s+(?P<c>earlier|later|(?:before|after)(?!\s+\w))\b",
    "neighbour": r"the\s+(?P<a>same|previous|next|following)\s+(?:day|night|morning|afternoon|evening)\b",
    "period": r"(?<!the\s)(?P<a>last|this)\s+(?P<b>week|month|year|weekend)\b",
    "weekend": r"the\s+(?P<a>weekend)\b(?!\s+(?:of|before|after)\b)",
    "night": rf"(?P<a>overnight(?!\s+(?:(?:from|on|between|into)\s|{_WEEKDAY}))|last\s+night)\b",
    "near_day": r"(?P<a>(?:the\s+day\s+before\s+)?yesterday|today|tonight|"
    r"this\s+(?:morning|afternoon|evening))\b",
    "part_of_year": rf"{_PART}(?P<a>{_YEAR})(?!\w)",
    "year": rf"(?P<a>{_YEAR})(?!\w|{_DASH}(?!{_YEAR}(?!\w))\w|\s*{_COUNTED})",
}
_MONTH_LETTERS = frozenset(name[:3].lower() for name in MONTHS)
_WEEKDAY_LETTERS = frozenset(name[:3].lower() for name in WEEKDAYS)
_COUNT_LETTERS = words("a an one two thr fou fiv six sev eig nin ten ele twe") | {DIGITS}
_PARTS = words("ear mid lat")
#: Kind -> the first letters with which it may begin, or digits.
_BEGINNINGS = {
    "numeric": _WEEKDAY_LETTERS | {DIGITS},
    "day_range": frozenset({DIGITS}),
    "us_day_range": _MONTH_LETTERS,
    "date": _MONTH_LETTERS | _WEEKDAY_LETTERS | {DIGITS},
    "feast": frozenset(name[:3] for name in FEASTS),
    "last": words("las"),
    **dict.fromkeys(("weekday_of_week", "weekday"), _WEEKDAY_LETTERS),
    "month": _MONTH_LETTERS | _PARTS,
    "bare_month": _MONTH_LETTERS,
    **dict.fromkeys(("ago", "shift"), _COUNT_LETTERS),
    **dict.fromkeys(("neighbour", "weekend"), words("the")),
    "period": words("las thi"),
    "night": words("ove las"),
    "near_day": words("the yes tod ton thi"),
    "part_of_year": _PARTS,
    "year": frozenset({DIGITS}),
}
#: Kinds that are words and no names: they may begin a sentence.
_IN_WORDS = frozenset({"ago", "shift", "neighbour", "period", "weekend", "night", "near_day"})
_GROUP = re.compile(r"\?P<([abc])>")


def _named(kind: str, pattern: str) -> str:
    """Return a pattern as a group of its kind's name, with the names of its parts behind that."""
    named = _GROUP.sub(rf"?P<{kind}_\1>", pattern)
    return f"(?P<{kind}>(?i:{named}))" if kind in _IN_WORDS else f"(?P<{kind}>{named})"


def _beginning(letters: str) -> re.Pattern[str]:
    """Return the pattern of all that may begin with some letters."""
    kinds = [_named(*item) for item in _PATTERNS.items() if letters in _BEGINNINGS[item[0]]]
    return re.compile("|".join(kinds))


_BY_BEGINNING = {letters: _beginning(letters) for letters in sorted(frozenset().union(*_BEGINNINGS.values()))}
_ALL_BEGINNINGS = frozenset(_BY_BEGINNING)
# What follows is for text in small letters, but for datelines.

#: Right before an expression: it is a part of a longer word or number.
_INSIDE = re.compile(r"(?:[\w-]|\d[.,])\Z")
#: Between the ends of a range; "and" and "or" only where they cannot mean two separate dates.
_JOINT = re.compile(
    rf"{_OF_DAY}(?:,?\s+(?:to|into|until|through|(and|or))\s+(?:(?:on|late|early)\s+)?|\s?{_DASH}\s?)"
)
_BETWEEN = re.compile(r"\bbetween\s+\Z")
#: Kind -> the kind of expressions with which it makes a range.
_ENDS = {"date": "date", "weekday": "weekday", "month": "month", "bare_month": "month", "year": "year"}
#: Kinds that count only behind one of these words, being names, numbers or verbs elsewhere.
_NEEDS_BEFORE = {
    "bare_month": re.compile(r"\b(?:in|during|since|this|of)\s+\Z"),
    "bare_month_range": re.compile(r"\b(?:in|during|from|between|of)\s+\Z"),
    "year": re.compile(r"\b(?:in|during)\s+\Z"),
    "year_range": re.compile(r"\b(?:in|during|from|between)\s+\Z"),
}
#: Before an expression: it bounds a time, or is in the future.
_NO_DATE = re.compile(
    r"\b(?:since(?:\s+the)?|until|till|by|next|the\s+previous|the\s+following|coming|every|each|before|after|for|"
    r"ahead\s+of|from)\s+(?:early\s+|late\s+)?\Z"
)
#: Before an expression, too: what is dated is still to come ("talks would begin in Doha on").
_AHEAD = re.compile(
    r"\b(?:will|would|shall|(?:is|are|was|were|be|due|set|scheduled|planned|expected|plans?|hopes?|agreed)\s+to)\s+"
    r"(?:[\w-]+\s+){1,6}on\s+\Z"
)
_SINCE = re.compile(r"\b(?:since|after|from)\s+(?:early\s+|late\s+)?\Z")
_WHEN = re.compile(r",?\s+when\b|['’]s\s")
#: "claimed responsibility for Sunday's attack", but not "preparing for Sunday's vote".
_FOR = re.compile(r"\b(?:responsib\w+|blam\w+|revenge|retaliation|condemn\w+)(?:\s+\w+){0,3}\s+for\s+\Z")
#: Before an expression: it is the day of a statement.
_STATEMENT = re.compile(
    r"\b(?:sa(?:id|ys)|told\s+[\w\s’']{1,40}|announced|confirmed|reported|published|added|released|issued|"
    r"(?:statement|report|interview|news\s+conference|briefing|post)\s?)"
    r"(?:\s+in\s+an?\s+[\w\s]{1,20})?,?(?:\s+(?:late|early))?(?:\s+on)?\s+\Z"
    rf"|\b(?:{RISE}|revised)\s+to\s+[\w\s,]{{1,25}}\s+on\s+\Z"
)
#: Behind an expression, as in "Officials on Thursday lowered the toll": it is the day of a statement.
_STATES = re.compile(
    r"\s+(?:sa(?:id|ys)|told|announced|confirmed|reported|claimed|denied|condemned|warned|accused|"
    rf"(?:raised|lowered|revised|updated|put)\s+(?:\w+\s+){{1,3}}{TOLL})\b"
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
    found = (_judged(text, small, expression) for expression in _expressions(text, small))
    return [expression for expression in found if expression is not None]


def _expressions(text: str, small: str) -> list[DateExpression]:
    """Return all that looks like a date; two of a kind with "to" or a dash between them are one range."""
    found: list[DateExpression] = []
    position = 0
    for start, beginning in word_starts(text, _ALL_BEGINNINGS):
        if start < position:
            continue
        last = found[-1] if found else None
        is_joined = last is not None and _joins(small, last, start)
        if not is_joined and _INSIDE.search(text, max(0, start - 2), start):
            continue
        match = _BY_BEGINNING[beginning].match(text, start)
        if match is None:
            continue
        position = match.end()
        expression = _expression(match)
        if last is not None and is_joined and _ENDS.get(last.kind) == _ENDS.get(expression.kind, ""):
            kind, parts = f"{expression.kind}_range", last.parts + expression.parts
            found[-1] = DateExpression(last.start, expression.end, kind, parts, False)
        elif not _INSIDE.search(text, max(0, start - 2), start):
            found.append(expression)
    return found


def _expression(match: re.Match[str]) -> DateExpression:
    kind = str(match.lastgroup)
    groups = (f"{kind}_{name}" for name in "abc")
    parts = [match[group] for group in groups if group in match.re.groupindex and match[group] is not None]
    if kind in _IN_WORDS:
        parts = [part.lower() for part in parts]
    return DateExpression(*match.span(), kind, tuple(parts), False)


def _joins(small: str, last: DateExpression, start: int) -> bool:
    """Whether what begins at ``start`` may be the end of a range that begins with an expression."""
    joint = _JOINT.fullmatch(small, last.end, start)
    if joint is None or not joint[1] or last.kind in ("weekday", "bare_month"):
        return joint is not None
    return _BETWEEN.search(small, max(0, last.start - _LOOK_BACK), last.start) is not None


def _judged(text: str, small: str, expression: DateExpression) -> DateExpression | None:
    """Return an expression with what it dates, ``None`` where it is no date of something that happened."""
    start, end = expression.start, expression.end
    before = small[max(0, start - _LOOK_BACK) : start]
    needed = _NEEDS_BEFORE.get(expression.kind)
    if needed is not None and not needed.search(before):
        return None
    if _AHEAD.search(before) or (_NO_DATE.search(before) and not _opens_an_event(small, expression, before)):
        return None
    is_dateline = _DATELINE_BEHIND.match(text, end) and _DATELINE.search(
        text[max(0, start - _LOOK_BACK) : start]
    )
    is_statement = is_dateline or _STATEMENT.search(before) or _STATES.match(small, end)
    return replace(expression, is_statement=bool(is_statement))


def _opens_an_event(small: str, expression: DateExpression, before: str) -> bool:
    """Whether a time behind "since", "from" or "for" is that of an event, or begins a stretch of days."""
    if _SINCE.search(before) is None and _FOR.search(before) is None:
        return False
    return expression.kind.endswith("_range") or _WHEN.match(small, expression.end) is not None
