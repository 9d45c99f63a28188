"""Public sets: where they come from, under which licence, and what their labels become here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .errors import DataError
from .quotes import quote

__all__ = ["LabelRule", "PublicFile", "PublicSet", "public_set", "public_sets"]


@dataclass(frozen=True, slots=True)
class LabelRule:
    """What becomes of one of a set's own labels.

    Attributes:
        rule: The rule by which a mention is marked, or ``"none"``; docs/corpora.md explains each.
        loses: What the mapping cannot express, in a sentence.
    """

    rule: str
    loses: str


@dataclass(frozen=True, slots=True)
class PublicFile:
    """A file of a set.

    Attributes:
        names: What it is called; the first is its name here.
        sha256: Sum of its content: of a compressed file what is in it, of an archive all that is read of it,
            see :func:`conflictner.data.copies.content_sum`.
        bytes: Size of the file at the address.
        address: Where it can be downloaded; ``None`` where no address is known that stays the same.
        split: ``"train"``, ``"dev"``, ``"test"``, or ``None`` for a set without splits.
        members: Of an archive, which names in it are read, with ``*`` for any characters.
        note: What is not known about it.
    """

    names: tuple[str, ...]
    sha256: str
    bytes: int | None = None
    address: str | None = None
    split: str | None = None
    members: str | None = None
    note: str = ""

    @property
    def name(self) -> str:
        """Its name here."""
        return self.names[0]


@dataclass(frozen=True, slots=True)
class PublicSet:
    """A set that somebody published.

    Attributes:
        name: What it is called on the command line.
        title: Its own title.
        about: What is in it, in a sentence.
        homepage: Where its authors describe it.
        licence: Under which terms its text and annotation may be used.
        citation: The paper to cite.
        folder: What a folder with several sets calls that of this one.
        annotated: The labels of which everything is marked, where nothing is left open.
        files: Its files.
        labels: Its own labels -> what becomes of them.
        values: Attributes of its own -> attributes of ours.
        note: What else one must know.
    """

    name: str
    title: str
    about: str
    homepage: str
    licence: str
    citation: str
    folder: str
    annotated: tuple[str, ...]
    files: tuple[PublicFile, ...]
    labels: Mapping[str, LabelRule]
    values: Mapping[str, str]
    note: str = ""

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits it has, in the order of the files."""
        return tuple(dict.fromkeys(file.split for file in self.files if file.split is not None))


def public_set(name: str) -> PublicSet:
    """Return a public set.

    Raises:
        DataError: when there is none of this name.
    """
    sets = public_sets()
    if name not in sets:
        raise DataError(f"the set {quote(name)} is not known; accepted are {', '.join(sets)}")
    return sets[name]


@cache
def public_sets() -> Mapping[str, PublicSet]:
    """Return the public sets by name."""
    import yaml

    text = Path(__file__).with_name("sources.yaml").read_text(encoding="utf-8")
    return {name: _public_set(name, record) for name, record in yaml.safe_load(text).items()}


def _public_set(name: str, record: dict[str, Any]) -> PublicSet:
    """Build a set from its record, in which nothing unknown may stand."""
    files = tuple(PublicFile(**(file | {"names": tuple(file["names"])})) for file in record.pop("files"))
    labels = {label: LabelRule(**rule) for label, rule in record.pop("labels").items()}
    annotated = tuple(record.pop("annotated"))
    values = record.pop("values", {})
    return PublicSet(name=name, files=files, labels=labels, annotated=annotated, values=values, **record)
