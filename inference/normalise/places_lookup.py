"""Finds the gazetteer's entries for a span: under its name, as a nationality, under a similar spelling."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .gazetteer import Entry, Gazetteer
from .places_context import Mentions
from .places_phrases import Reading, readings

__all__ = ["Found", "find"]

_SITE_CITY = 100_000  # inhabitants of a city that hospitals, hotels and parks may be named after
_SITE_TOWN = 15_000  # inhabitants of a town that a site may be named after though its country is not named
_KNOWN_TOWN = 100_000  # inhabitants of a town whose name may be misspelt though its country is not named
_ALIKE = 0.94  # and how much the spellings must then resemble each other, in [0, 1]


@dataclass(frozen=True, slots=True)
class Found:
    """How a span was read, and the places that bear the name.

    Attributes:
        reading: How it was read.
        entries: At least one place.
        people: Whether the name is that of a people, "Syrian".
    """

    reading: Reading
    entries: tuple[Entry, ...]
    people: bool = False


def find(text: str, start: int, end: int, gazetteer: Gazetteer, mentioned: Mentions) -> Found | None:
    """Return the most literal reading of a span for which the gazetteer has entries.

    Args:
        text: The text.
        start: Offset of the span's first character.
        end: Offset behind its last character.
        gazetteer: Where names are looked up.
        mentioned: How often the text names each country.
    """
    ways: list[Reading] = []
    further = readings(text, start, end)
    for way in further:
        ways.append(way)
        word = gazetteer.words.get(way.key)
        country = gazetteer.country(word.country) if word and word.people and not way.site else None
        if country:
            return Found(way, (country,), people=True)
        entries = gazetteer.find(way.key)
        if way.site:
            entries = tuple(entry for entry in entries if _may_name_a_site(entry, way, mentioned))
        if entries and way.kinds:
            ways.extend(further)
            alike = (other for other in ways if other.kinds == way.kinds and other.part == way.part)
            entries = _distinct(entry for other in alike for entry in gazetteer.find(other.key))
        if entries:
            return Found(way, entries)
    for way in ways:
        entries = () if way.site else gazetteer.resembling(way.key)
        entries = tuple(entry for entry in entries if _may_be_misspelt(entry, mentioned))
        if entries:
            return Found(way, entries)
    return None


def _distinct(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return entries once each; what was found under its own name stands for what was found by an alias."""
    found: dict[int, Entry] = {}
    for entry in entries:
        if entry.id not in found or found[entry.id].alias:
            found[entry.id] = entry
    return tuple(found.values())


def _may_name_a_site(entry: Entry, way: Reading, mentioned: Mentions) -> bool:
    """Whether a site that bears an entry's name lies there, rather than bearing a person's name."""
    known = mentioned.of(entry.country, way.key) > 0
    if way.site == "town":
        return not entry.alias and (known or entry.population >= _SITE_TOWN)
    return entry.kind == "place" and not entry.alias and known and entry.population >= _SITE_CITY


def _may_be_misspelt(entry: Entry, mentioned: Mentions) -> bool:
    """Whether an entry with a similar name may be meant."""
    return mentioned.of(entry.country, "") > 0 or (
        entry.population >= _KNOWN_TOWN and entry.likeness >= _ALIKE
    )
