"""The taxonomy of weapons that comes with the package, and where its terms stand in a text."""

from __future__ import annotations

import importlib.resources
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import yaml

__all__ = ["Combination", "Crosswalk", "Match", "Subcategory", "Token", "WeaponTaxonomy", "weapon_taxonomy"]

_TOKEN = re.compile(r"(?:[^\W\d_][\u0300-\u036f]*)+|\d+|#")  # runs of letters, runs of digits
_HEAD_BEFORE = frozenset({"of", "and", "filled"})  # the word before takes the plural too: bows and arrows
_WEIGHTS = {"strong": 3, "terms": 2, "general": 2, "weak": 1}
_NAMES_NOTHING = "unspecified"


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """What a weapon is called in other event data sets.

    Attributes:
        muc4: Instrument type of MUC-4, or ``None``.
        gtd: Weapon type of the Global Terrorism Database.
        gtd_subtype: Weapon sub-type of the same, or ``None``.
        acled: Sub-event types of ACLED under which a use of it may come, the usual one first.
    """

    muc4: str | None
    gtd: str
    gtd_subtype: str | None
    acled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subcategory:
    """A kind of weapons.

    Attributes:
        name: Such as ``"assault rifle"``; no two are alike.
        category: The kind above it.
        crosswalk: Its names elsewhere.
        terms: The words by which it is known -> how much they weigh, from 0 (the last to be believed) to 3.
        general: Those of them that give way to others of the same category.
    """

    name: str
    category: str
    crosswalk: Crosswalk
    terms: Mapping[str, int]
    general: frozenset[str]


class Token(NamedTuple):
    """A run of letters or of digits.

    Attributes:
        text: In small letters, without accents, spelled as the terms are.
        joined: Whether it goes on where the token before ends, as the 72 of T72.
    """

    text: str
    joined: bool


@dataclass(frozen=True, slots=True)
class Match:
    """A term in a text.

    Attributes:
        kind: Which the term names.
        term: As the taxonomy writes it.
        first: Index of its first token.
        last: Index behind its last token.
    """

    kind: Subcategory
    term: str
    first: int
    last: int

    @property
    def weight(self) -> int:
        """How much the term weighs, from 0 to 3."""
        return self.kind.terms[self.term]

    @property
    def is_general(self) -> bool:
        """Whether it gives way to other terms of its category."""
        return self.term in self.kind.general


@dataclass(frozen=True, slots=True)
class Combination:
    """Two kinds that are a third one together.

    Attributes:
        carrier: Names of subcategories, such as that of cars.
        load: Names of subcategories, such as that of explosives.
        gives: Name of the subcategory of both together.
        loaded: Whether a word of loading is needed.
    """

    carrier: frozenset[str]
    load: frozenset[str]
    gives: str
    loaded: bool


class WeaponTaxonomy:
    """Categories of weapons and their terms.

    Args:
        content: What ``weapons.yaml`` holds.

    Attributes:
        subcategories: By name, in the file's order.
        categories: Name -> what it is about.
        schemes: The lists to which the crosswalks point.
        combinations: In the order in which they are tried.
        after: Words behind which a weapon is described, not named.
        loading: Words that tell that one thing was put into another.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._spellings: Mapping[str, str] = content["spellings"]
        self._against = frozenset(content["against"])
        self.after = frozenset(content["after"])
        self.loading = frozenset(content["loading"])
        self.schemes: Mapping[str, Any] = content["schemes"]
        self.categories = {name: str(section["about"]) for name, section in content["categories"].items()}
        self.subcategories = {kind.name: kind for kind in _subcategories(content["categories"])}
        self.combinations = tuple(
            Combination(
                frozenset(entry["carrier"]),
                frozenset(entry["load"]),
                entry["gives"],
                entry.get("loaded", False),
            )
            for entry in content["combinations"]
        )
        self._index = self._terms_by_key()
        self._longest = max(map(len, self._index))

    def tokens(self, text: str) -> list[Token]:
        """Return the runs of letters and of digits.

        >>> [token.text for token in weapon_taxonomy().tokens("Armored T-72s")]
        ['armoured', 't', '72', 's']
        """
        tokens, end = [], -1
        for match in _TOKEN.finditer(text):
            tokens.append(Token(self._plain(match[0]), match.start() == end))
            end = match.end()
        return tokens

    def find(self, tokens: Sequence[Token]) -> list[Match]:
        """Return the terms among tokens, in order; of those that overlap, the longest.

        How a term is cut into tokens makes no difference: "car-bomb" and "carbomb" are the same. It begins
        where a word begins, and may end inside: a T-72B3 is a T-72, and no B-3.
        """
        found = sorted(self._all(tokens), key=lambda item: (-item[0], item[1].first))
        taken = [False] * len(tokens)
        matches = []
        for _, match in found:
            if not any(taken[match.first : match.last]):
                taken[match.first : match.last] = [True] * (match.last - match.first)
                matches.append(match)
        return sorted(matches, key=lambda match: match.first)

    def _all(self, tokens: Sequence[Token]) -> Iterator[tuple[int, Match]]:
        """Yield every term with its length in characters."""
        for first, token in enumerate(tokens):
            if token.joined or (first and tokens[first - 1].text in self._against):
                continue
            key = pattern = ""
            for last in range(first, len(tokens)):
                text = tokens[last].text
                key += text
                pattern += "#" if text.isdecimal() else text
                if len(pattern) > self._longest:
                    break
                entry = self._index.get(key) or self._index.get(pattern)
                if entry is not None:
                    kind, term = entry
                    yield len(key), Match(kind, term, first, last + 1)

    def _plain(self, token: str) -> str:
        letters = unicodedata.normalize("NFKD", token).casefold()
        plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
        return self._spellings.get(plain, plain)

    def _terms_by_key(self) -> dict[str, tuple[Subcategory, str]]:
        """Return kind and term for every way to write it; a plural never hides a term."""
        singular: dict[str, tuple[Subcategory, str]] = {}
        plural: dict[str, tuple[Subcategory, str]] = {}
        for kind in self.subcategories.values():
            for term in kind.terms:
                tokens = [token.text for token in self.tokens(term)]
                singular.setdefault("".join(tokens), (kind, term))
                for key in _plurals(tokens):
                    plural.setdefault(key, (kind, term))
        return plural | singular


@cache
def weapon_taxonomy() -> WeaponTaxonomy:
    """Return the taxonomy that comes with the package."""
    file = importlib.resources.files(__package__) / "weapons.yaml"
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML has it
    return WeaponTaxonomy(yaml.load(file.read_text(encoding="utf-8"), loader))  # noqa: S506 - both are safe


def _subcategories(categories: Mapping[str, Any]) -> Iterator[Subcategory]:
    for category, section in categories.items():
        for name, entry in section["subcategories"].items():
            own = {**section, **entry}
            gtd, gtd_subtype = own["gtd"]
            terms = {
                term: 0 if category == _NAMES_NOTHING else weight
                for key, weight in _WEIGHTS.items()
                for term in entry.get(key, ())
            }
            crosswalk = Crosswalk(own["muc4"], gtd, gtd_subtype, tuple(own["acled"]))
            yield Subcategory(name, category, crosswalk, terms, frozenset(entry.get("general", ())))


def _plurals(tokens: Sequence[str]) -> Iterator[str]:
    """Yield the plurals of a term, joined; the last word takes the ending, or the one before "of"."""
    heads = [index for index, token in enumerate(tokens[1:]) if token in _HEAD_BEFORE]
    for ending in _plural_forms(tokens[-1]):
        yield "".join((*tokens[:-1], ending))
        for head in heads:
            for form in _plural_forms(tokens[head]):
                yield "".join((*tokens[:head], form, *tokens[head + 1 :]))
                yield "".join((*tokens[:head], form, *tokens[head + 1 : -1], ending))


def _plural_forms(word: str) -> Iterator[str]:
    yield word + "s"
    if word.endswith(("s", "x", "z", "ch", "sh", "o")):
        yield word + "es"
    if word.endswith("y"):
        yield word[:-1] + "ies"
    if word.endswith(("f", "fe")):
        yield word.removesuffix("e")[:-1] + "ves"
