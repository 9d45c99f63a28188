"""What a text says about where it plays, beside its location spans: countries and nationalities it names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache

from .gazetteer import Entry, Gazetteer
from .gazetteer_build import additions
from .gazetteer_names import name_key

__all__ = ["containers_after", "demonym", "mentioned_countries"]

_WORD = re.compile(r"[^\W_][\w.'’-]*")
_LONGEST = 4  # words of a country's name
_REACH = 60  # characters behind a comma
_COMMA = re.compile(r"\s*(?:,|\(|\bin\b)\s*(?:the\s+)?")


def mentioned_countries(text: str) -> Counter[str]:
    """Count how often a text names each country, or its people.

    >>> mentioned_countries("Turkish jets struck northern Iraq, Turkey said.")  # doctest: +SKIP
    Counter({'TR': 2, 'IQ': 1})
    """
    names = _names()
    words = list(_WORD.finditer(text))
    found: Counter[str] = Counter()
    position = 0
    while position < len(words):
        step = 1
        if words[position][0][0].isupper():
            for length in range(min(_LONGEST, len(words) - position), 0, -1):
                surface = text[words[position].start() : words[position + length - 1].end()]
                country = names.get(name_key(surface))
                if country:
                    found[country] += 1
                    step = length
                    break
        position += step
    return found


def demonym(key: str) -> str | None:
    """Return the country whose people a key names: "syrian", "syrians"."""
    return _demonyms().get(key)


def containers_after(text: str, end: int, gazetteer: Gazetteer) -> frozenset[str]:
    """Return the codes of the countries and the GeoNames codes of the divisions that are named behind a comma.

    >>> containers_after("in Tripoli, Lebanon", 10, Gazetteer.load())  # doctest: +SKIP
    frozenset({'LB'})
    """
    comma = _COMMA.match(text, end)
    words: list[re.Match[str]] = []
    for word in _WORD.finditer(text, comma.end(), comma.end() + _REACH) if comma else ():
        gap = text[words[-1].end() : word.start()] if words else text[comma.end() : word.start()] if comma else ""
        if gap.strip() or not word[0][0].isupper() or len(words) == _LONGEST:
            break
        words.append(word)
    for length in range(len(words), 0, -1):
        key = name_key(text[words[0].start() : words[length - 1].end()])
        found = frozenset(filter(None, map(_code, gazetteer.find(key))))
        if found:
            return found
    return frozenset()


def _code(entry: Entry) -> str | None:
    """Return the code of what others may lie in, if the entry is under its own name."""
    if entry.alias:
        return None
    return {"country": entry.country, "adm1": entry.admin1, "adm2": entry.admin2}.get(entry.kind)


@cache
def _demonyms() -> Mapping[str, str]:
    """Map keys of adjectives and peoples to countries; what several countries share is left out."""
    from countryinfo import all_countries

    shared: dict[str, set[str]] = {}
    for country in all_countries():
        for name in (country.demonym() or "").replace("/", ",").split(","):
            shared.setdefault(name_key(name), set()).add(country.iso()["alpha2"])
    for code, names in additions()["demonyms"].items():
        for name in names:
            shared[name_key(name)] = {code}
    return {
        key: next(iter(codes))
        for base, codes in shared.items()
        if len(codes) == 1 and len(base) > 2
        for key in (base, f"{base}s")
    }


@cache
def _names() -> Mapping[str, str]:
    """Map keys that name a country, its people or one of its large provinces to the country."""
    return {**_demonyms(), **Gazetteer.load().country_names()}
