"""Dates: date expressions resolved to days, against the day of publication where they are relative."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from ...data.errors import ConflictnerError, DataError
from ...data.quotes import quote
from .date_expressions import DateExpression, find_dates
from .date_rules import RULES, Days, Setting, UnresolvedError, has_year
from .libraries import DATES, are_installed

__all__ = ["IncidentDate", "need_dateparser", "published_date", "resolve_dates"]

_MISSING = "dates need dateparser: pip install 'conflictner[dates]'"


@dataclass(frozen=True, slots=True)
class IncidentDate:
    """When something happened, as a text says it.

    Attributes:
        start: Offset of the expression's first character.
        end: Offset behind its last.
        text: The expression.
        status: ``resolved`` or ``unresolved``.
        reason: What it was resolved against: ``absolute``, ``published`` or ``text`` (the date before it in
            the text); when unresolved, why.
        first: The first day; ``None`` when unresolved.
        last: The last day, the same for a single day.
    """

    start: int
    end: int
    text: str
    status: str
    reason: str
    first: date | None = None
    last: date | None = None

    @property
    def resolved(self) -> bool:
        """Whether the days are known."""
        return self.first is not None

    @property
    def days(self) -> int | None:
        """How many days it spans, ``None`` when unresolved."""
        return None if self.first is None or self.last is None else (self.last - self.first).days + 1

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types; days are ``YYYY-MM-DD``."""
        record: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        for name in ("first", "last"):
            record[name] = None if record[name] is None else record[name].isoformat()
        return record

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> IncidentDate:
        """Return the date of which :meth:`to_dict` made a record.

        Raises:
            DataError: when fields are missing, unknown or no dates.
        """
        try:
            days = {name: record[name] and date.fromisoformat(record[name]) for name in ("first", "last")}
            return cls(**{**record, **days})
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"not the record of a date: {quote(record)}") from error


def published_date(value: date | str | None) -> date | None:
    """Return the day of publication that a user gives.

    Args:
        value: A date, a time, ``YYYY-MM-DD`` with or without a time of day behind it, any other date that
            can be read in one way alone, such as ``5 March 2024``, or ``None``.

    Raises:
        ConflictnerError: for anything else.
    """
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    day = _only_day(value.strip()) if isinstance(value, str) else None
    if day is None:
        raise ConflictnerError(
            f"the day of publication is {quote(value)}; accepted is a date such as 2024-03-05 or 5 March 2024"
        )
    return day


def _only_day(words: str) -> date | None:
    """Return the day that words name, all of them and without any other date to count from."""
    try:
        return datetime.fromisoformat(words).date()
    except ValueError:
        found = resolve_dates(words, find_dates(words))
    return found[0].first if len(found) == 1 and found[0].text == words and found[0].days == 1 else None


def need_dateparser() -> None:
    """Make sure that relative dates can be resolved.

    Raises:
        ConflictnerError: when dateparser is not installed, naming what to type.
    """
    if not are_installed(DATES):
        raise ConflictnerError(_MISSING)


def resolve_dates(
    text: str, expressions: Iterable[DateExpression], published: date | None = None
) -> list[IncidentDate]:
    """Resolve date expressions, in order of the text.

    A weekday is the last such day up to the day of publication, that day included; a day and month without a
    year likewise. Nothing relative is resolved without a day of publication, and no numeric date whose day
    and month may be exchanged.

    Args:
        text: The text.
        expressions: What :func:`~.date_expressions.find_dates` found in it.
        published: The day of publication.

    Returns:
        A date for each expression, resolved or not.

    Raises:
        ConflictnerError: when a day of publication is given and dateparser is not installed.
    """
    wanted = list(expressions)
    if published is not None:
        need_dateparser()
    if not are_installed(DATES):
        return [_unresolved(text, expression, _MISSING) for expression in wanted]
    resolved: list[IncidentDate] = []
    earlier: Days | None = None
    for expression in wanted:
        found = _resolve(text, expression, Setting(published, earlier))
        if found.first is not None and found.last is not None:
            earlier = found.first, found.last
        resolved.append(found)
    return resolved


def _unresolved(text: str, expression: DateExpression, reason: str) -> IncidentDate:
    surface = text[expression.start : expression.end]
    return IncidentDate(expression.start, expression.end, surface, "unresolved", reason)


def _resolve(text: str, expression: DateExpression, setting: Setting) -> IncidentDate:
    try:
        first, last = RULES[expression.kind](expression.parts, setting)
    except UnresolvedError as error:
        return _unresolved(text, expression, str(error))
    except OverflowError:
        return _unresolved(text, expression, "outside the calendar")
    surface = text[expression.start : expression.end]
    if expression.kind in ("shift", "neighbour"):
        reason = "text"
    else:
        reason = "absolute" if has_year(surface) else "published"
    return IncidentDate(expression.start, expression.end, surface, "resolved", reason, first, last)
