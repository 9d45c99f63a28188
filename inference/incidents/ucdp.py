"""UCDP: incidents as rows with the columns of the Georeferenced Event Dataset (GED) of Uppsala."""

from __future__ import annotations

from typing import Any

from ..normalise.places import Place
from .incident import Incident
from .reports import Report
from .rows import flat_row, joined, sources_of
from .sides import civilian_deaths, sides

__all__ = ["UCDP_COLUMNS", "grid_cell", "ucdp_row"]

_OURS = (
    "document", "incident", "event_type", "date_text", "weapons", "places", "injured_best", "country_alpha3",
    "event_score", "start", "end", "offsets", "text",
)  # fmt: skip
#: The columns of GED 24.1 in its order, then our own, from which each row can be traced to its text.
UCDP_COLUMNS = (
    "id", "relid", "year", "active_year", "code_status", "type_of_violence", "conflict_dset_id",
    "conflict_new_id", "conflict_name", "dyad_dset_id", "dyad_new_id", "dyad_name", "side_a_dset_id",
    "side_a_new_id", "side_a", "side_b_dset_id", "side_b_new_id", "side_b", "number_of_sources",
    "source_article", "source_office", "source_date", "source_headline", "source_original", "where_prec",
    "where_coordinates", "where_description", "adm_1", "adm_2", "latitude", "longitude", "geom_wkt",
    "priogrid_gid", "country", "country_id", "region", "event_clarity", "date_prec", "date_start", "date_end",
    "deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "best", "high", "low", "gwnoa", "gwnob",
    *_OURS,
)  # fmt: skip

_ONE_SIDED = 3
_DATE_CODES = ((1, 1), (6, 2), (7, 3), (31, 4), (366, 5))  # most days, UCDP's code
_CELLS = 2  # of PRIO-GRID in a degree
_CELLS_ROUND = 720


def ucdp_row(report: Report, number: int, incident: Incident) -> dict[str, Any]:
    """Return the values of :data:`UCDP_COLUMNS` that are known; ``docs/incidents.md`` says how.

    Args:
        report: The report that tells of the incident.
        number: The incident's number in it, from 1.
        incident: The incident.
    """
    flat = flat_row(report, number, incident)
    named = sides(incident)
    side_a, side_b = named.one, named.two
    is_one_sided = incident.event_type == "violence"
    if is_one_sided and side_a:
        side_b = "Civilians"
    sources = sources_of(incident)
    row: dict[str, Any] = {name: flat[name] for name in _OURS}
    row |= {
        "type_of_violence": _ONE_SIDED if is_one_sided else None,
        "dyad_name": f"{side_a} - {side_b}" if side_a and side_b else None,
        "side_a": side_a,
        "side_b": side_b,
        "number_of_sources": len(sources) or None,
        "source_article": report.id,
        "source_date": flat["published"],
        "source_original": joined(sources),
        "where_description": flat["places"],
    }
    return row | _when(incident) | _where(incident.place) | _deaths(incident)


def _when(incident: Incident) -> dict[str, Any]:
    date = incident.date
    if date is None or date.first is None or date.last is None or date.days is None:
        return {}
    code = next((code for most, code in _DATE_CODES if date.days <= most), None)
    return {
        "year": date.first.year if date.first.year == date.last.year else None,
        "date_prec": code,
        "date_start": date.first.isoformat(),
        "date_end": date.last.isoformat(),
    }


def _where(place: Place | None) -> dict[str, Any]:
    if place is None or place.latitude is None or place.longitude is None:
        return {}
    return {
        "where_prec": place.precision,
        "where_coordinates": place.name,
        "adm_1": place.admin1_name,
        "adm_2": place.name if place.kind == "adm2" else None,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "geom_wkt": f"POINT ({place.longitude} {place.latitude})",
        "priogrid_gid": grid_cell(place.latitude, place.longitude),
        "country": place.country_name,
    }


def grid_cell(latitude: float, longitude: float) -> int:
    """Return the number of the PRIO-GRID cell, half a degree wide, in which a point lies.

    >>> grid_cell(-90, -180), grid_cell(36.2, 37.16)
    (1, 181875)
    """
    row = min(int((latitude + 90) * _CELLS), 180 * _CELLS - 1)
    column = min(int((longitude + 180) * _CELLS), _CELLS_ROUND - 1)
    return row * _CELLS_ROUND + column + 1


def _deaths(incident: Incident) -> dict[str, Any]:
    """Return the estimates; which side soldiers and fighters belong to is not known."""
    toll = incident.toll("killed")
    if toll is None:
        return {}
    civilians = min(civilian_deaths(incident, toll.rule) or 0, toll.best)
    return {
        "low": toll.low,
        "best": toll.best,
        "high": toll.high,
        "deaths_civilians": civilians,
        "deaths_unknown": toll.best - civilians,
    }
