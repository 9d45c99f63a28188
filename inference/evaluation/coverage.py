"""How much of the text the model read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .pairs import Pair

__all__ = ["Coverage", "coverage"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many characters, not counting white space, and words were read.

    Gold spans in what was not read count as missed.

    Attributes:
        characters: In all documents.
        read: Read by the model.
        words: In all documents.
        words_read: Read by the model.
        incomplete: Number of documents that were not read whole.
        outside: Gold spans that end behind what was predicted on; they are among the missed ones.
    """

    characters: int
    read: int
    words: int
    words_read: int
    incomplete: int
    outside: int

    @property
    def share(self) -> float:
        """``read / characters``, in [0, 1]; 1 for empty text."""
        return self.read / self.characters if self.characters else 1.0

    @property
    def percent(self) -> str:
        """The share for people, rounded down, so that 100 % means all of it."""
        hundredths = 10_000 * self.read // self.characters if self.characters else 10_000
        return f"{hundredths / 100:.2f} %"

    @property
    def note(self) -> str:
        """What a reader must know when not all was read; empty when all was."""
        if self.read == self.characters and self.words_read == self.words and not self.outside:
            return ""
        return (
            f"Coverage is {self.percent}: {self.incomplete} documents were not read whole. Gold spans in "
            f"what was not read count as missed; {self.outside} lie behind the end of what was predicted on."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "share": self.share,
            "characters": self.characters,
            "read": self.read,
            "words": self.words,
            "words_read": self.words_read,
            "incomplete": self.incomplete,
            "outside": self.outside,
        }


def coverage(pairs: Sequence[Pair]) -> Coverage:
    """Add up what was read."""
    return Coverage(
        sum(pair.characters for pair in pairs),
        sum(pair.read for pair in pairs),
        sum(len(pair.words) for pair in pairs),
        sum(pair.words_read for pair in pairs),
        sum(pair.read < pair.characters for pair in pairs),
        sum(pair.outside for pair in pairs),
    )
