"""How much of the text the model read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

from .pairs import Pair

__all__ = ["Coverage", "coverage"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Characters that are not white space, and how many of them were read.

    Gold spans in what was not read count as missed.

    Attributes:
        characters: In all documents.
        read: Read by the model.
        incomplete: Number of documents that were not read whole.
    """

    characters: int
    read: int
    incomplete: int

    @property
    def share(self) -> float:
        """``read / characters``, in [0, 1]; 1 for empty text."""
        return self.read / self.characters if self.characters else 1.0

    @property
    def percent(self) -> str:
        """The share for people, rounded down, so that 100 % means all of it."""
        return f"{floor(10_000 * self.share) / 100:.2f} %"

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "share": self.share,
            "characters": self.characters,
            "read": self.read,
            "incomplete": self.incomplete,
        }


def coverage(pairs: Sequence[Pair]) -> Coverage:
    """Add up what was read."""
    return Coverage(
        sum(pair.characters for pair in pairs),
        sum(pair.read for pair in pairs),
        sum(pair.read < pair.characters for pair in pairs),
    )
