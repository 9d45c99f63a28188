"""Parties: actors by role, the mentions of one name together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from ...data.documents import Span
from ...data.errors import DataError
from ...data.quotes import quote
from .event_words import EventWord

__all__ = ["Party", "parties", "settle_roles"]

Offsets = tuple[int, int]

#: Before an actor: nobody is meant ("no group claimed the attack").
_NOBODY = re.compile(r"\b(?:no|neither|nor)\s+(?:other\s+)?\Z", re.IGNORECASE)
#: Before an actor: what he said stands in quotation marks, and he is named for that alone.
_QUOTED = re.compile(
    r"[\"”]\s+(?:said|says|added|adds|explained|insisted|recalled|warned|told\s+\w+)\s+(?:the\s+|an?\s+)?\Z"
)
#: Behind an actor who speaks, before an event word: he tells of what he did ("said its jets struck").
_OWN_DEED = re.compile(
    r"\s+(?:\w+\s+){0,2}?(?:said|says?|confirm(?:ed|s)|admit(?:ted|s)|announce[ds]|report(?:ed|s)|acknowledged|"
    r"claim(?:ed|s)|state[ds])\s+(?:on\s+\w+day\s+)?(?:that\s+)?(?:it|they|(?:its|their)\s+(?:\w+\s+){0,1}\w+)\s+"
    r"(?:also\s+)?(?:(?:had|has|have)\s+)?(?:also\s+|then\s+|already\s+)?"
)
#: Behind an actor: he claims a deed.
_CLAIMS_DEED = re.compile(
    r"(?:\s*\([^)\n]{1,20}\))?,?\s+(?:(?!not\b|never\b)\w+\s+){0,2}?claim(?:ed|s|ing)?\s+(?:responsibility|being\s+behind"
    r"|the\s+(?:\w+\s+)?(?:attacks?|bombings?|blasts?|killings?|ambush|raid|shooting|strikes?)\b)"
)
_LOOK_BACK = 30  # characters
_SPEAKING = frozenset({"source", "other"})
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


def settle_roles(text: str, actors: Iterable[Span], words: Iterable[EventWord]) -> list[Span]:
    """Return the actors of an incident so that who acts in it is an agent where he only speaks, too.

    Who claims a deed or tells of his own ("the army said it had shelled") acts. Who is named for a quotation
    ('"It was dark," said X') speaks. Left out is who is nobody ("no group claimed the attack").

    Args:
        text: The text.
        actors: ACTOR spans, in order.
        words: The event words of the incident.
    """
    deeds = {word.start for word in words}
    real = []
    for span in actors:
        before = text[max(0, span.start - _LOOK_BACK) : span.start]
        if not _NOBODY.search(before):
            real.append(replace(span, attribute="source") if _QUOTED.search(before) else span)
    if not any(span.attribute in _SPEAKING for span in real):
        return real
    acting = {
        span
        for mentions in _by_name(text, real).values()
        if any(span.attribute == "agent" or _is_doer(text, span, deeds) for span in mentions)
        for span in mentions
    }
    return [
        replace(span, attribute="agent") if span in acting and span.attribute in _SPEAKING else span
        for span in real
    ]


def _is_doer(text: str, span: Span, deeds: Set[int]) -> bool:
    if span.attribute not in _SPEAKING:
        return False
    if _CLAIMS_DEED.match(text, span.end):
        return True
    match = _OWN_DEED.match(text, span.end)
    return match is not None and match.end() in deeds


def parties(text: str, actors: Iterable[Span], role: str) -> tuple[Party, ...]:
    """Return the actors of a role, who claims the deed first, else in order of their first mentions.

    Mentions are one party when they are the same words but for case, when one is an acronym in brackets
    behind the other or made of its initials, or when one ends with all words of the other ("Syrian army",
    "army") and no third one does.

    Args:
        text: The text.
        actors: ACTOR spans, in order.
        role: agent, target, source or other.
    """
    named = _by_name(text, [span for span in actors if span.attribute == role])
    ordered = sorted(named.items(), key=lambda item: item[1][0].start)
    if len(ordered) > 1 and role == "agent":
        ordered.sort(key=lambda item: not any(_CLAIMS_DEED.match(text, span.end) for span in item[1]))
    return tuple(
        Party(name, tuple((span.start, span.end) for span in mentions)) for name, mentions in ordered
    )


def _by_name(text: str, actors: Sequence[Span]) -> dict[str, list[Span]]:
    """Return the mentions of each party, by its name."""
    if len(actors) < 2:
        return {text[span.start : span.end]: [span] for span in actors}
    mentions: dict[str, list[Span]] = {}
    names: dict[str, str] = {}
    for span in actors:
        surface = text[span.start : span.end]
        key = _key(surface)
        mentions.setdefault(key, []).append(span)
        names.setdefault(key, surface)
    acronyms = _acronyms(text, actors)
    for key in sorted(mentions, key=len):
        longer = acronyms.get(key) or [other for other in mentions if other.endswith(f" {key}")]
        longer = [other for other in longer if other in mentions and other != key]
        if len(longer) == 1:
            both = [*mentions.pop(key), *mentions[longer[0]]]
            mentions[longer[0]] = sorted(both, key=lambda span: span.start)
    return {names[key]: spans for key, spans in mentions.items()}


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
