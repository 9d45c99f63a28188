"""What a bulk run came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .manifest import Manifest, ShardEntry

__all__ = ["Summary", "summarise"]


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts over all shards of an output folder, of earlier runs that were interrupted too.

    Attributes:
        folder: The output folder.
        documents: Documents tagged.
        rejected: Records that could not be.
        rejects: The file that says why, or ``None``.
        shards: Files written.
        spans: Spans by label, every label of the model.
        coverage: Mean share of the documents' characters that the model read, in [0, 1]; 1 without documents.
        partial: Documents of which some part was not read.
        tagged_now: Documents that this run tagged; the others were done before.
    """

    folder: Path
    documents: int
    rejected: int
    rejects: Path | None
    shards: int
    spans: Mapping[str, int]
    coverage: float
    partial: int
    tagged_now: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "folder": str(self.folder),
            "documents": self.documents,
            "rejected": self.rejected,
            "rejects": None if self.rejects is None else str(self.rejects),
            "shards": self.shards,
            "spans": dict(self.spans),
            "coverage": self.coverage,
            "partial": self.partial,
            "tagged_now": self.tagged_now,
        }


def summarise(manifest: Manifest, labels: Iterable[str], done_before: int) -> Summary:
    """Add up the shards of a manifest.

    Args:
        manifest: Of a run that has ended.
        labels: The model's labels.
        done_before: Documents that were done when this run began.
    """
    entries: list[ShardEntry] = manifest.shards
    spans = Counter(dict.fromkeys(labels, 0))
    for entry in entries:
        spans.update(entry.spans)
    documents, rejected = manifest.documents, sum(entry.rejected for entry in entries)
    return Summary(
        manifest.folder,
        documents,
        rejected,
        manifest.rejects if rejected else None,
        sum(entry.file is not None for entry in entries),
        dict(spans),
        sum(entry.coverage for entry in entries) / documents if documents else 1.0,
        sum(entry.partial for entry in entries),
        documents - done_before,
    )
