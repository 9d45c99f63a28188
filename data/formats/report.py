"""What a conversion did to the spans: kept, snapped, dropped, and what the written format cannot hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Report"]


@dataclass
class Report:
    """Counts that grow while documents are read and written.

    Readers count what they skip, drop and snap, writers what they keep, drop, snap and lose.

    Attributes:
        documents: Documents that were written.
        skipped: Records that could not be read and were skipped.
        kept: Spans that were written, by label.
        snapped: Spans of which a border was moved, by reason.
        dropped: Spans that were read or marked and not written, by reason.
        lost: What the written format cannot hold, such as scores: what it is, and how many there were.
    """

    documents: int = 0
    skipped: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    snapped: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)

    @property
    def is_lossless(self) -> bool:
        """Whether everything that was read was written, unchanged."""
        return not (self.skipped or self.snapped or self.dropped or self.lost)

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        return {
            "documents": self.documents,
            "skipped": self.skipped,
            "kept": dict(self.kept),
            "snapped": dict(self.snapped),
            "dropped": dict(self.dropped),
            "lost": dict(self.lost),
        }

    def lines(self) -> Iterator[str]:
        """Yield the counts in words."""
        yield f"{self.documents:,} documents"
        if self.skipped:
            yield f"{self.skipped:,} records skipped, for they could not be read"
        labels = ", ".join(f"{label} {count:,}" for label, count in sorted(self.kept.items()))
        yield f"{self.kept.total():,} spans kept{f' ({labels})' if labels else ''}"
        yield f"{self.snapped.total():,} of them snapped{self._reasons(self.snapped)}"
        yield f"{self.dropped.total():,} spans dropped{self._reasons(self.dropped)}"
        for what, count in self.lost.most_common():
            yield f"not held by the format: {what} ({count:,})"

    @staticmethod
    def _reasons(counts: Counter[str]) -> str:
        """Return the reasons with their numbers, in brackets, the most frequent first."""
        named = ", ".join(f"{reason}: {count:,}" for reason, count in counts.most_common())
        return f" ({named})" if named else ""
