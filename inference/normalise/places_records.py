"""Records of places: what a location span was resolved to, and what else it may have been."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from ...data.errors import DataError
from ...data.quotes import quote

__all__ = ["Candidate", "Place"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that was weighed.

    Attributes:
        name: The gazetteer's name.
        kind: ``place`` (city, town, village), ``adm1`` and ``adm2`` (divisions), ``country``, ``region`` (of
            one country, or disputed), ``macroregion`` (of several countries), ``continent`` or ``sea``.
        country: ISO 3166-1 alpha-2 code, ``None`` where none applies.
        admin1: GeoNames code of the first-level division.
        latitude: Degrees north, in [-90, 90].
        longitude: Degrees east, in [-180, 180].
        population: Inhabitants, 0 when not known.
        geonames_id: Number in GeoNames, ``None`` for regions and seas.
        probability: In [0, 1], together with what lies within 100 km of it in the same country.
    """

    name: str
    kind: str
    country: str | None
    admin1: str | None
    latitude: float
    longitude: float
    population: int
    geonames_id: int | None
    probability: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a location span is.

    Attributes:
        start: Offset of the span's first character.
        end: Offset behind the span's last character.
        text: The span's text.
        status: ``resolved`` or ``unresolved``; all fields from ``name`` to ``precision`` are ``None`` when
            unresolved.
        reason: What decided: ``only`` (one place bears the name), ``nationality``, ``spelling`` (only a
            similar name is known), ``chain`` (what is named behind the comma), ``kind`` (a word such as
            "province"), ``country`` (the text names it), ``near`` (other places of the text),
            ``population``; when unresolved, why.
        confidence: Probability of the place among the candidates, in [0, 1], less where only its spelling
            resembles the name or nothing else of the text is near; 0 without candidates.
        name: The gazetteer's name.
        kind: As in :class:`Candidate`.
        country: ISO 3166-1 alpha-2 code; ``None`` also for places in no single country.
        country_alpha3: ISO 3166-1 alpha-3 code.
        country_name: English name of the country.
        admin_level: 0 for a country, 1 and 2 for its divisions, ``None`` for all else.
        admin1: GeoNames code of the first-level division that the place is or lies in, such as ``SY.09``.
        admin1_name: Its name.
        iso_3166_2: Its ISO 3166-2 code.
        latitude: Degrees north, in [-90, 90]; the point of a division or country is in its middle.
        longitude: Degrees east, in [-180, 180].
        geonames_id: Number in GeoNames.
        precision: UCDP's code (1 exact, 2 around a known point, 3 second-level and 4 first-level division, 5
            part of a country, 6 country, 7 international waters); ``None`` for what is larger than a country.
        candidates: The five likeliest places that were weighed.
    """

    start: int
    end: int
    text: str
    status: str
    reason: str
    confidence: float = 0.0
    name: str | None = None
    kind: str | None = None
    country: str | None = None
    country_alpha3: str | None = None
    country_name: str | None = None
    admin_level: int | None = None
    admin1: str | None = None
    admin1_name: str | None = None
    iso_3166_2: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    geonames_id: int | None = None
    precision: int | None = None
    candidates: tuple[Candidate, ...] = ()

    @property
    def resolved(self) -> bool:
        """Whether the place is known."""
        return self.status == "resolved"

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {**asdict(self), "candidates": [asdict(candidate) for candidate in self.candidates]}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Place:
        """Build the place again that :meth:`to_dict` wrote.

        Raises:
            DataError: when fields are missing, or not known.
        """
        try:
            values = dict(record)
            candidates = tuple(Candidate(**candidate) for candidate in values.pop("candidates", ()))
            return cls(**values, candidates=candidates)
        except (TypeError, ValueError) as error:
            accepted = ", ".join(field.name for field in fields(cls))
            raise DataError(f"expected a place with {accepted}; got {quote(record)}") from error
