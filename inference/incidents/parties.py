"""Parties: actors by role, the mentions of one name together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ...data.documents import Span
from ...data.errors import DataError
from ...data.quotes import quote

__all__ = ["Party", "parties"]

Offsets = tuple[int, int]

_OPENS_BRACKET = re.compile(r"\s*\(\s*[\"“']?\Z")


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who does, suffers or speaks.

    Attributes:
        name: The words of the first mention, or of the longest where a later one only shortens it.
        mentions: Offsets of all mentions.
    """

    name: str
    mentions: tuple[Offsets, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {"name": self.name, "mentions": [list(mention) for mention in self.mentions]}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Party:
        """Return the party of which :meth:`to_dict` made a record.

        Raises:
            DataError: when a field is missing or of another kind.
        """
        try:
            return cls(record["name"], tuple((start, end) for start, end in record["mentions"]))
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"not the record of a party: {quote(record)}") from error


def parties(text: str, actors: Iterable[Span], role: str) -> tuple[Party, ...]:
    """Return the actors of a role, in order of their first mentions.

    Mentions are one party when they are the same words but for case, when one is an acronym in brackets
    behind the other or made of its initials, or when one ends with all words of the other ("Syrian army",
    "army") and no third one does.

    Args:
        text: The text.
        actors: ACTOR spans, in order.
        role: agent, target, source or other.
    """
    chosen = [span for span in actors if span.attribute == role]
    mentions: dict[str, list[Offsets]] = {}
    names: dict[str, str] = {}
    for span in chosen:
        surface = text[span.start : span.end]
        key = _key(surface)
        mentions.setdefault(key, []).append((span.start, span.end))
        names.setdefault(key, surface)
    acronyms = _acronyms(text, chosen)
    for key in sorted(mentions, key=len):
        longer = acronyms.get(key) or [other for other in mentions if other.endswith(f" {key}")]
        longer = [other for other in longer if other in mentions and other != key]
        if len(longer) == 1:
            mentions[longer[0]] = sorted([*mentions.pop(key), *mentions[longer[0]]])
    ordered = sorted(mentions, key=lambda key: mentions[key][0])
    return tuple(Party(names[key], tuple(mentions[key])) for key in ordered)


def _key(surface: str) -> str:
    return " ".join(surface.casefold().split())


def _acronyms(text: str, actors: Sequence[Span]) -> dict[str, list[str]]:
    """Return which names each acronym stands for."""
    surfaces = {_key(text[span.start : span.end]): text[span.start : span.end] for span in actors}
    found: dict[str, list[str]] = {}
    for before, span in pairwise(actors):
        surface = text[span.start : span.end]
        if surface.isupper() and _OPENS_BRACKET.match(text[before.end : span.start]):
            found[_key(surface)] = [_key(text[before.start : before.end])]
    for key, surface in surfaces.items():
        if surface.isupper() and len(surface) > 1 and key not in found:
            found[key] = [other for other, name in surfaces.items() if _initials(name) == surface]
    return {key: names for key, names in found.items() if names}


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split() if word[0].isupper())
