"""Confidence: how sure a place is, less where a spelling only resembles the name or nothing else is near."""

from __future__ import annotations

from collections.abc import Sequence

from .gazetteer import Entry, Gazetteer
from .places_context import Mentions
from .places_ranking import is_near
from .sphere import distance

__all__ = ["confidences"]

_STRAY = 0.25  # of the probability is left where a namesake that the gazetteer lacks may be meant
_SMALL = 50_000  # inhabitants of a town that is not meant wherever the text plays
_FAR = 100.0  # km

Weighed = Sequence[tuple[Entry, float]]


def confidences(
    names: Sequence[Weighed], told: Sequence[bool], mentioned: Mentions, gazetteer: Gazetteer
) -> list[float]:
    """Return how sure the likeliest place of each name is, in [0, 1].

    That is its probability among the places of the name, times how much the spellings resemble each other,
    and a quarter of it for a stray. Such names are most often those of a village that the gazetteer lacks:

    - a town that bears the name as another than its own, far from all countries that the text names;
    - a small town that has a namesake in its country, and lies far from all other places of the text and
      outside their divisions.

    Args:
        names: For each name of the text its places with their probabilities, the likeliest first.
        told: Whether the words behind each name tell which place is meant ("Tripoli, Lebanon").
        mentioned: Which countries the text names.
        gazetteer: Where those countries are looked up.
    """
    best = [weighed[0][0] for weighed in names]
    found = []
    for weighed, is_told in zip(names, told, strict=True):
        town, probability = weighed[0]
        others = [entry for entry in best if entry is not town]
        is_stray = town.kind == "place" and (
            _is_abroad(town, others, mentioned, gazetteer) or _is_lone(weighed, others)
        )
        found.append(probability * town.likeness * (_STRAY if is_stray and not is_told else 1))
    return found


def _is_abroad(town: Entry, others: Sequence[Entry], mentioned: Mentions, gazetteer: Gazetteer) -> bool:
    """Whether a town is only an alias of the name, and far from what the text tells."""
    if not town.alias or town.prominent or any(entry.country == town.country for entry in others):
        return False
    named = mentioned.countries
    point = town.latitude, town.longitude
    return bool(named) and not any(gazetteer.is_within_reach(code, point) for code in named)


def _is_lone(weighed: Weighed, others: Sequence[Entry]) -> bool:
    """Whether a small town has nothing to do with the other places in its country."""
    town = weighed[0][0]
    if len(weighed) == 1 or town.population >= _SMALL:
        return False
    if all(entry.country != town.country or is_near(town, entry) for entry, _ in weighed):
        return False
    around = [entry for entry in others if entry.admin1 and entry.kind != "country"]
    if all(entry.country != town.country for entry in around):
        return False
    point = town.latitude, town.longitude
    return all(
        entry.admin1 != town.admin1 and distance(point, (entry.latitude, entry.longitude)) > _FAR
        for entry in around
    )
