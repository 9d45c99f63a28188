"""Counts of what a converter made of a public set: what was kept, moved and dropped, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..documents import Document

__all__ = ["ImportCounts"]


@dataclass
class ImportCounts:
    """What happened to the documents and spans of a set; it grows while the set is read.

    Attributes:
        documents: Documents that were read.
        passages: Documents that were made of them.
        kept: Spans that were kept, by label.
        snapped: Spans of these whose borders lay inside a word and were moved to the word's.
        moved: Spans of these whose borders were moved as the guidelines want them, such as titles left out.
        dropped: Marked spans that were not kept, by reason.
        left_out: Passages that were not made, by reason.
    """

    documents: int = 0
    passages: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    snapped: int = 0
    moved: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    def take_out(self, document: Document, reason: str) -> None:
        """Count a passage that was made and is left out after all."""
        self.passages -= 1
        self.kept.subtract(span.label for span in document.spans)
        self.left_out[reason] += 1

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        return {
            "documents": self.documents,
            "passages": self.passages,
            "kept": dict(self.kept),
            "snapped": self.snapped,
            "moved": self.moved,
            "dropped": dict(self.dropped),
            "left_out": dict(self.left_out),
        }

    def lines(self) -> Iterator[str]:
        """Yield the counts in words."""
        yield f"{self.documents:,} documents read, {self.passages:,} passages made"
        for reason, count in self.left_out.most_common():
            yield f"{count:,} passages left out: {reason}"
        labels = ", ".join(f"{label} {count:,}" for label, count in sorted(self.kept.items()))
        yield f"{self.kept.total():,} spans kept{f' ({labels})' if labels else ''}"
        yield f"{self.snapped:,} of them snapped to word borders, {self.moved:,} to the guidelines' borders"
        for reason, count in self.dropped.most_common():
            yield f"{count:,} spans dropped: {reason}"
