"""Incidents: what happened, when, where, by whom, to whom, with what and with how many dead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ...data.errors import DataError
from ...data.quotes import quote
from ..normalise.casualties import CasualtyFigure
from ..normalise.claims import Claim
from ..normalise.places import Place
from ..normalise.tolls import Toll
from ..normalise.weapons import Weapon
from .dates import IncidentDate
from .parties import Party

__all__ = ["Incident"]

Offsets = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident of a text. All offsets count code points of the untouched text.

    Attributes:
        event_type: Such as ``battle``; ``None`` when nothing tells.
        event_words: Offsets of the words that speak for the type.
        event_score: Probability in [0, 1] of the type in the whole text; ``None`` when the model gives none.
        dates: When it happened; empty when the text does not say.
        agents: Who did it.
        targets: Who suffered it.
        sources: Who reports it.
        others: Who else is named with it, such as peaceful protesters and those who talk.
        weapons: What was used.
        places: Where it happened, resolved or not; those that others lie in are among them.
        casualties: How many were harmed; parts name their whole in ``of_which``.
        claims: Who states each figure.
        tolls: The claims folded into low, best and high, one for each status.
        sentences: Offsets of the passages that tell of it.
    """

    event_type: str | None
    event_words: tuple[Offsets, ...]
    event_score: float | None
    dates: tuple[IncidentDate, ...]
    agents: tuple[Party, ...]
    targets: tuple[Party, ...]
    sources: tuple[Party, ...]
    others: tuple[Party, ...]
    weapons: tuple[Weapon, ...]
    places: tuple[Place, ...]
    casualties: tuple[CasualtyFigure, ...]
    claims: tuple[Claim, ...]
    tolls: tuple[Toll, ...]
    sentences: tuple[Offsets, ...]

    @property
    def date(self) -> IncidentDate | None:
        """The first date that is resolved, else the first, else ``None``."""
        resolved = (date for date in self.dates if date.resolved)
        return next(resolved, self.dates[0] if self.dates else None)

    @property
    def place(self) -> Place | None:
        """The most precise of the resolved places, the first of several; ``None`` when none is resolved.

        Where countries or provinces are among the places, towns elsewhere are passed over, for then they were
        probably taken for others of their name.
        """
        resolved = [place for place in self.places if place.resolved]
        named = {place.country for place in resolved if place.kind in ("country", "adm1")}
        inside = [place for place in resolved if place.country in named]
        return min(inside or resolved, key=lambda place: place.precision or _UNKNOWN, default=None)

    def toll(self, status: str) -> Toll | None:
        """Return the toll of a status, such as ``killed``; ``None`` when the text states none."""
        return next((toll for toll in self.tolls if toll.status == status), None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        record: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, tuple):
                value = [list(item) if isinstance(item, tuple) else item.to_dict() for item in value]
            record[field.name] = value
        return record

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Incident:
        """Return the incident of which :meth:`to_dict` made a record.

        Raises:
            DataError: when fields are missing, unknown or of another kind, or no sentence is told.
        """
        try:
            incident = _checked().validate_python(record)
        except (ValidationError, RecursionError) as error:
            raise DataError(f"not the record of an incident: {quote(record)}") from error
        if not incident.sentences or incident.to_dict() != record:  # with what it has beyond the fields
            raise DataError(f"not the record of an incident: {quote(record)}")
        return incident


_UNKNOWN = 9  # behind all codes of precision


@cache
def _checked() -> TypeAdapter[Incident]:
    """Return what checks the types of a whole record."""
    return TypeAdapter(Incident)
