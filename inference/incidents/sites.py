"""Sites: which of the places of a passage are where something happened, and which lie in which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from ..normalise.places import Place
from ..normalise.word_index import in_small_letters

__all__ = ["Site", "place_key", "sites"]

_WAY = r"(?:north|south|east|west|cent(?:er|re|ral)|mid)[\w-]*"  # north-eastern, central, midwest
_DEEP = r"(?:(?:far|deep|down|restive|rural)[\s-])?"
_KIND = "(?:city|town|village|suburb|province|state|region|district|county)"
#: Around the name of a place: what says more of it.
_DESCRIPTION = re.compile(
    rf"\A(?:the\s+)?{_DEEP}(?:{_WAY}\s+|downtown\s+|{_KIND}\s+of\s+)+|\b(?:the|of)\b"
    rf"|\s+(?:{_KIND}|governorate|department|refugee camp|camp)\Z",
    re.IGNORECASE,
)
#: Before a place, in small letters: it is not where something happened, but where something came from or was
#: said.
_ELSEWHERE = re.compile(
    r"\b(?:from|toward|towards|bordering|border\s+with|told\s+\w+\s+in|capital\s+of|fled\s+to|"
    r"(?:flew|flown|taken|evacuated|transferred|returned)\s+to|based\s+in|born\s+in|"
    r"(?:ministry|minister|president|government|people|media)\s+of|"
    r"(?:minist(?:ry|er|ers)|authorities|officials?|mediators?|negotiators?|diplomats?|analysts?|spokes\w+)\s+in|"
    r"ambassador\s+(?:to|in)|embassy\s+in|"
    r"(?:(?:treat\w+|died|doctors?|medics?|nurses?|surgeons?|staff|director)\s+(?:at|in|of)|to)\s+"
    r"(?:(?:an?|the)\s+)?(?:[\w-]+\s+)?hospitals?\s+in)"
    r"\s+(?:the\s+)?\Z"
)
_ELSEWHERE_ENDS = ("from", "toward", "towards", "bordering", "with", "in", "of", "to")  # but for "the"
_FAR = (
    r"\b(?:kms?|kilomet(?:er|re)s?|miles?)\)?\s+(?:(?:to\s+the\s+)?[a-z-]+\s+)?(?:of|from|off)\s+(?:the\s+)?"
    rf"(?:{_KIND}\s+of\s+)?"
)
#: Before a place, in small letters: how far from it something happened ("20 km north of").
_DISTANCE = re.compile(rf"{_FAR}\Z")
#: Between two places: how far the first is from the second ("Qara, 20 km north of Homs").
_MEASURED = re.compile(rf"\s*[,(]\s*(?!and\b)(?:[\w-]+\s+){{0,5}}?\d[^.;,]{{0,30}}?{_FAR}")
#: Between two places of which both border on something named before ("the crossing between Sudan and Chad").
_AND = re.compile(r"\s+and\s+(?:the\s+)?")
#: Between a place and the larger one in which it lies, or the first of two between which it lies.
_INSIDE = re.compile(
    rf"(?!\s*\Z)\s*(?:,\s*)?(?:\(\s*)?(?:(?:in|of|between|a\s+(?:\w+\s+)?{_KIND}\s+(?:in|of|near))\s+)?"
    rf"(?:the\s+)?(?:{_WAY}\s+)?",
    re.IGNORECASE,
)
#: Between a place and one that lies in it ("Mali's central Mopti region").
_HOLDS = re.compile(rf"['’]s?\s+{_DEEP}(?:{_WAY}\s+)?(?:{_KIND}\s+of\s+)?\Z", re.IGNORECASE)
_DIRECTION = re.compile(rf"(?:the\s+)?{_DEEP}{_WAY}\b", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’]s?\s")
_LOOK_BACK = 60  # characters


@dataclass(frozen=True, slots=True)
class Site:
    """Where something happened.

    Attributes:
        place: The place.
        container: Whether another place of the passage is said to lie in it, or an actor to come from it.
    """

    place: Place
    container: bool

    @property
    def key(self) -> str:
        """What its names have in common however they are written."""
        return place_key(self.place.text)

    @property
    def is_area(self) -> bool:
        """Whether it is larger than a town: a country, a province, "the north of Mali"."""
        if self.place.resolved:
            return self.place.kind != "place"
        return _DIRECTION.match(self.place.text) is not None

    def is_apart(self, other: Site) -> bool:
        """Whether two sites are known to be two; an area may hold any place that is not resolved."""
        if self.relates_to(other):
            return False
        if self.place.resolved and other.place.resolved:
            return True
        return not (self.is_area or other.is_area)

    def is_same(self, other: Site) -> bool:
        """Whether two sites are one as far as is known."""
        number = self.place.geonames_id
        return self.key == other.key or (number is not None and number == other.place.geonames_id)

    def relates_to(self, other: Site) -> bool:
        """Whether two sites are one, or one lies in the other as far as is known."""
        one, two = self.place, other.place
        if self.is_same(other) or not (one.resolved and two.resolved):
            return self.is_same(other)
        return _contains(one, two) or _contains(two, one)


def _contains(large: Place, small: Place) -> bool:
    if large.kind == "country":
        return large.country == small.country
    return large.kind == "adm1" and small.kind != "country" and large.admin1 == small.admin1


@lru_cache(4096)
def place_key(surface: str) -> str:
    """Return what the ways of writing a place have in common.

    >>> place_key("northern Idlib province"), place_key("the town of Idlib")
    ('idlib', 'idlib')
    """
    if surface.isalpha():
        return surface.casefold()
    short = " ".join(_DESCRIPTION.sub(" ", surface).split())
    return (short or surface).casefold()


def sites(text: str, places: Sequence[Place], actors: Sequence[tuple[int, str | None]]) -> list[Site]:
    """Return the places of a passage that are where something happened.

    Left out are those that something comes from, where something was said or the hurt were taken, and owners
    of an office ("Kenya's defence minister said").

    Args:
        text: The text.
        places: The places of one passage behind its dateline, in order.
        actors: Where its actors begin, and their roles.
    """
    roles = dict(actors)
    found: list[Site] = []
    is_outer = is_beside = False
    gap = ""  # before a place
    for place, behind in zip_longest(places, places[1:]):
        gap_behind = text[place.end : behind.start] if behind else ""
        is_inner = behind is not None and _INSIDE.fullmatch(gap_behind) is not None
        is_outer = is_outer or (is_beside and _AND.fullmatch(gap) is not None)
        is_container = is_outer or (behind is not None and _HOLDS.fullmatch(gap_behind) is not None)
        possessive = _POSSESSIVE.match(text, place.end)
        owned = roles.get(possessive.end(), "") if possessive is not None and not is_inner else ""
        is_owner = owned in ("source", "other")
        is_measure = bool(gap) and _MEASURED.fullmatch(gap) is not None
        if not (is_owner or is_measure or _is_elsewhere(text, place)):
            found.append(Site(place, is_container or bool(owned)))
        is_beside = is_outer and "between" in gap
        is_outer, gap = is_inner, gap_behind
    return found


def _is_elsewhere(text: str, place: Place) -> bool:
    """Whether the words before a place say that nothing happened there."""
    before = in_small_letters(text)[max(0, place.start - _LOOK_BACK) : place.start]
    ends = before.rstrip().removesuffix("the").rstrip().endswith(_ELSEWHERE_ENDS)
    return ends and _ELSEWHERE.search(before) is not None and _DISTANCE.search(before) is None
