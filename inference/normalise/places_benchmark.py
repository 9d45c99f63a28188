"""Measures the resolution of places on public sets of news texts whose place names were located by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

from ...data.corpora.opening import archive_members
from ...data.documents import Span
from ...data.errors import DataError
from ...data.quotes import printable
from .gazetteer import Gazetteer
from .gazetteer_names import name_key
from .places import LEAST_CONFIDENCE, places
from .sphere import distance, unit_vectors

__all__ = [
    "SETS",
    "GoldPlace",
    "GoldText",
    "PlaceScores",
    "country_finder",
    "distance",
    "read_gold",
    "score_places",
    "score_table",
]

#: The sets, by the name of their file in the archive.
SETS = {"LGL": "lgl.xml", "TR-News": "TR-News.xml", "GeoWebNews": "GWN.xml", "GeoVirus": "GeoVirus.xml"}

_NEAR = 161.0  # km, a hundred miles


@dataclass(frozen=True, slots=True)
class GoldPlace:
    """A place name that was located by hand.

    Attributes:
        start: Offset of its first character.
        end: Offset behind its last character.
        latitude: Degrees north.
        longitude: Degrees east.
        country: ISO 3166-1 alpha-2 code as the set gives it, ``None`` when it gives none.
    """

    start: int
    end: int
    latitude: float
    longitude: float
    country: str | None


@dataclass(frozen=True, slots=True)
class GoldText:
    """A text with its located place names."""

    text: str
    places: tuple[GoldPlace, ...]


@dataclass(frozen=True, slots=True)
class PlaceScores:
    """Counts over a set; whatever stays unresolved is wrong in both accuracies.

    Attributes:
        texts: Number of texts.
        names: Number of place names with gold coordinates.
        resolved: Those that were resolved.
        near: Those that were resolved within 161 km of the gold point.
        countries: Those that were resolved to a place in the gold country.
        with_country: Those whose gold country is known.
        errors: Distances in km of those that were resolved.
    """

    texts: int
    names: int
    resolved: int
    near: int
    countries: int
    with_country: int
    errors: tuple[float, ...]

    def to_dict(self) -> dict[str, float]:
        """Return the counts and the shares, in [0, 1]."""
        return {
            "texts": self.texts,
            "names": self.names,
            "resolved": self.resolved / max(1, self.names),
            "accuracy_161_km": self.near / max(1, self.names),
            "accuracy_161_km_of_resolved": self.near / max(1, self.resolved),
            "country_accuracy": self.countries / max(1, self.with_country),
            "median_km": sorted(self.errors)[len(self.errors) // 2] if self.errors else math.nan,
        }


def country_finder(gazetteer: Gazetteer) -> Callable[[float, float], str | None]:
    """Return a function that tells in which country the place nearest to a latitude and longitude is."""
    rows = gazetteer.points()
    countries = [country for country, _, _ in rows]

    vectors = unit_vectors([row[1:] for row in rows])

    @lru_cache(None)
    def country_at(latitude: float, longitude: float) -> str | None:
        return countries[int((vectors @ unit_vectors([(latitude, longitude)])[0]).argmax())]

    return country_at


def read_gold(archive: Path, name: str) -> list[GoldText]:
    """Read a set from the archive of the "Pragmatic Guide to Geoparsing Evaluation", or from its folder.

    Args:
        archive: ``geoparsing.tar.xz``, or the folder it unpacks to.
        name: A name of ``SETS``.

    Raises:
        DataError: when the archive lacks the set, or cannot be read.
    """
    file = SETS[name]
    try:
        found = (content for path, content in archive_members(archive, f"*{file}") if Path(path).name == file)
        root = ElementTree.fromstring(next(found))  # noqa: S314 - no entities are defined in these files
        return list(_texts(root))
    except (DataError, StopIteration, ElementTree.ParseError, LookupError, ValueError) as error:
        raise DataError(
            f"has no readable {file}; give the archive with the geoparsing sets", printable(str(archive))
        ) from error


def _texts(root: ElementTree.Element) -> Iterator[GoldText]:
    """Yield the texts of one set; the four share their outline and differ in names of fields."""
    for article in root.iter("article"):
        text = article.findtext("text") or ""
        found = [_gold(text, item) for tag in ("toponym", "location") for item in article.iter(tag)]
        distinct = {(place.start, place.end): place for place in found if place}
        yield GoldText(text, tuple(distinct[key] for key in sorted(distinct)))


def _gold(text: str, item: ElementTree.Element) -> GoldPlace | None:
    """Return a place name with coordinates, its offsets moved to where the text has the name."""

    def field(*names: str) -> str:
        return next((value for name in names if (value := (item.findtext(f".//{name}") or "").strip())), "")

    phrase = (
        field("phrase", "extractedName", "name") if item.tag == "toponym" else (item.findtext("name") or "")
    )
    latitude, longitude = field("lat", "latitude"), field("lon", "longitude")
    if not phrase or not latitude or not longitude:
        return None
    start = _nearest(text, phrase, int(field("start")))
    if start is None:
        return None
    country = item.find(".//country")
    code = _country_code(country.text or "") if country is not None else None
    place = GoldPlace(start, start + len(phrase), float(latitude), float(longitude), code)
    if not (abs(place.latitude) <= 90 and abs(place.longitude) <= 180):
        raise ValueError(f"{latitude}, {longitude} is nowhere on earth")
    return place


def _nearest(text: str, phrase: str, start: int) -> int | None:
    """Return where a text has a phrase, as near to an offset as possible."""
    if text.startswith(phrase, start):
        return start
    places = []
    position = text.find(phrase)
    while position >= 0:
        places.append(position)
        position = text.find(phrase, position + 1)
    return min(places, key=lambda place: abs(place - start), default=None)


def _country_code(name: str) -> str | None:
    """Return the code of a country's name."""
    entries = Gazetteer.load().find(name_key(name))
    return next((entry.country for entry in entries if entry.kind == "country"), None)


def score_places(
    texts: Sequence[GoldText],
    country_at: Callable[[float, float], str | None],
    least_confidence: float = LEAST_CONFIDENCE,
) -> PlaceScores:
    """Resolve the gold names of texts, and compare.

    Args:
        texts: The texts.
        country_at: Returns the country at a latitude and longitude, for names whose set gives none.
        least_confidence: What is less probable stays unresolved.
    """
    names = resolved = near = countries = with_country = 0
    errors = []
    for text in texts:
        spans = [Span(place.start, place.end, "LOCATION") for place in text.places]
        found = places(text.text, spans, least_confidence=least_confidence)
        for gold, place in zip(text.places, found, strict=True):
            names += 1
            country = gold.country or country_at(gold.latitude, gold.longitude)
            with_country += country is not None
            if place.latitude is None or place.longitude is None:
                continue
            resolved += 1
            errors.append(distance((place.latitude, place.longitude), (gold.latitude, gold.longitude)))
            near += errors[-1] <= _NEAR
            countries += country is not None and place.country == country
    return PlaceScores(len(texts), names, resolved, near, countries, with_country, tuple(errors))


def score_table(gold: Mapping[str, Sequence[GoldText]], least_confidence: float = LEAST_CONFIDENCE) -> str:
    """Return the scores of sets as a Markdown table.

    Args:
        gold: The texts of each set.
        least_confidence: What is less probable stays unresolved.
    """
    country_at = country_finder(Gazetteer.load())
    lines = [
        "| set | texts | names | resolved | accuracy at 161 km | of the resolved | country accuracy "
        "| median km |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, texts in gold.items():
        score = score_places(texts, country_at, least_confidence).to_dict()
        shares = ("resolved", "accuracy_161_km", "accuracy_161_km_of_resolved", "country_accuracy")
        numbers = [f"{score['texts']}", f"{score['names']}", *(f"{score[share]:.3f}" for share in shares)]
        lines.append(f"| {name} | {' | '.join(numbers)} | {score['median_km']:.1f} |")
    return "\n".join(lines) + "\n"
