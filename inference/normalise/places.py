"""Places: where on Earth the location spans of a text are, resolved offline, or left unresolved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...data.documents import Span
from .gazetteer import Entry, Gazetteer
from .places_confidence import confidences
from .places_context import Chain, Mentions, chain_after
from .places_lookup import Found, find
from .places_phrases import Reading, refusal
from .places_ranking import Candidates, containers, is_near, rank
from .places_records import Candidate, Place

__all__ = ["LEAST_CONFIDENCE", "Candidate", "Place", "places"]

#: A place that is less probable than this stays unresolved.
LEAST_CONFIDENCE = 0.3

_CANDIDATES = 5  # kept of each place
_WELL_KNOWN = 50_000  # inhabitants of a town that may be named with another country than the gazetteer has
_COUNTRY = 2  # letters of a country's code
_LEVELS = {"country": 0, "adm1": 1, "adm2": 2}
_PRECISION = {"place": 1, "adm2": 3, "adm1": 4, "region": 5, "country": 6, "sea": 7}
_PART_OF_COUNTRY = 5
_AROUND = 2


@dataclass(frozen=True, slots=True)
class _Name:
    """What spans must share to be one place: one text does not call two places by one name."""

    key: str
    kinds: frozenset[str]
    chains: frozenset[str]
    listed: bool


def places(
    text: str,
    spans: Iterable[Span],
    *,
    label: str | None = "LOCATION",
    least_confidence: float = LEAST_CONFIDENCE,
) -> list[Place]:
    """Resolve the location spans of a text; spans of other labels are left out.

    The first use on a machine builds the gazetteer and keeps it (see ``docs/places.md``).

    Args:
        text: The text.
        spans: Spans of it, such as ``prediction.spans``.
        label: The label of location spans; ``None`` resolves all spans.
        least_confidence: What is less probable than this, in [0, 1], stays unresolved.

    Returns:
        One place for each location span, in the order of the spans.

    Raises:
        ConflictnerError: when the libraries of the gazetteer are not installed.
    """
    wanted = [span for span in spans if label is None or span.label == label]
    if not wanted:
        return []
    gazetteer = Gazetteer.load()
    mentioned = Mentions(text, gazetteer)
    found = [find(text, span.start, span.end, gazetteer, mentioned) for span in wanted]
    chains = [chain_after(text, span.start, span.end, gazetteer) for span in wanted]
    names = _names(found, chains)
    distinct = {name: item for name, item in zip(names, found, strict=True) if name and item}
    weighed = rank(
        [
            Candidates(name.key, item.entries, name.kinds, name.chains, name.listed)
            for name, item in distinct.items()
        ],
        mentioned,
    )
    ranked = dict(zip(distinct, weighed, strict=True))
    sure = dict(
        zip(
            distinct,
            confidences(weighed, [bool(name.chains) for name in distinct], mentioned, gazetteer),
            strict=True,
        )
    )
    results = []
    for span, name, item, chain in zip(wanted, names, found, chains, strict=True):
        if name is None or item is None:
            reason = refusal(text[span.start : span.end]) or "not in the gazetteer"
            results.append(_unresolved(text, span, reason))
        elif _is_elsewhere(ranked[name][0][0], chain, gazetteer):
            reason = "no such place in what is named behind it"
            results.append(_unresolved(text, span, reason, ranked[name], sure[name]))
        elif sure[name] < least_confidence:
            is_shared = ranked[name][0][1] < least_confidence
            reason = "too many places bear the name" if is_shared else "far from what else is told"
            results.append(_unresolved(text, span, reason, ranked[name], sure[name]))
        else:
            reason = _reason(item, name, ranked[name], mentioned)
            results.append(_resolved(text, span, item.reading, reason, ranked[name], sure[name], gazetteer))
    return results


def _names(found: Sequence[Found | None], chains: Sequence[Chain]) -> list[_Name | None]:
    """Return what each span is called; what a comma says once of a name holds for the name everywhere."""
    within = [
        chain.codes & {code for entry in item.entries for code in containers(entry)} if item else frozenset()
        for item, chain in zip(found, chains, strict=True)
    ]
    known: dict[str, frozenset[str]] = {}
    for item, chain, codes in zip(found, chains, within, strict=True):
        if item and codes and not _is_listed(item, chain):
            known.setdefault(item.reading.key, codes)
    names: list[_Name | None] = []
    for item, chain, codes in zip(found, chains, within, strict=True):
        if item is None:
            names.append(None)
            continue
        reading, listed = item.reading, _is_listed(item, chain)
        if listed or not codes:
            listed = listed and reading.key not in known
            codes = known.get(reading.key, codes)
        names.append(_Name(reading.key, reading.kinds, codes, bool(codes) and listed))
    return names


def _is_listed(item: Found, chain: Chain) -> bool:
    """Whether a comma parts the items of a list; two countries are a list."""
    is_country = any(entry.kind == "country" for entry in item.entries)
    return chain.listed or (is_country and all(len(code) == _COUNTRY for code in chain.codes))


def _is_elsewhere(best: Entry, chain: Chain, gazetteer: Gazetteer) -> bool:
    """Whether a town lies outside the country or division that is named behind it, or far from it."""
    if best.kind != "place" or best.prominent or chain.listed or not chain.certain:
        return False
    if not chain.codes.isdisjoint(containers(best)):
        return False
    point = best.latitude, best.longitude
    return best.population < _WELL_KNOWN or not any(
        gazetteer.is_within_reach(code[:_COUNTRY], point) for code in chain.codes
    )


def _reason(item: Found, name: _Name, weighed: Sequence[tuple[Entry, float]], mentioned: Mentions) -> str:
    """Return what decided for the first of the weighed places."""
    best = weighed[0][0]
    if item.people:
        return "nationality"
    if best.likeness < 1:
        return "spelling"
    if all(is_near(best, entry) for entry, _ in weighed):
        return "only"
    if name.chains & {best.country, best.admin1, best.admin2}:
        return "chain"
    if best.kind in name.kinds:
        return "kind"
    if mentioned.of(best.country, name.key):
        return "country"
    larger = [entry for entry, _ in weighed if entry.kind == best.kind and entry.population > best.population]
    return "near" if larger else "population"


def _candidate(entry: Entry, probability: float) -> Candidate:
    """Return the record of a place that was weighed."""
    return Candidate(
        entry.name, entry.kind, entry.country, entry.admin1, entry.latitude, entry.longitude,
        entry.population, entry.geonames, round(probability, 4),
    )  # fmt: skip


def _unresolved(
    text: str, span: Span, reason: str, weighed: Sequence[tuple[Entry, float]] = (), confidence: float = 0.0
) -> Place:
    """Return the record of a span whose place is not known."""
    return Place(
        span.start,
        span.end,
        text[span.start : span.end],
        "unresolved",
        reason,
        confidence=round(confidence, 4),
        candidates=tuple(_candidate(*pair) for pair in weighed[:_CANDIDATES]),
    )


def _resolved(
    text: str,
    span: Span,
    reading: Reading,
    reason: str,
    weighed: Sequence[tuple[Entry, float]],
    confidence: float,
    gazetteer: Gazetteer,
) -> Place:
    """Return the record of a span whose place is known."""
    best = weighed[0][0]
    country = gazetteer.country(best.country) if best.country else None
    division = gazetteer.division(best.admin1) if best.admin1 else None
    return Place(
        start=span.start,
        end=span.end,
        text=text[span.start : span.end],
        status="resolved",
        reason=reason,
        confidence=round(confidence, 4),
        name=best.name,
        kind=best.kind,
        country=best.country,
        country_alpha3=country.iso if country else None,
        country_name=country.name if country else None,
        admin_level=_LEVELS.get(best.kind),
        admin1=best.admin1,
        admin1_name=division.name if division else None,
        iso_3166_2=division.iso if division else None,
        latitude=best.latitude,
        longitude=best.longitude,
        geonames_id=best.geonames,
        precision=_precision(best, reading),
        candidates=tuple(_candidate(*pair) for pair in weighed[:_CANDIDATES]),
    )


def _precision(entry: Entry, reading: Reading) -> int | None:
    """Return UCDP's code for how precisely the point of an entry tells where a span is."""
    code = _PRECISION.get(entry.kind)
    if entry.kind == "country" and reading.part:
        return _PART_OF_COUNTRY
    if entry.kind == "place" and (reading.part or reading.near):
        return _AROUND
    return code
