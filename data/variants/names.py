"""Names: places, groups, persons and bodies, replaced by others of the same kind and region."""

from __future__ import annotations

import importlib.resources
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

import yaml

from ..documents import Document, Span
from ..words import word_offsets
from .edits import Edit, apply_edits

__all__ = ["Gazetteer", "Name", "gazetteer", "replace_names", "whole_words"]

_ARTICLE = "the "
_INDEFINITE = re.compile(r"\ban?\s+\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Name:
    """An entry of the gazetteer.

    Attributes:
        kind: Such as ``"city"``.
        region: Such as ``"europe"``.
        article: Whether running text gives it an article.
        forms: How it is written; the same forms in the same order for all names of a kind.
    """

    kind: str
    region: str
    article: bool
    forms: tuple[str, ...]


class Gazetteer:
    """Names by form, and the names that may stand for each other.

    Args:
        kinds: The sections of ``names.yaml``.
    """

    def __init__(self, kinds: Mapping[str, Mapping[str, Any]]) -> None:
        self._labels = {kind: frozenset(section["labels"]) for kind, section in kinds.items()}
        self._names = tuple(_names(kinds))
        self._by_form: dict[str, tuple[Name, int]] = {}
        self._peers: dict[tuple[str, str, bool], list[Name]] = defaultdict(list)
        for name in self._names:
            self._peers[name.kind, name.region, name.article].append(name)
            self._by_form.update((form, (name, index)) for index, form in enumerate(name.forms))

    def __iter__(self) -> Iterator[Name]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def labels(self, kind: str) -> frozenset[str]:
        """Return the labels under which names of a kind are replaced."""
        return self._labels[kind]

    def find(self, surface: str, label: str) -> tuple[Name, int] | None:
        """Return the name that is written ``surface`` and may have the label, with the index of the form."""
        found = self._by_form.get(surface)
        return found if found is not None and label in self._labels[found[0].kind] else None

    def peers(self, name: Name) -> list[Name]:
        """Return all names of the same kind, region and need of an article, in the file's order."""
        return self._peers[name.kind, name.region, name.article]


@cache
def gazetteer() -> Gazetteer:
    """Return the gazetteer that comes with the package."""
    file = importlib.resources.files(__package__) / "names.yaml"
    return Gazetteer(yaml.safe_load(file.read_text(encoding="utf-8")))


def _names(kinds: Mapping[str, Mapping[str, Any]]) -> Iterator[Name]:
    for kind, section in kinds.items():
        for region, entries in section["names"].items():
            for entry in entries:
                parts = entry.removeprefix(_ARTICLE).split(" | ")
                forms = tuple(form.format(*parts) for form in section["forms"])
                yield Name(kind, region, entry.startswith(_ARTICLE), forms)


def replace_names(document: Document, rng: Random, names: Gazetteer | None = None) -> Document:
    """Return the document with the names that it has of the gazetteer replaced.

    A name is replaced where it is the whole of a span, in all of its forms alike, by one that the text does
    not have; what follows it ("'s", " troops") stays. A name that also stands elsewhere in the text, as
    "Lebanon" in "southern Lebanon", is left alone, for its mentions would no longer agree; so is one behind
    "a" or "an".

    Args:
        document: Any document.
        rng: Draws the new names.
        names: The gazetteer; ``None`` for the one that comes with the package.
    """
    names = names or gazetteer()
    places = _places(document, names)
    taken: set[str] = set()
    edits: list[Edit] = []
    for name, mentions in places.items():
        if not _is_replaceable(document.text, name, mentions):
            continue
        peers = [
            peer for peer in names.peers(name) if peer is not name and _is_new(peer, document.text, taken)
        ]
        if peers:
            peer = rng.choice(peers)
            taken.update(peer.forms)
            edits += (Edit(span.start, span.end, peer.forms[form]) for span, form in mentions)
    return apply_edits(document, edits)


def _places(document: Document, names: Gazetteer) -> dict[Name, list[tuple[Span, int]]]:
    """Return the spans that are names, and the form of each, by name in order of the text."""
    text = document.text
    found: dict[Name, list[tuple[Span, int]]] = defaultdict(list)
    for span in document.spans:
        entry = names.find(text[span.start : span.end], span.label)
        if entry is not None:
            found[entry[0]].append((span, entry[1]))
    if not found:
        return found
    words = word_offsets(text)
    starts, ends = {start for start, _ in words}, {end for _, end in words}
    whole = {
        name: [(span, form) for span, form in mentions if span.start in starts and span.end in ends]
        for name, mentions in found.items()
    }
    return {name: mentions for name, mentions in whole.items() if mentions}


def _is_replaceable(text: str, name: Name, mentions: list[tuple[Span, int]]) -> bool:
    """Whether all mentions of a name are among those given, and none stands behind "a" or "an"."""
    if any(_INDEFINITE.search(text[max(0, span.start - 10) : span.start]) for span, _ in mentions):
        return False
    return all(
        any(span.start <= match.start() and match.end() <= span.end for span, _ in mentions)
        for form in name.forms
        for match in whole_words(form, text)
    )


def _is_new(name: Name, text: str, taken: set[str]) -> bool:
    """Whether none of a name's forms is in the text, or was given to another name."""
    return not any(form in taken or next(whole_words(form, text), None) for form in name.forms)


def whole_words(form: str, text: str) -> Iterator[re.Match[str]]:
    """Yield where a form stands in a text as whole words."""
    if form in text:
        yield from re.finditer(rf"(?<!\w){re.escape(form)}(?!\w)", text)
