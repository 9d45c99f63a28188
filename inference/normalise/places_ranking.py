"""Which of the places of a name a text means: population, countries named, comma chains, nearness."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .gazetteer import Entry
from .places_context import Mentions
from .places_support import shares_of, supported
from .sphere import distance

__all__ = ["WEIGHTS", "Candidates", "Weights", "containers", "is_near", "rank"]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each kind of evidence counts, in units of ten times the population.

    Attributes:
        population: For each factor of ten in population.
        country_entry: For being a country.
        adm1: For being a first-level division.
        adm2: For being a second-level division.
        alias: For being known by another name.
        prominent: For being a capital, or listed as much in the news; a third where a namesake is large, too.
        inside: For a division that has a town of the name in it.
        unlike: For each tenth by which a spelling differs.
        asked: For being of the kind that words around the name ask for.
        chain: For lying in what the words behind the comma name.
        listed: The same where the comma may be that of a list.
        named: For lying in a country that the text names, by the logarithm of how often.
        named_division: The same for first-level divisions.
        shared: For lying in a country that other places of the text may lie in.
        division: The same for first-level divisions.
        near: For lying near other places of the text.
        reach: Kilometres at which nearness is half.
        sharpness: Of the confidence: how many units of score make a place e times as probable.
    """

    population: float = 1.1
    country_entry: float = 3.0
    adm1: float = -0.3
    adm2: float = -1.5
    alias: float = -1.0
    prominent: float = 1.5
    inside: float = -2.0
    unlike: float = -1.0
    asked: float = 3.0
    chain: float = 6.0
    listed: float = 3.0
    named: float = 2.0
    named_division: float = 1.0
    shared: float = 0.7
    division: float = 1.8
    near: float = 2.3
    reach: float = 160.0
    sharpness: float = 0.5


WEIGHTS = Weights()
_SAME_PLACE = 100.0  # km within which a town and the division named after it are one answer
_SAME_LATITUDE = 0.9  # degrees; what is further apart is further than that
_NEGLIGIBLE = 1e-7  # probability
_OUTGROWN = 10  # times the inhabitants of all its namesakes that a capital has, that counts in full
_FIRST = 5  # places to which the probabilities of what lies beside them are added


@dataclass(frozen=True, slots=True)
class Candidates:
    """A name of the text with the places that bear it.

    Attributes:
        key: The name's key.
        entries: Places that bear the name, at least one.
        kinds: Kinds of places that words around it ask for; empty for any.
        chains: GeoNames codes of divisions, and codes of countries, behind its commas.
        listed: Whether that looks like a list.
    """

    key: str
    entries: tuple[Entry, ...]
    kinds: frozenset[str]
    chains: frozenset[str]
    listed: bool = False


def rank(
    names: Sequence[Candidates], mentioned: Mentions, weights: Weights = WEIGHTS
) -> list[list[tuple[Entry, float]]]:
    """Weigh the places of all names of a text together.

    Args:
        names: The distinct names of the text.
        mentioned: Which countries and provinces the text names.
        weights: How much each kind of evidence counts.

    Returns:
        For each name its places with their probabilities, which add up to 1, the likeliest first; the
        probabilities of the first five contain those of the places within 100 km that share their country.
    """
    if all(len(name.entries) == 1 for name in names):
        return [[(name.entries[0], 1.0)] for name in names]
    scores = [
        _own_scores(name, mentioned, weights) if len(name.entries) > 1 else [0.0]  # that is sure anyway
        for name in names
    ]
    if len(names) > 1 and not all(_is_settled(name) for name in names):
        scores = supported([name.entries for name in names], scores, weights)
    return [
        _ordered(name, shares_of(own, weights.sharpness)) for name, own in zip(names, scores, strict=True)
    ]


def _is_settled(name: Candidates) -> bool:
    """Whether all places of a name are one, so that nothing has to tell them apart."""
    return all(is_near(name.entries[0], entry) for entry in name.entries[1:])


def _own_scores(name: Candidates, mentioned: Mentions, weights: Weights) -> list[float]:
    """Return the scores of a name's places without the other names of the text."""
    kinds = {"country": weights.country_entry, "adm1": weights.adm1, "adm2": weights.adm2}
    towns = [entry for entry in name.entries if entry.kind == "place"]
    chain = weights.chain
    if name.listed:  # a capital stands in a list rather than a town of its name in a chain
        chain = 0.0 if any(entry.prominent for entry in name.entries) else weights.listed
    codes = mentioned.codes
    scores = []
    for entry in name.entries:
        kind = entry.kind
        score = weights.population * math.log10(entry.population + 100) + kinds.get(kind, 0.0)
        score += weights.alias * entry.alias + weights.unlike * 10 * (1 - entry.likeness)
        if kind in ("region", "macroregion", "sea", "continent"):
            score += 10  # nothing else is called so
        if name.kinds:
            score += weights.asked * (kind in name.kinds)
        elif kind in ("adm1", "adm2") and any(_seat(entry, town) for town in towns):
            score += weights.inside
        if name.chains:
            score += chain * (not name.chains.isdisjoint(containers(entry)))
        if entry.prominent:
            score += weights.prominent if _outgrows(entry, towns) else weights.prominent / 3
        if entry.country in codes:
            score += weights.named * math.log1p(mentioned.of(entry.country, name.key))
        if entry.admin1 in codes and kind != "country":
            score += weights.named_division * math.log1p(mentioned.of(entry.admin1, name.key))
        scores.append(score)
    return scores


def _outgrows(entry: Entry, towns: Sequence[Entry]) -> bool:
    """Whether a place has ten times the inhabitants of any other town of its name."""
    return all(
        town is entry or town.alias or town.population * _OUTGROWN < entry.population for town in towns
    )


def containers(entry: Entry) -> set[str]:
    """Return the codes of the country and the divisions that an entry lies in."""
    codes = [entry.country, entry.admin1, entry.admin2]
    return {code for code in codes[: {"country": 0, "adm1": 1, "adm2": 2}.get(entry.kind, 3)] if code}


def _seat(division: Entry, town: Entry) -> bool:
    """Whether a town is a large part of the division around it."""
    around = abs(town.latitude - division.latitude) < 1 and abs(town.longitude - division.longitude) < 1
    inside = town.country == division.country and (town.admin1 == division.admin1 or around)
    return inside and not town.alias and town.population * 20 >= division.population


def _ordered(name: Candidates, shares: Sequence[float]) -> list[tuple[Entry, float]]:
    """Return a name's places, the likeliest first; the first get those of what lies there too."""
    weighed = sorted(zip(name.entries, shares, strict=True), key=lambda pair: -pair[1])
    likely = [pair for pair in weighed if pair[1] > _NEGLIGIBLE]
    return [
        (
            entry,
            min(
                1.0,
                share + sum(more for other, more in likely if other is not entry and is_near(entry, other)),
            ),
        )
        for entry, share in weighed[:_FIRST]
    ] + weighed[_FIRST:]


def is_near(one: Entry, other: Entry) -> bool:
    """Whether two places are one answer, such as a town and the district named after it."""
    if one.country != other.country or abs(one.latitude - other.latitude) > _SAME_LATITUDE:
        return False
    return distance((one.latitude, one.longitude), (other.latitude, other.longitude)) < _SAME_PLACE
