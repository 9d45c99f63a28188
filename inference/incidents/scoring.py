"""Scoring: precision and recall of incidents, field by field, against incidents annotated by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...data.documents import Document
from ...data.errors import DataError
from ...data.quotes import quote
from .incident import Incident

__all__ = ["FIELDS", "FieldCounts", "GoldIncident", "gold_incidents", "score_incidents"]

Offsets = tuple[int, int]

#: The fields that hold pieces of the text.
_SPAN_FIELDS = ("date", "agents", "targets", "weapons", "places", "casualties")
#: What is scored, in order of the table.
FIELDS = ("incident", "event_type", "days", *_SPAN_FIELDS, "tolls", "country")


@dataclass(frozen=True, slots=True)
class GoldIncident:
    """An incident as somebody annotated it.

    Attributes:
        spans: Field -> offsets, for agents, targets, weapons, places, casualties and date.
        values: Field -> what is right, for event_type, days, tolls and country.
    """

    spans: Mapping[str, frozenset[Offsets]]
    values: Mapping[str, frozenset[object]]


@dataclass(slots=True)
class FieldCounts:
    """Counts of one field over all documents.

    Attributes:
        predicted: Items that were found.
        correct: Those of them that are right.
        annotated: Items that are to be found.
        reached: Those of them that were.
    """

    predicted: int = 0
    correct: int = 0
    annotated: int = 0
    reached: int = 0

    @property
    def precision(self) -> float | None:
        """Share of what was found that is right, in [0, 1]; ``None`` when nothing was found."""
        return self.correct / self.predicted if self.predicted else None

    @property
    def recall(self) -> float | None:
        """Share of what is to be found that was, in [0, 1]; ``None`` when there is nothing."""
        return self.reached / self.annotated if self.annotated else None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "predicted": self.predicted,
            "correct": self.correct,
            "annotated": self.annotated,
            "reached": self.reached,
        }


@dataclass(slots=True)
class _Items:
    """The items of one incident: field -> item -> its pieces of the text, empty for plain values."""

    fields: dict[str, dict[object, frozenset[Offsets]]] = field(default_factory=dict)


def gold_incidents(document: Document) -> list[GoldIncident]:
    """Return the incidents that a document carries in its field ``incidents``.

    Raises:
        DataError: when there is no such field, or it holds something else.
    """
    try:
        return [_gold(record) for record in document.meta["incidents"]]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        shown = quote(document.meta.get("incidents"))
        raise DataError(
            f"document {quote(document.id)}: 'incidents' must be a list of annotated incidents, got {shown}"
        ) from error


def _gold(record: Mapping[str, Any]) -> GoldIncident:
    spans = {name: frozenset((start, end) for start, end in record.get(name, ())) for name in _SPAN_FIELDS}
    tolls = frozenset(
        (item["status"], item["low"], item["best"], item["high"]) for item in record.get("tolls", ())
    )
    days: frozenset[object] = frozenset([(record["first"], record["last"])] if record.get("first") else [])
    kind, country = record.get("event_type"), record.get("country")
    return GoldIncident(
        spans,
        {
            "event_type": frozenset([kind] if kind else []),
            "days": days,
            "tolls": tolls,
            "country": frozenset([country] if country else []),
        },
    )


def score_incidents(
    pairs: Iterable[tuple[str, Sequence[Incident], Sequence[GoldIncident]]],
) -> dict[str, FieldCounts]:
    """Count over documents how far the incidents that were found are those annotated.

    Each incident is compared with the annotated one with which it shares most pieces of text, one to one;
    what is left over is wrong in all its fields. The items of a field are its different wordings; one is
    right when any mention of it overlaps an annotated piece of that field. Days, tolls (status, low, best and
    high), event type and country have to be equal; country is that of the most precise resolved place, and
    counts only where one is annotated.

    Args:
        pairs: Text, incidents found, incidents annotated, of each document.
    """
    counts = {name: FieldCounts() for name in FIELDS}
    for text, found, annotated in pairs:
        ours = [_items(text, incident) for incident in found]
        theirs = [_gold_items(text, incident) for incident in annotated]
        matched = _match(ours, theirs)
        for index, items in enumerate(ours):
            other = matched.get(index)
            counts["incident"].predicted += 1
            counts["incident"].correct += other is not None
            _count(counts, items, _Items() if other is None else theirs[other], found=True)
        backward = {other: index for index, other in matched.items()}
        for index, items in enumerate(theirs):
            other = backward.get(index)
            counts["incident"].annotated += 1
            counts["incident"].reached += other is not None
            _count(counts, items, _Items() if other is None else ours[other], found=False)
    return counts


def _count(counts: Mapping[str, FieldCounts], items: _Items, others: _Items, *, found: bool) -> None:
    for name, values in items.fields.items():
        counterpart = others.fields.get(name, {})
        if found and name == "country" and others.fields and not counterpart:
            continue  # none is annotated
        pieces = frozenset[Offsets]().union(*counterpart.values())
        right = sum(_overlap(own, pieces) if own else item in counterpart for item, own in values.items())
        if found:
            counts[name].predicted += len(values)
            counts[name].correct += right
        else:
            counts[name].annotated += len(values)
            counts[name].reached += right


def _overlap(pieces: Iterable[Offsets], others: Iterable[Offsets]) -> bool:
    others = list(others)
    return any(start < end2 and start2 < end for start, end in pieces for start2, end2 in others)


def _match(ours: Sequence[_Items], theirs: Sequence[_Items]) -> dict[int, int]:
    """Return which of ours is which of theirs, those that share most first."""
    shared = [
        (-_shared(one, other), index, position)
        for index, one in enumerate(ours)
        for position, other in enumerate(theirs)
    ]
    matched: dict[int, int] = {}
    for overlap, index, position in sorted(shared):
        if overlap < 0 and index not in matched and position not in matched.values():
            matched[index] = position
    return matched


def _shared(one: _Items, other: _Items) -> int:
    pieces = {name: frozenset[Offsets]().union(*other.fields.get(name, {}).values()) for name in _SPAN_FIELDS}
    return sum(
        _overlap(own, pieces[name]) for name in _SPAN_FIELDS for own in one.fields.get(name, {}).values()
    )


def _items(text: str, incident: Incident) -> _Items:
    spans: dict[str, Iterable[Offsets]] = {
        "date": [(date.start, date.end) for date in incident.dates],
        "agents": [mention for party in incident.agents for mention in party.mentions],
        "targets": [mention for party in incident.targets for mention in party.mentions],
        "weapons": [(weapon.start, weapon.end) for weapon in incident.weapons],
        "places": [(place.start, place.end) for place in incident.places],
        "casualties": [(figure.start, figure.end) for figure in incident.casualties],
    }
    date, place = incident.date, incident.place
    days = [] if date is None or date.first is None else [(str(date.first), str(date.last))]
    values: dict[str, Iterable[object]] = {
        "event_type": [incident.event_type] if incident.event_type else [],
        "days": days,
        "tolls": [(toll.status, toll.low, toll.best, toll.high) for toll in incident.tolls],
        "country": [place.country] if place is not None and place.country else [],
    }
    return _Items(_grouped(text, spans) | _plain(values))


def _gold_items(text: str, incident: GoldIncident) -> _Items:
    return _Items(_grouped(text, incident.spans) | _plain(incident.values))


def _grouped(
    text: str, spans: Mapping[str, Iterable[Offsets]]
) -> dict[str, dict[object, frozenset[Offsets]]]:
    """Return the pieces of each field by their words."""
    grouped: dict[str, dict[object, frozenset[Offsets]]] = {}
    for name, pieces in spans.items():
        words = grouped.setdefault(name, {})
        for start, end in pieces:
            key = text[start:end].casefold()
            words[key] = words.get(key, frozenset()) | {(start, end)}
    return grouped


def _plain(values: Mapping[str, Iterable[object]]) -> dict[str, dict[object, frozenset[Offsets]]]:
    return {name: {item: frozenset[Offsets]() for item in items} for name, items in values.items()}
