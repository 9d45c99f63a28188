"""By which words texts name countries: nationalities, and the names of countries and large provinces."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from .gazetteer_names import name_key

__all__ = ["country_words", "peoples"]

_DOMINATES = 10  # times the inhabitants of all other countries that share an adjective
_CAPITALS = """select key, admin1, population from names join places on id = place
    where kind = 'place' and prominent and alias = 0"""
_KNOWN = 20  # times the inhabitants of such a capital that a province may have and not be thought of first
_LARGER = 5  # times the inhabitants of all other countries and provinces that share a name
_NAMES = """select key, country, admin1, population from names join places on id = place
    where kind = 'country' or (kind = 'adm1' and alias = 0 and population > 500000 and length(key) > 4)"""


def peoples(populations: Mapping[str, int], own: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Map keys of adjectives and peoples to countries: "syrian", "syrians".

    An adjective that several countries share counts for the one that is ten times as large as all others.

    Args:
        populations: Inhabitants of each country, by its ISO 3166-1 alpha-2 code.
        own: Adjectives that countryinfo lacks, or gives to more countries than one, by country.
    """
    from countryinfo import all_countries

    shared: dict[str, set[str]] = {}
    for country in all_countries():
        for name in (country.demonym() or "").replace("/", ",").split(","):
            shared.setdefault(name_key(name), set()).add(country.iso()["alpha2"])
    for code, names in own.items():
        for name in names:
            shared[name_key(name)] = {code}
    found = {}
    for key, codes in shared.items():
        largest = max(sorted(codes), key=lambda code: populations.get(code, 0))
        others = sum(populations.get(code, 0) for code in codes) - populations.get(largest, 0)
        if len(key) > 2 and populations.get(largest, 0) >= _DOMINATES * others:
            found[key] = found[key if key.endswith("s") else f"{key}s"] = largest
    return found


def country_words(connection: sqlite3.Connection) -> dict[str, tuple[str, str | None]]:
    """Map names of countries and large provinces to the country, and the province: ("US", "US.TX").

    A name that several countries or provinces share counts for the one that is five times as large as all
    others, if there is one. A province does not count by the name of a large capital elsewhere: Washington.

    Args:
        connection: The gazetteer, filled with places and names.
    """
    sizes: dict[str, dict[tuple[str, str | None], int]] = {}
    capitals = {key: (admin1, size) for key, admin1, size in connection.execute(_CAPITALS)}
    for key, country, admin1, population in connection.execute(_NAMES):
        seat, size = capitals.get(key, (admin1, 0))
        if admin1 in (None, seat) or population > _KNOWN * size:
            sizes.setdefault(key, {})[country, admin1] = population
    return {
        key: codes
        for key, shared in sizes.items()
        for codes, population in shared.items()
        if population >= _LARGER * (sum(shared.values()) - population)
    }
