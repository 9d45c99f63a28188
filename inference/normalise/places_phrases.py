"""What a location span says beside a name: direction, nearness, the kind of place, a site inside a place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import islice

from .gazetteer_names import name_key, without_article
from .word_index import in_small_letters, is_in_small_letters

__all__ = ["Reading", "part_end", "readings", "refusal"]

#: The kinds of the gazetteer's entries that words ask for.
_KINDS = {
    "province": frozenset({"adm1", "adm2", "region"}),
    "district": frozenset({"adm2", "adm1"}),
    "town": frozenset({"place"}),
}
_SITES = {"town_site": "town", "any_site": "any"}
_LONGEST = 120  # characters of a name from which words are cut off
_MOST = 40  # ways of cutting words off
_NEAR_ENDS = ("near", "nearby", "outside", "to", "around", "of", "from", "off")  # what is near ends so
_LOOK_BACK, _LOOK_AHEAD = 60, 20  # characters


@dataclass(frozen=True, slots=True)
class Reading:
    """One way of reading a span.

    Attributes:
        key: The key to look up.
        kinds: The kinds of entries that the words around the name ask for; empty for any.
        part: Whether only a part of the place is meant: "northern Syria".
        near: Whether something around, beside or inside the place is meant: "outskirts of Homs".
        site: ``town`` when the name was cut out of that of a site that bears its town's name ("Homs
            airport"), ``any`` when such sites are called after anything ("Homs hotel"), else empty.
    """

    key: str
    kinds: frozenset[str] = frozenset()
    part: bool = False
    near: bool = False
    site: str = ""


def readings(text: str, start: int, end: int) -> Iterator[Reading]:
    """Yield the ways of reading a span, the most literal first.

    >>> [reading.key for reading in readings("outskirts of Homs", 0, 17)]
    ['outskirts of homs', 'homs']
    """
    patterns = _patterns()
    before = in_small_letters(text)[max(0, start - _LOOK_BACK) : start]
    last = before.rstrip().removesuffix("the").rstrip()
    near = last.endswith(_NEAR_ENDS) and patterns["near_before"].search(before) is not None
    kind = patterns["kind_before"].search(before) if last.endswith("of") else None
    kind = kind or patterns["kind_after"].match(text[end : end + _LOOK_AHEAD])
    bare = Reading("", _KINDS[str(kind.lastgroup)] if kind else frozenset(), near=near)
    seen = set()
    surface = text[start:end].split(",")[0]
    ways = islice(_cut(surface, bare), _MOST) if len(surface) <= _LONGEST else [(surface, bare)]
    for name, reading in ways:
        if name.islower() and not is_in_small_letters(text):  # "the border" is no name
            continue
        for key in _keys(name):
            found = Reading(key, reading.kinds, reading.part, reading.near, reading.site)
            if found not in seen:
                seen.add(found)
                yield found


def refusal(surface: str) -> str | None:
    """Return why a span that is not in the gazetteer as a whole must not be taken for a part of its name."""
    if _patterns()["mission"].fullmatch(surface.strip()):
        return "a mission abroad, whose town is not named"
    if _patterns()["nature"].fullmatch(surface.strip()):
        return "a natural or linear feature"
    return None


def part_end(text: str, start: int) -> int:
    """Return where a direction or part ends that stands at an offset before a name; the offset if none does.

    >>> part_end("in northern Syria", 3), part_end("in Syria", 3)
    (12, 3)
    """
    part = _patterns()["part_before"].match(text, start)
    return start if part is None else part.end()


def _cut(name: str, reading: Reading) -> Iterator[tuple[str, Reading]]:
    """Yield a name as it stands, and what is left when words that describe it are cut off."""
    patterns = _patterns()
    part = patterns["part_before"].match(name)
    if not (part and name[:1].islower()):  # "South Sudan" is a name first, "south Sudan" is not
        yield name, reading
    if refusal(name):
        return
    word = patterns["word_after"].fullmatch(name)
    if word and word.lastgroup:
        kinds = _KINDS.get(word.lastgroup, reading.kinds)
        site = reading.site or _SITES.get(word.lastgroup, "")
        near = reading.near or bool(site) or word.lastgroup == "around"
        if word.lastgroup in _KINDS:
            yield name, replace(reading, kinds=kinds)
        yield from _cut(word["name"], replace(reading, kinds=kinds, near=near, site=site))
    of = patterns["word_of"].match(name)
    if of:
        whole = replace(
            reading, near=reading.near or bool(of["around"]), part=reading.part or bool(of["part"])
        )
        yield from _cut(name[of.end() :], whole)
    if part:
        yield from _cut(name[part.end() :], replace(reading, part=True))


def _keys(name: str) -> Iterator[str]:
    """Yield the keys of a name, with and without its article."""
    key = name_key(name)
    if key:
        yield key
        shorter = without_article(key) or key.removeprefix(
            "the "
        )  # "the UK" is too short to be a name's part
        if shorter != key:
            yield shorter


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """Return the patterns that find describing words, by what they find."""
    import yaml

    content = (files(__package__) / "places_words.yaml").read_text(encoding="utf-8")
    words = {name: _any(items) for name, items in yaml.safe_load(content).items()}
    words |= {site: f"(?:{words[site]})s?" for site in _SITES}
    groups = {name: f"(?P<{name}>{alternatives})" for name, alternatives in words.items()}
    kinds = "|".join(groups[name] for name in _KINDS)
    no_groups = "|".join(words[name] for name in _KINDS)
    after = "|".join(groups[name] for name in (*_KINDS, "around", *_SITES))
    part = rf"(?:{words['part']})(?:ern(?:most)?)?"
    patterns = {
        "part_before": rf"(?:the )?(?:far |deep )?(?:{part} and )?{part}[ -](?=\w{{3}}|(?-i:[A-Z][A-Z.]))",
        "word_after": rf"(?P<name>.+?)[ -](?:{after})",
        "word_of": rf"(?:the )?(?:(?P<part>{part}|cent(?:er|re))|(?:\w+ )?{groups['around']}"
        rf"|(?:{no_groups})s?)(?: part)? of (?:the )?",
        "mission": rf"(?:.*\W)?(?:{words['mission']})",
        "nature": rf".*[ -](?:{words['nature']})|(?:{words['nature_before']}) .*",
        "near_before": r"\b(?:near|nearby|outside|close to|around|(?:outskirts|suburbs?|vicinity|edges?) of|"
        r"(?:north|south|east|west)\w* of|(?:km|kilomet(?:er|re)s|miles) (?:from|of|off))\s+(?:the\s+)?"
        rf"(?:(?:{no_groups})\s+of\s+)?$",
        "kind_before": rf"\b(?:{kinds})\s+of\s+(?:the\s+)?$",
    }
    compiled = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in patterns.items()}
    return {**compiled, "kind_after": re.compile(rf"\s(?:{kinds})(?!\w)")}


def _any(words: list[str]) -> str:
    """Return an alternation of words, the longest first."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", "[ -]") for word in longest_first)
