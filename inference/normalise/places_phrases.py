"""What a location span says beside a name: direction, nearness, the kind of place, a site inside a place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .gazetteer_names import name_key, without_article

__all__ = ["Reading", "readings", "refusal"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way of reading a span.

    Attributes:
        key: The key to look up.
        kinds: The kinds of entries the words around the name ask for; empty for any.
        part: Whether only a part of the place is meant: "northern Syria".
        near: Whether a place around, beside or inside the named one is meant: "the outskirts of Homs", "Homs airport".
        site: Whether the name was cut out of that of a site: "Homs" of "Homs airport".
    """

    key: str
    kinds: frozenset[str] = frozenset()
    part: bool = False
    near: bool = False
    site: bool = False


def _words(text: str) -> str:
    """Return an alternation of words that are separated by commas."""
    return "|".join(sorted((word.strip().replace(" ", "[ -]") for word in text.split(",")), key=len, reverse=True))


_PROVINCE = "province, state, governorate, governate, oblast, krai, republic, region, department, prefecture, emirate, canton"
_DISTRICT = "district, county, raion, rayon, parish, regency, territory, agency, municipality, division, subdistrict, commune"
_TOWN = "city, town, village, hamlet, township, port city, capital"
_AROUND = "area, areas, neighborhood, neighbourhood, suburb, suburbs, quarter, countryside, outskirts, environs, enclave"
_SITE = (
    "airport, international airport, airfield, air base, airbase, air force base, military airport, base, military base, "
    "army base, naval base, camp, refugee camp, prison, jail, hospital, general hospital, university, mosque, church, "
    "cathedral, temple, synagogue, market, school, barracks, port, harbor, harbour, refinery, oil refinery, oilfield, "
    "oil field, crossing, border crossing, stadium, hotel, square, station, police station, train station, "
    "railway station, power plant, power station, palace, city hall, state capitol, capitol, complex, compound, museum, "
    "zoo, mall, park, campus, bridge, gate, valley, island, islands, coast, peninsula, delta, dam, mine, plain, plains, "
    "corridor, cemetery, college, court, courthouse, garrison, outpost, checkpoint, theater, theatre, metro station"
)
_MISSION = "embassy, consulate, consulate general, high commission, mission"
_NATURE = (
    "river, lake, sea, ocean, mountain, mountains, hills, hill, desert, canal, strait, bay, gulf, forest, jungle, pass, "
    "highway, motorway, road, street, avenue, boulevard, lane, expressway, freeway, interstate, border, borders, "
    "frontier, railway, line, tunnel, trail, reef, falls, creek, wadi"
)

_DIRECTION = re.compile(
    r"(?:the )?(?:far |deep |rural )?(?:(?:north|south)(?:[ -]?(?:east|west|central))?|east[ -]central|west[ -]central|"
    r"east|west|central|upper|lower|downtown|uptown|inner|outer|rural|greater|mid|old|occupied|mainland|coastal)"
    r"(?:ern(?:most)?)?[ -](?=\w{3})",
    re.IGNORECASE,
)
_PART_OF = re.compile(
    rf"(?:the )?(?:(?P<kind>{_words(_PROVINCE + ',' + _DISTRICT + ',' + _TOWN)})|(?P<near>(?:\w+ )?(?:{_words(_AROUND)}|"
    r"vicinity|edges?|arrondissement|ward|borough|coast|shores?|part|parts|heart|cent(?:er|re)|north|south|east|west))"
    r"|(?P<part>(?:north|south|east|west)(?:east|west)?(?:ern)?|centre|center))s? of (?:the )?",
    re.IGNORECASE,
)
_SUFFIX = re.compile(
    rf"(?P<name>.+?)[ -](?:(?P<province>{_words(_PROVINCE)})|(?P<district>{_words(_DISTRICT)})|(?P<town>{_words(_TOWN)})"
    rf"|(?P<around>{_words(_AROUND)})|(?P<site>{_words(_SITE)}))",
    re.IGNORECASE,
)
_REFUSED = (
    (re.compile(rf".*\b(?:{_words(_MISSION)})", re.IGNORECASE), "a mission abroad, whose town is not named"),
    (re.compile(rf".*[ -](?:{_words(_NATURE)})", re.IGNORECASE), "a natural or linear feature"),
    (re.compile(r"(?:lake|mount|mt\.?|river|cape|strait|gulf|bay|sea|highway|route|wadi|jebel|jabal) .*", re.IGNORECASE),
     "a natural or linear feature"),
)  # fmt: skip

_BEFORE_NEAR = re.compile(
    r"(?:\b(?:near|nearby|outside|close to|around|(?:outskirts|suburbs?|vicinity|edges?) of|"
    r"(?:north|south|east|west)\w* of|(?:km|kilomet(?:er|re)s|miles) (?:from|of|off)))\s+(?:the\s+)?"
    rf"(?:(?:{_words(_PROVINCE + ',' + _DISTRICT + ',' + _TOWN)})\s+of\s+)?$",
    re.IGNORECASE,
)
_BEFORE_KIND = re.compile(
    rf"\b(?:(?P<province>{_words(_PROVINCE)})|(?P<district>{_words(_DISTRICT)})|(?P<town>{_words(_TOWN)}))\s+of\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_AFTER_KIND = re.compile(
    rf"\s(?:(?P<province>{_words(_PROVINCE)})|(?P<district>{_words(_DISTRICT)})|(?P<town>{_words(_TOWN)}))(?!\w)"
)
_KINDS = {
    "province": frozenset({"adm1", "adm2", "region"}),
    "district": frozenset({"adm2", "adm1"}),
    "town": frozenset({"place"}),
}
_LOOK_BACK, _LOOK_AHEAD = 60, 20  # characters


def readings(text: str, start: int, end: int) -> Iterator[Reading]:
    """Yield the ways of reading a span, the most literal first.

    >>> [reading.key for reading in readings("the outskirts of Homs", 0, 21)]
    ['the outskirts of homs', 'outskirts of homs', 'homs']
    """
    surface = text[start:end]
    before, after = text[max(0, start - _LOOK_BACK) : start], text[end : end + _LOOK_AHEAD]
    near = bool(_BEFORE_NEAR.search(before))
    around = _BEFORE_KIND.search(before) or _AFTER_KIND.match(after)
    kinds = _KINDS[around.lastgroup] if around and around.lastgroup else frozenset[str]()
    seen = set()
    for name, reading in _cut(surface.split(",")[0], Reading("", kinds, near=near)):
        if name.islower() and not text.islower():  # "the border" is no name
            continue
        for key in _keys(name):
            found = Reading(key, reading.kinds, reading.part, reading.near, reading.site)
            if found not in seen:
                seen.add(found)
                yield found


def refusal(surface: str) -> str | None:
    """Return why a span whose whole name is not in the gazetteer must not be read as a part of its name."""
    return next((reason for pattern, reason in _REFUSED if pattern.fullmatch(surface.strip())), None)


def _cut(name: str, reading: Reading) -> Iterator[tuple[str, Reading]]:
    """Yield a name as it stands, and what is left when words that describe it are cut off."""
    directed = _DIRECTION.match(name)
    lower = name[:1].islower()
    if not (directed and lower):  # "South Sudan" is a name first, "south Sudan" is not
        yield name, reading
    if refusal(name):
        return
    suffixed = _SUFFIX.fullmatch(name)
    if suffixed and suffixed.lastgroup:
        kinds = _KINDS.get(suffixed.lastgroup, reading.kinds)
        site = suffixed.lastgroup == "site"
        near = reading.near or site or suffixed.lastgroup == "around"
        if suffixed.lastgroup in _KINDS:
            yield name, Reading("", kinds, reading.part, near, reading.site)
        yield from _cut(suffixed["name"], Reading("", kinds, reading.part, near, reading.site or site))
    part_of = _PART_OF.match(name)
    if part_of:
        near = reading.near or bool(part_of["near"])
        part = reading.part or bool(part_of["part"])
        yield from _cut(name[part_of.end() :], Reading("", reading.kinds, part, near, reading.site))
    if directed:
        yield from _cut(name[directed.end() :], Reading("", reading.kinds, True, reading.near, reading.site))


def _keys(name: str) -> Iterator[str]:
    """Yield the keys of a name, with and without its article."""
    key = name_key(name)
    if key:
        yield key
        shorter = without_article(key)
        if shorter:
            yield shorter
