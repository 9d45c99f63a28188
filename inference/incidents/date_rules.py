"""Rules for dates: what days each kind of date expression comes to."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from ..normalise.calendar_words import FEASTS, MONTHS, WEEKDAYS

__all__ = ["RULES", "Days", "Setting", "UnresolvedError", "has_year"]

#: The first and the last day.
Days = tuple[date, date]

_NO_BASE = "relative, and the day of publication is not given"
_NO_DAY = "no such day"
_LEAP_YEARS = 9  # within so many years there is a 29th of February
_LEAP_YEAR = 2000  # any, to hold a day whose year is not known yet
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")


@dataclass(frozen=True, slots=True)
class Setting:
    """What an expression is resolved against: the day of publication, the date before it in the text."""

    published: date | None
    earlier: Days | None


class UnresolvedError(Exception):
    """Why an expression has no days."""


def has_year(words: str) -> bool:
    """Whether four digits stand in an expression, so that nothing is relative in it."""
    return _YEAR.search(words) is not None


#: "4 March", "4th of March 2024", "March 2024", "March last year".
_CALENDAR = re.compile(
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>[a-z]{3})[a-z]*\.?"
    r"|(?P<month_us>[a-z]{3})[a-z]*\.?(?:\s+(?P<day_us>\d{1,2})(?:st|nd|rd|th)?)?)"
    r"(?:,?\s+(?:of\s+)?(?:(?P<year>\d{4})|(?P<which>last|this)\s+year))?",
    re.IGNORECASE,
)
_MONTHS = {name[:3].lower(): number for number, name in enumerate(MONTHS, 1)}
_WEEKDAYS = {name.lower(): number for number, name in enumerate(WEEKDAYS)}


def _stretch(words: str, setting: Setting) -> Days:
    """Return the days of a date, month, year or weekday: the last such up to the day of publication."""
    weekday = _WEEKDAYS.get(words.lower())
    if weekday is not None:
        base = _base(setting)
        day = base - timedelta(days=(base.weekday() - weekday) % 7)
        return day, day
    if words.isdecimal():
        return _so_far(_whole_year(date(int(words), 1, 1)), setting)
    match = _CALENDAR.fullmatch(words)
    if match is None:
        day = _made(*map(int, re.split("[-/.]", words)))
        return day, day
    month = _MONTHS[(match["month"] or match["month_us"]).lower()]
    number = match["day"] or match["day_us"]
    day = _made(_year(match, setting) or _LEAP_YEAR, month, int(number or 1))
    if not (match["year"] or match["which"]):
        day = _last(day, _base(setting))
    return (day, day) if number else _so_far(_whole_month(day), setting)


def _so_far(days: Days, setting: Setting) -> Days:
    """Return a month or year up to the day of publication, where that lies in it."""
    first, last = days
    if setting.published is not None and first <= setting.published <= last:
        return first, setting.published
    return days


def _year(match: re.Match[str], setting: Setting) -> int | None:
    if match["which"]:
        return _base(setting).year - (match["which"].lower() == "last")
    return int(match["year"]) if match["year"] else None


def _made(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise UnresolvedError(_NO_DAY) from error


def _last(day: date, base: date) -> date:
    """Return the last day of a day's name up to ``base``."""
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


def _dated(parts: Sequence[str], setting: Setting) -> Days:
    return _stretch(parts[0], setting)


def _feast(parts: Sequence[str], setting: Setting) -> Days:
    name = " ".join(parts[0].lower().replace("’", "'").split())
    return _stretch(" ".join([FEASTS[name], *parts[1:]]), setting)


def _range(parts: Sequence[str], setting: Setting) -> Days:
    """Return the days from the first, the last such before the end, to the end."""
    last = _stretch(parts[1], setting)
    first = _stretch(parts[0], Setting(last[0] - timedelta(days=1), None))
    return _ordered(first[0], last[1])


def _before(parts: Sequence[str], setting: Setting) -> Days:
    """Return the last such day or month, but for the present one."""
    first, last = _stretch(parts[0], setting)
    if last < _base(setting):
        return first, last
    return _stretch(parts[0], Setting(first - timedelta(days=1), None))


def _weekday_of_week(parts: Sequence[str], setting: Setting) -> Days:
    base = _base(setting)
    weeks = parts[1].lower() == "last"
    day = _whole_week(base)[0] + timedelta(days=_WEEKDAYS[parts[0].lower()] - 7 * weeks)
    if day > base:
        raise UnresolvedError("behind the day of publication")
    return day, day


def _numeric(parts: Sequence[str], setting: Setting) -> Days:
    one, other, year = map(int, parts)
    if one <= 12 and other <= 12 and one != other:
        raise UnresolvedError("day and month may be exchanged")
    day, month = (one, other) if one > 12 or one == other else (other, one)
    found = _made(year, month, day)
    return found, found


def _day_range(parts: Sequence[str], setting: Setting) -> Days:
    last, _ = _stretch(parts[1], setting)
    return _ordered(_in_month(parts[0], last), last)


def _us_day_range(parts: Sequence[str], setting: Setting) -> Days:
    first, _ = _stretch("".join([parts[0], *parts[2:]]), setting)
    return _ordered(first, _in_month(parts[1], first))


def _in_month(number: str, other: date) -> date:
    return _made(other.year, other.month, int(number.rstrip("stndrhSTNDRH")))


def _ordered(first: date, last: date) -> Days:
    if last < first:
        raise UnresolvedError("ends before it begins")
    return first, last


def _whole_month(day: date) -> Days:
    return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _whole_year(day: date) -> Days:
    return date(day.year, 1, 1), date(day.year, 12, 31)


def _whole_week(day: date) -> Days:
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


_WHOLE: Mapping[str, Callable[[date], Days]] = {
    "day": lambda day: (day, day),
    "week": _whole_week,
    "month": _whole_month,
    "year": _whole_year,
}
#: Unit -> days of the longest stretch from which so long a time may be counted.
_LONGEST = {"day": 7, "week": 7, "month": 31, "year": 366}


def _ago(parts: Sequence[str], setting: Setting) -> Days:
    base = _base(setting)
    count, unit = parts
    first, last = _WHOLE[unit](_moved(base, count, unit, later=False))
    return first, min(last, base)


def _shift(parts: Sequence[str], setting: Setting) -> Days:
    """A count of units before or after the date before it in the text."""
    count, unit, direction = parts
    first, last = _earlier(setting, unit)
    later = direction in ("later", "after")
    return _WHOLE[unit](_moved(last if later else first, count, unit, later=later))


def _earlier(setting: Setting, unit: str) -> Days:
    """Return the date before the expression, if a unit can be counted from it."""
    days = setting.earlier
    if days is None or (days[1] - days[0]).days >= _LONGEST[unit]:
        raise UnresolvedError("counts from another date, and none before it is known")
    return days


#: What dateparser counts from, so that the same words need reading once: the last day of a leap year.
_READ_FROM = date(2000, 12, 31)


def _moved(base: date, count: str, unit: str, later: bool) -> date:
    """Return the day so many units before ``base``, or after it."""
    start = base if unit in ("month", "year") else _READ_FROM
    day = _read(f"in {count} {unit}s" if later else f"{count} {unit}s ago", start)
    if day is None:
        raise UnresolvedError(_NO_DAY)
    return base + (day - start)


@lru_cache(4096)
def _read(words: str, base: date) -> date | None:
    """Return the day that dateparser reads, counted from ``base``."""
    found = _parser(base).get_date_data(" ".join(words.split()))
    return None if found.date_obj is None else found.date_obj.date()


@lru_cache(64)
def _parser(base: date) -> Any:
    """Return a parser of dateparser; to make one takes as long as to use it."""
    from dateparser.date import DateDataParser

    settings: dict[str, Any] = {
        "PARSERS": ["relative-time"],
        "TIMEZONE": "UTC",
        "RETURN_AS_TIMEZONE_AWARE": False,
        "RELATIVE_BASE": datetime(base.year, base.month, base.day),
    }
    return DateDataParser(languages=["en"], settings=settings)


def _neighbour(parts: Sequence[str], setting: Setting) -> Days:
    first, last = _earlier(setting, "day")
    if parts[0] == "same":
        return first, last
    day = first - timedelta(days=1) if parts[0] == "previous" else last + timedelta(days=1)
    return day, day


def _period(parts: Sequence[str], setting: Setting) -> Days:
    which, unit = parts[0], parts[-1]
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
    word = parts[0].rpartition(" ")[2]
    day = _base(setting) - timedelta(days=(word == "yesterday") + parts[0].startswith("the"))
    return day, day


#: Kind of expression -> what gives its first and last day of its parts.
RULES: Mapping[str, Callable[[Sequence[str], Setting], Days]] = {
    "numeric": _numeric,
    "day_range": _day_range,
    "us_day_range": _us_day_range,
    **dict.fromkeys(("date", "weekday", "month", "bare_month", "part_of_year", "year"), _dated),
    **dict.fromkeys(("date_range", "weekday_range", "month_range", "bare_month_range", "year_range"), _range),
    "feast": _feast,
    "last": _before,
    "weekday_of_week": _weekday_of_week,
    "ago": _ago,
    "shift": _shift,
    "neighbour": _neighbour,
    **dict.fromkeys(("period", "weekend"), _period),
    "night": _night,
    "near_day": _near_day,
}
