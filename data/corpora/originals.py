"""Originals: the documents of a public set as it publishes them, with its own types, before any mapping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ..lines import OnError

__all__ = ["Mention", "Original", "OriginalReader"]


@dataclass(frozen=True, slots=True)
class Mention:
    """A marked piece of a text.

    Attributes:
        start: Offset of its first character, in code points.
        end: Offset behind its last; larger than ``start``.
        kind: What the set calls it.
        attribute: What more the set tells of it, such as what happened to a victim, or ``None``.
        confidence: How sure the set is of it, in [0, 1], or ``None``.
    """

    start: int
    end: int
    kind: str
    attribute: str | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Original:
    """A document of a public set.

    Attributes:
        id: Its name in the set.
        text: Its text.
        mentions: What is marked in it; mentions may overlap, and their borders may lie inside words.
        sentences: Half-open offsets of its sentences, or ``None`` where the set does not tell them.
        events: The set's own types of the events in it.
        meta: What else the set tells of it; JSON values.
        absent: What is annotated and has no place in the text, by reason.
    """

    id: str
    text: str
    mentions: Sequence[Mention] = ()
    sentences: Sequence[tuple[int, int]] | None = None
    events: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)
    absent: Counter[str] = field(default_factory=Counter)


class OriginalReader(Protocol):
    """Reads a public set as it is."""

    def __call__(self, path: str | Path, on_error: OnError = ...) -> Iterator[Original]:
        """Yield the set's documents; ``on_error`` takes the errors of those that are left out."""
