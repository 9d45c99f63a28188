"""Weapons: the words of a span sorted into category and subcategory, with their names in other data sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from ...data.errors import DataError
from ...data.quotes import quote
from .weapon_taxonomy import Crosswalk, Match, WeaponTaxonomy, weapon_taxonomy

__all__ = ["Crosswalk", "Weapon", "classify_weapon"]

_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Weapon:
    """A weapon, as a text names it.

    Attributes:
        text: The words, as they stand in the document.
        start: Where they begin in the document.
        end: Where they end.
        category: One of the 18 categories, ``"unspecified"`` where the words name no kind of weapon.
        subcategory: A kind below it.
        term: The taxonomy's term that decided; ``None`` where there is none.
        crosswalk: What such a weapon is called elsewhere.
    """

    text: str
    start: int
    end: int
    category: str
    subcategory: str
    term: str | None
    crosswalk: Crosswalk

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return asdict(self) | {"crosswalk": asdict(self.crosswalk) | {"acled": list(self.crosswalk.acled)}}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Weapon:
        """Return the weapon that :meth:`to_dict` wrote.

        Raises:
            DataError: when a field is missing, unknown or of another type.
        """
        try:
            crosswalk = dict(record["crosswalk"])
            acled = tuple(crosswalk.pop("acled"))
            weapon = cls(**{**record, "crosswalk": Crosswalk(**crosswalk, acled=acled)})
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"not the record of a weapon: {quote(record)}") from error
        if not _is_valid(weapon):
            raise DataError(f"not the record of a weapon: {quote(record)}")
        return weapon


def classify_weapon(text: str, start: int = 0) -> Weapon:
    """Sort a weapon into the taxonomy.

    Of the terms in the words, that counts which weighs most; among equals the one before any description
    ("with", "of"), then the last, for English puts the head of a compound last. An explosive in a car is a
    vehicle bomb. Case, hyphens, spaces, accents and plurals make no difference, and neither does what is not
    in the taxonomy: who made it, its size, its model number.

    Args:
        text: The words of a span, or any others.
        start: Where they begin in the document.

    >>> weapon = classify_weapon("Russian-made T-72s")
    >>> weapon.category, weapon.subcategory, weapon.term
    ('armoured vehicle', 'tank', 'T-72')
    """
    name, term = _sorted(text)
    kind = weapon_taxonomy().subcategories[name]
    return Weapon(text, start, start + len(text), kind.category, kind.name, term, kind.crosswalk)


@lru_cache(4096)
def _sorted(text: str) -> tuple[str, str | None]:
    """Return the subcategory of a weapon, and the term that decided."""
    taxonomy = weapon_taxonomy()
    tokens = taxonomy.tokens(text)
    matches = taxonomy.find(tokens)
    words = [token.text for token in tokens]
    return _combined(taxonomy, words, matches) or _best(taxonomy, words, matches)


def _combined(
    taxonomy: WeaponTaxonomy, words: Sequence[str], matches: Sequence[Match]
) -> tuple[str, str] | None:
    """Return what a carrier and its load are together, with the term of the load."""
    if len(matches) < 2:
        return None
    loaded = not taxonomy.loading.isdisjoint(words)
    names = {match.kind.name for match in matches}
    for combination in taxonomy.combinations:
        if combination.carrier & names and combination.load & names and (loaded or not combination.loaded):
            load = next(match for match in matches if match.kind.name in combination.load)
            return combination.gives, load.term
    return None


def _best(taxonomy: WeaponTaxonomy, words: Sequence[str], matches: Sequence[Match]) -> tuple[str, str | None]:
    """Return the subcategory and term that count most."""
    if not matches:
        return _UNKNOWN, None
    inside = {index for match in matches for index in range(match.first, match.last)}
    described = next(
        (i for i, word in enumerate(words) if word in taxonomy.after and i not in inside), len(words)
    )

    def rank(match: Match) -> tuple[int, bool, int]:
        return match.weight, match.first < described, match.last

    best = max(matches, key=rank)
    if best.is_general:
        closer = [
            match
            for match in matches
            if match.kind.category == best.kind.category
            and match.weight == best.weight
            and not match.is_general
        ]
        best = max(closer, key=rank, default=best)
    return best.kind.name, best.term


def _is_valid(weapon: Weapon) -> bool:
    kind = weapon_taxonomy().subcategories.get(str(weapon.subcategory))
    return (
        isinstance(weapon.text, str)
        and isinstance(weapon.start, int)
        and weapon.end == weapon.start + len(weapon.text)
        and (weapon.term is None or isinstance(weapon.term, str))
        and kind is not None
        and kind.category == weapon.category
    )
