"""Rows: an incident as one flat record, for tables, maps and data frames."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .incident import Incident
from .parties import Party
from .reports import Report
from .sides import victims

__all__ = [
    "ROW_COLUMNS",
    "flat_row",
    "joined",
    "sources_of",
    "story",
]

_STATUSES = ("killed", "injured", "missing", "captive", "mixed")
_BOUNDS = ("low", "best", "high")
#: The columns of a flat record, in order.
ROW_COLUMNS = (
    "document", "incident", "published", "event_type", "event_score", "date_first", "date_last", "date_text",
    "agents", "targets", "victims", "others", "sources", "weapons", "weapon_categories", "places", "place",
    "country", "country_alpha3", "admin1", "latitude", "longitude", "place_precision", "geonames_id",
    *(f"{status}_{bound}" for status in _STATUSES for bound in _BOUNDS), "start", "end", "offsets", "text",
)  # fmt: skip


def flat_row(report: Report, number: int, incident: Incident) -> dict[str, Any]:
    """Return an incident as a record of the columns in :data:`ROW_COLUMNS`; what is not known is ``None``.

    Args:
        report: The report that tells of it.
        number: Its number in the report, from 1.
        incident: The incident.
    """
    date, place = incident.date, incident.place
    row: dict[str, Any] = {
        "document": report.id,
        "incident": number,
        "published": None if report.published is None else report.published.isoformat(),
        "event_type": incident.event_type,
        "event_score": None if incident.event_score is None else round(incident.event_score, 4),
        "date_first": None if date is None or date.first is None else date.first.isoformat(),
        "date_last": None if date is None or date.last is None else date.last.isoformat(),
        "date_text": joined(date.text for date in incident.dates),
        "agents": _names(incident.agents),
        "targets": _names(incident.targets),
        "victims": joined(victims(incident)),
        "others": _names(incident.others),
        "sources": joined(sources_of(incident)),
        "weapons": joined(weapon.text for weapon in incident.weapons),
        "weapon_categories": joined(weapon.category for weapon in incident.weapons),
        "places": joined(place.text for place in incident.places),
        "place": None if place is None else place.name,
        "country": None if place is None else place.country_name,
        "country_alpha3": None if place is None else place.country_alpha3,
        "admin1": None if place is None else place.admin1_name,
        "latitude": None if place is None else place.latitude,
        "longitude": None if place is None else place.longitude,
        "place_precision": None if place is None else place.precision,
        "geonames_id": None if place is None else place.geonames_id,
    }
    for status in _STATUSES:
        toll = incident.toll(status)
        for bound in _BOUNDS:
            row[f"{status}_{bound}"] = None if toll is None else getattr(toll, bound)
    row["start"] = incident.sentences[0][0]
    row["end"] = incident.sentences[-1][1]
    row["offsets"] = " ".join(f"{start}-{end}" for start, end in incident.sentences)
    row["text"] = story(report.text, incident)
    return row


def joined(words: Iterable[str]) -> str | None:
    """Join different words by semicolons, ``None`` when there are none."""
    return "; ".join(dict.fromkeys(" ".join(item.split()) for item in words)) or None


def _names(parties: Iterable[Party]) -> str | None:
    return joined(party.name for party in parties)


def sources_of(incident: Incident) -> list[str]:
    """Return who reports an incident: those marked as sources, and whom the figures come from."""
    named = [party.name for party in incident.sources]
    stated = [claim.source_text for claim in incident.claims if claim.source_text]
    return list({name.casefold(): name for name in reversed([*named, *stated])}.values())[::-1]


def story(text: str, incident: Incident) -> str:
    """Return the passages that tell of an incident, in one line."""
    return " ".join(" ".join(text[start:end].split()) for start, end in incident.sentences)
