"""Confidence: how sure a place is, less where a spelling only resembles the name or nothing else is near."""

from __future__ import annotations

from collections.abc import Sequence

from .gazetteer import Entry
from .places_ranking import is_near
from .sphere import distance

__all__ = ["confidences"]

_STRAY = 0.5  # of the probability is left where a namesake that the gazetteer lacks may be meant
_SMALL = 50_000  # inhabitants of a town that is not meant wherever the text plays
_FAR = 100.0  # km

Weighed = Sequence[tuple[Entry, float]]


def confidences(names: Sequence[Weighed], told: Sequence[bool]) -> list[float]:
    """Return how sure the likeliest place of each name is.

    That is its probability among the places of the name, times how much the spellings resemble each other,
    and half of it for a stray: a small town that has a namesake in its country, and lies far from all other
    places of the text and outside their divisions. Such names are most often those of a village nearer by.

    Args:
        names: For each name of the text its places with their probabilities, the likeliest first.
        told: Whether the words around each name tell which place is meant ("Tripoli, Lebanon").
    """
    best = [weighed[0][0] for weighed in names]
    return [
        weighed[0][1] * weighed[0][0].likeness * (_STRAY if not is_told and _is_stray(weighed, best) else 1)
        for weighed, is_told in zip(names, told, strict=True)
    ]


def _is_stray(weighed: Weighed, best: Sequence[Entry]) -> bool:
    """Whether the first of the places of a name has nothing to do with those of the other names."""
    town = weighed[0][0]
    if len(weighed) == 1 or town.kind != "place" or town.population >= _SMALL:
        return False
    if all(entry.country != town.country or is_near(town, entry) for entry, _ in weighed):
        return False
    others = [entry for entry in best if entry is not town and entry.admin1 and entry.kind != "country"]
    if all(entry.country != town.country for entry in others):
        return False
    point = town.latitude, town.longitude
    return all(
        entry.admin1 != town.admin1 and distance(point, (entry.latitude, entry.longitude)) > _FAR
        for entry in others
    )
