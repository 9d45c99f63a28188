"""What a conversion did to the spans: kept, snapped, dropped, and what the written format cannot hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..documents import Document

__all__ = ["Report"]


@dataclass
class Report:
    """Counts that grow while documents are read and written.

    Readers count what they leave out, drop and snap; writers what they keep, drop, snap and lose; whoever
    passes ``on_error`` to a reader counts what is skipped. Every reason is a few words that read well behind
    a colon or in brackets.

    Attributes:
        documents: Documents that were written.
        skipped: Records that could not be read and were skipped.
        left_out: Records that are well formed and no documents, by reason.
        kept: Spans that were written, by label.
        snapped: Spans of which a border was moved, by reason.
        dropped: Spans that were read and not written, by reason.
        lost: What the written format cannot hold, such as scores: what it is, and how many there were.
        notes: What else there is to know, such as how offsets were counted, and for how many documents.
    """

    documents: int = 0
    skipped: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    snapped: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)

    @property
    def is_lossless(self) -> bool:
        """Whether everything that was read was written, unchanged."""
        return not (self.skipped or self.left_out or self.snapped or self.dropped or self.lost)

    def keep(self, document: Document) -> None:
        """Count a document that was written, with its spans."""
        self.documents += 1
        self.kept.update(span.label for span in document.spans)

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        return {name: value if isinstance(value, int) else dict(value) for name, value in vars(self).items()}

    def lines(self) -> Iterator[str]:
        """Yield the counts in words."""
        yield f"{_count(self.documents, 'document')} written"
        if self.skipped:
            yield f"{_count(self.skipped, 'record')} skipped, not readable"
        for reason, count in self.left_out.most_common():
            yield f"{count:,} left out: {reason}"
        labels = ", ".join(f"{label} {count:,}" for label, count in sorted(self.kept.items()))
        yield f"{_count(self.kept.total(), 'span')} kept{f' ({labels})' if labels else ''}"
        yield f"{_count(self.snapped.total(), 'span')} snapped{_reasons(self.snapped)}"
        yield f"{_count(self.dropped.total(), 'span')} dropped{_reasons(self.dropped)}"
        for what, count in self.lost.most_common():
            yield f"not held by the format: {what} ({count:,})"
        for note, count in self.notes.most_common():
            yield f"note: {note} ({count:,})"


def _count(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _reasons(counts: Counter[str]) -> str:
    """Return the reasons with their numbers, in brackets, the most frequent first."""
    named = ", ".join(f"{reason} {count:,}" for reason, count in counts.most_common())
    return f" ({named})" if named else ""
