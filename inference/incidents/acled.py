"""ACLED: incidents as rows with the columns of the Armed Conflict Location and Event Data project."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..normalise.groups import FORCES
from .incident import Incident
from .reports import Report
from .rows import flat_row, joined, sources_of, story
from .sides import Sides, kind_of, sides, targets_civilians

__all__ = ["ACLED_COLUMNS", "acled_row"]

_OURS = (
    "document", "incident", "date_text", "date_last", "killed_low", "killed_high", "injured_best", "weapons",
    "places", "country_alpha3", "event_score", "start", "end", "offsets",
)  # fmt: skip
#: ACLED's columns in its order, then our own, from which each row can be traced to its text.
ACLED_COLUMNS = (
    "event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type", "sub_event_type",
    "actor1", "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2", "interaction",
    "civilian_targeting", "iso", "region", "country", "admin1", "admin2", "admin3", "location", "latitude",
    "longitude", "geo_precision", "source", "source_scale", "notes", "fatalities", "tags", "timestamp",
    *_OURS,
)  # fmt: skip

#: Our event type -> ACLED's event type and disorder type; it has none for talks.
_TYPES: Mapping[str, tuple[str, str | None]] = {
    "battle": ("Battles", "Political violence"),
    "explosion": ("Explosions/Remote violence", "Political violence"),
    "violence": ("Violence against civilians", "Political violence"),
    "protest": ("Protests", "Demonstrations"),
    "riot": ("Riots", None),
    "strategic": ("Strategic developments", "Strategic developments"),
}
#: Sub-event type -> disorder type, where it is not that of the event type.
_DISORDER: Mapping[str, str] = {
    "Excessive force against protesters": "Political violence; Demonstrations",
    "Violent demonstration": "Demonstrations",
    "Mob violence": "Political violence",
}
#: Our event type -> the sub-event types that its weapons may tell.
_SUB_TYPES: Mapping[str, tuple[str, ...]] = {
    "explosion": (
        "Chemical weapon", "Air/drone strike", "Suicide bomb", "Shelling/artillery/missile attack",
        "Remote explosive/landmine/IED", "Grenade",
    ),
}  # fmt: skip
#: Our event type -> words, and the sub-event type they tell; the first that fits counts.
_SUB_TYPE_WORDS: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    kind: tuple((re.compile(pattern, re.IGNORECASE), name) for pattern, name in rules)
    for kind, rules in {
        "explosion": [
            (r"suicide|bl(?:e|o)ws? (?:him|her|them)sel", "Suicide bomb"),
            (r"air|drone|aerial", "Air/drone strike"),
            (r"shell|artillery|mortar|missile|rocket|tank", "Shelling/artillery/missile attack"),
            (r"grenade", "Grenade"),
        ],
        "violence": [
            (r"abduct|kidnap|hostage", "Abduction/forced disappearance"),
            (r"rap(?:ed|es|ing)", "Sexual violence"),
        ],
        "riot": [
            (r"protest|demonstrat|march", "Violent demonstration"),
            (r"\bmobs?\b|lynch|loot|torch|vandal|ransack", "Mob violence"),
        ],
        "strategic": [
            (r"arrest|detain", "Arrests"),
            (r"agreement|deal|truce|ceasefire", "Agreement"),
            (r"seized weapons|cache", "Disrupted weapons use"),
        ],
    }.items()
}
#: What is left of a type where nothing tells more.
_ELSE = {"battle": "Armed clash", "violence": "Attack"}
_TERRITORY = re.compile(
    r"captured|retook|retake|overr[au]n|seized|(?:took|takes?) (?:full )?control", re.IGNORECASE
)
#: Who takes a place -> sub-event type.
_TAKEN_BY: Mapping[str, str] = {
    **dict.fromkeys(FORCES, "Government regains territory"),
    "militants": "Non-state actor overtakes territory",
}
_PLACE_PRECISION = {1: 1, 2: 2, 3: 2, 4: 3, 5: 3, 6: 3}


def acled_row(report: Report, number: int, incident: Incident) -> dict[str, Any]:
    """Return the values of :data:`ACLED_COLUMNS` that are known; ``docs/incidents.md`` says how.

    Args:
        report: The report that tells of the incident.
        number: The incident's number in it, from 1.
        incident: The incident.
    """
    flat = flat_row(report, number, incident)
    date, place = incident.date, incident.place
    kind, disorder = _TYPES.get(incident.event_type or "", (None, None))
    named = sides(incident, None if place is None else place.country_name)
    sub_type = _sub_type(report.text, incident, named)
    precision = _time_precision(None if date is None else date.days)
    toll = incident.toll("killed")
    row: dict[str, Any] = {name: flat[name] for name in _OURS}
    row |= {
        "event_type": kind,
        "sub_event_type": sub_type,
        "disorder_type": _DISORDER.get(sub_type or "", disorder),
        "actor1": named.one,
        "assoc_actor_1": joined(named.with_one),
        "actor2": named.two,
        "assoc_actor_2": joined(named.with_two),
        "civilian_targeting": "Civilian targeting" if targets_civilians(incident) else None,
        "source": joined(sources_of(incident)),
        "notes": story(report.text, incident),
        "fatalities": None if toll is None else toll.best,
        "time_precision": precision,
    }
    if precision is not None and date is not None and date.first is not None:
        row |= {"event_date": date.first.isoformat(), "year": date.first.year}
    if place is not None:
        row |= {
            "country": place.country_name,
            "admin1": place.admin1_name,
            "admin2": place.name if place.kind == "adm2" else None,
            "location": place.name,
            "latitude": place.latitude,
            "longitude": place.longitude,
            "geo_precision": _PLACE_PRECISION.get(place.precision or 0),
        }
    return row


def _time_precision(days: int | None) -> int | None:
    """Return 1 for a day, 2 for a week, 3 for a month; ACLED codes nothing longer."""
    if days is None or days > 31:
        return None
    return 1 if days == 1 else 2 if days <= 7 else 3


def _sub_type(text: str, incident: Incident, named: Sides) -> str | None:
    """Return the sub-event type that words, actors or weapons tell."""
    kind = incident.event_type or ""
    if kind == "protest":
        is_harmed = any(toll.status in ("killed", "injured") and toll.best for toll in incident.tolls)
        met = "Excessive force against protesters" if is_harmed else "Protest with intervention"
        return met if named.two else "Peaceful protest"
    words = " ".join(" ".join(text[start:end].split()) for start, end in incident.event_words)
    if kind == "battle" and _TERRITORY.search(words):
        return _TAKEN_BY.get(kind_of(named.one or "") or "")
    told = " ".join([words, *(party.name for party in (*incident.agents, *incident.others))])
    for pattern, name in _SUB_TYPE_WORDS.get(kind, ()):
        if pattern.search(words if kind == "explosion" and name != "Suicide bomb" else told):
            return name
    allowed = _SUB_TYPES.get(kind, ())
    by_weapon = (name for weapon in incident.weapons for name in weapon.crosswalk.acled if name in allowed)
    return next(by_weapon, _ELSE.get(kind))
