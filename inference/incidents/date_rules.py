"""Rules for dates: what days each kind of date expression comes to."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

__all__ = ["RULES", "Days", "Setting", "UnresolvedError", "has_year"]

#: The first and the last day.
Days = tuple[date, date]

_NO_BASE = "relative, and the day of publication is not given"
_NO_DAY = "no such day"
_LEAP_YEARS = 9  # within so many years there is a 29th of February
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")


@dataclass(frozen=True, slots=True)
class Setting:
    """What an expression is resolved against: the day of publication, the date before it in the text."""

    published: date | None
    earlier: date | None


class UnresolvedError(Exception):
    """Why an expression has no days."""


def has_year(words: str) -> bool:
    """Whether four digits stand in an expression, so that nothing is relative in it."""
    return _YEAR.search(words) is not None


#: What is not to be tried as a relative time, which takes as long again: "4 March".
_ABSOLUTE = re.compile(r"(?=.*\d)(?!.*\bago\b).*", re.DOTALL)
#: What dateparser counts from, so that the same words need reading once: the last day of a leap year.
_READ_FROM = datetime(2000, 12, 31)


@lru_cache(4096)
def _read(words: str, base: datetime = _READ_FROM) -> date | None:
    """Return the day that dateparser reads, the last one up to ``base``; the first of a month or year."""
    found = _parser(base, _ABSOLUTE.fullmatch(words) is not None).get_date_data(" ".join(words.split()))
    return None if found.date_obj is None else found.date_obj.date()


@lru_cache(64)
def _parser(base: datetime, is_absolute: bool) -> Any:
    """Return a parser of dateparser; to make one takes as long as to use it."""
    from dateparser.date import DateDataParser

    settings: dict[str, Any] = {
        "PREFER_DATES_FROM": "past",
        "PREFER_DAY_OF_MONTH": "first",
        "PREFER_MONTH_OF_YEAR": "first",
        "PARSERS": ["absolute-time"] if is_absolute else ["relative-time", "absolute-time"],
        "TIMEZONE": "UTC",
        "RETURN_AS_TIMEZONE_AWARE": False,
        "RELATIVE_BASE": base,
    }
    return DateDataParser(languages=["en"], settings=settings)


#: "4 March", "4th of March 2024", "March 2024": a calendar tells, and much sooner than dateparser.
_CALENDAR = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?([A-Z][a-z]{2})[a-z]*\.?"
    r"|([A-Z][a-z]{2})[a-z]*\.?(?:\s+(\d{1,2})(?:st|nd|rd|th)?)?)(?:,?\s+(\d{4}))?"
)
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}


def _by_calendar(words: str) -> date | None:
    """Return a day, or the first of a month, in the year of ``_READ_FROM`` where none is given; or none."""
    match = _CALENDAR.fullmatch(words)
    month = _MONTHS.get(match[2] or match[3]) if match else None
    if match is None or month is None:
        return None
    try:
        return date(int(match[5] or _READ_FROM.year), month, int(match[1] or match[4] or 1))
    except ValueError:
        return None


def _known(words: str) -> date:
    day = _by_calendar(words) or _read(words)
    if day is None:
        raise UnresolvedError(_NO_DAY)
    return day


def _day(words: str, setting: Setting) -> date:
    """Return the day of words such as "4 March 2024", or the last "4 March" up to the day of publication."""
    if has_year(words):
        return _known(words)
    base, day = _base(setting), _known(words)
    for year in range(base.year, base.year - _LEAP_YEARS, -1):
        try:
            candidate = day.replace(year=year)
        except ValueError:  # the 29th of February of another year, or a year before the first
            continue
        if candidate <= base:
            return candidate
    raise UnresolvedError(_NO_DAY)


def _base(setting: Setting) -> date:
    if setting.published is None:
        raise UnresolvedError(_NO_BASE)
    return setting.published


def _earlier(setting: Setting) -> date:
    if setting.earlier is None:
        raise UnresolvedError("counts from another date, and none before it is known")
    return setting.earlier


def _single_day(parts: Sequence[str], setting: Setting) -> Days:
    day = _day(parts[0], setting)
    return day, day


def _numeric(parts: Sequence[str], setting: Setting) -> Days:
    one, other, year = map(int, parts)
    if one <= 12 and other <= 12 and one != other:
        raise UnresolvedError("day and month may be exchanged")
    day, month = (one, other) if one > 12 or one == other else (other, one)
    return _single_day([f"{year:04}-{month:02}-{day:02}"], setting)


def _day_range(parts: Sequence[str], setting: Setting) -> Days:
    last = _day(parts[1], setting)
    return _ordered(_in_month(parts[0], last), last)


def _day_range_us(parts: Sequence[str], setting: Setting) -> Days:
    first = _day("".join([parts[0], *parts[2:]]), setting)
    return _ordered(first, _in_month(parts[1], first))


def _in_month(number: str, other: date) -> date:
    try:
        return other.replace(day=int(number.rstrip("stndrh")))
    except ValueError as error:
        raise UnresolvedError(_NO_DAY) from error


def _ordered(first: date, last: date) -> Days:
    if last < first:
        raise UnresolvedError("ends before it begins")
    return first, last


def _weekday(parts: Sequence[str], setting: Setting) -> Days:
    """The last such day, that of publication included."""
    base = _base(setting)
    day = base - timedelta(days=(base.weekday() - _WEEKDAYS.index(parts[0][:3])) % 7)
    return day, day


def _weekday_range(parts: Sequence[str], setting: Setting) -> Days:
    last, _ = _weekday(parts[1:], setting)
    first, _ = _weekday(parts[:1], Setting(last, None))
    return first, last


def _month(parts: Sequence[str], setting: Setting) -> Days:
    words = parts[0].replace(" of ", " ")
    day = _day(words, setting)
    return _whole_month(day)


def _whole_month(day: date) -> Days:
    return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _whole_year(day: date) -> Days:
    return date(day.year, 1, 1), date(day.year, 12, 31)


def _whole_week(day: date) -> Days:
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def _year(parts: Sequence[str], setting: Setting) -> Days:
    return _whole_year(date(int(parts[0]), 1, 1))


_WHOLE: Mapping[str, Callable[[date], Days]] = {
    "day": lambda day: (day, day),
    "week": _whole_week,
    "month": _whole_month,
    "year": _whole_year,
}


def _ago(parts: Sequence[str], setting: Setting) -> Days:
    base = _base(setting)
    unit = next(unit for unit in _WHOLE if unit in parts[0])
    first, last = _WHOLE[unit](base - _time_since(parts[0], unit, base))
    return first, min(last, base)


def _shift(parts: Sequence[str], setting: Setting) -> Days:
    """A count of units before or after the date before it in the text."""
    count, unit, direction = parts
    day = _earlier(setting)
    span = _time_since(f"{count} {unit}s ago", unit, day)
    return _WHOLE[unit](day - span if direction in ("earlier", "before") else day + span)


def _time_since(words: str, unit: str, base: date) -> timedelta:
    """Return how long ago words such as "two months ago" mean."""
    start = datetime(base.year, base.month, base.day) if unit in ("month", "year") else _READ_FROM
    day = _read(words, start)
    if day is None:
        raise UnresolvedError(_NO_DAY)
    return start.date() - day


def _neighbour(parts: Sequence[str], setting: Setting) -> Days:
    step = {"same": 0, "previous": -1}.get(parts[0], 1)
    day = _earlier(setting) + timedelta(days=step)
    return day, day


def _period(parts: Sequence[str], setting: Setting) -> Days:
    which, unit = parts
    base = _base(setting)
    if unit == "weekend":
        sunday = base - timedelta(days=base.weekday() + 1) if which == "last" or base.weekday() < 5 else base
        saturday = sunday - timedelta(days=(sunday.weekday() - 5) % 7)
        return saturday, min(saturday + timedelta(days=1), base)
    inside = base if which == "this" else _WHOLE[unit](base)[0] - timedelta(days=1)
    first, last = _WHOLE[unit](inside)
    return first, min(last, base)


def _night(parts: Sequence[str], setting: Setting) -> Days:
    return _base(setting) - timedelta(days=1), _base(setting)


def _near_day(parts: Sequence[str], setting: Setting) -> Days:
    day = _base(setting) - timedelta(days=parts[0] == "yesterday")
    return day, day


#: Kind of expression -> what gives its first and last day of its parts.
RULES: Mapping[str, Callable[[Sequence[str], Setting], Days]] = {
    "iso": _single_day,
    "numeric": _numeric,
    "day_range": _day_range,
    "day_range_us": _day_range_us,
    "day": _single_day,
    "day_us": _single_day,
    "weekday_range": _weekday_range,
    "weekday": _weekday,
    "month": _month,
    "bare_month": _month,
    "ago": _ago,
    "shift": _shift,
    "neighbour": _neighbour,
    "period": _period,
    "night": _night,
    "near_day": _near_day,
    "year": _year,
}
