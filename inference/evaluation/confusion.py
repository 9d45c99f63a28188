"""What is taken for what: labels against each other, and borders that are off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...data.documents import Span
from .pairs import Pair

__all__ = ["BORDER_KINDS", "BorderErrors", "Confusion", "border_kind", "confusion"]

#: How the predicted borders lie to the gold ones: equal; the prediction lies inside the gold span; it holds
#: the gold span; each has characters that the other lacks.
BORDER_KINDS = ("exact", "too_short", "too_long", "shifted")

#: Kind of border -> number of matched spans.
BorderErrors = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Confusion:
    """Matched spans (see :func:`~.matching.match_spans`) by gold and predicted label, and by their borders.

    Attributes:
        labels: The labels, in the order of the scheme.
        counts: Row ``i``, column ``j``: gold spans of label ``i`` whose partner has label ``j``. The last
            column counts missed gold spans, the last row spurious predictions; their corner is 0.
        borders: For each gold label the matched spans, whatever the partner's label, by kind of border.
    """

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    borders: Mapping[str, BorderErrors]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "gold": [*self.labels, "spurious"],
            "predicted": [*self.labels, "missed"],
            "counts": [list(row) for row in self.counts],
        }

    def borders_to_dict(self) -> dict[str, dict[str, int]]:
        """Return the borders as plain JSON values."""
        return {label: dict(kinds) for label, kinds in self.borders.items()}


def confusion(pairs: Sequence[Pair], labels: Sequence[str]) -> Confusion:
    """Match the spans of every document and count."""
    index = {label: position for position, label in enumerate(labels)}
    rest = len(labels)
    counts = [[0] * (rest + 1) for _ in range(rest + 1)]
    borders = {label: dict.fromkeys(BORDER_KINDS, 0) for label in labels}
    for pair in pairs:
        matching = pair.matching
        for gold, predicted in matching.matched:
            counts[index[gold.label]][index[predicted.label]] += 1
            borders[gold.label][border_kind(gold, predicted)] += 1
        for span in matching.missed:
            counts[index[span.label]][rest] += 1
        for span in matching.spurious:
            counts[rest][index[span.label]] += 1
    return Confusion(tuple(labels), tuple(map(tuple, counts)), borders)


def border_kind(gold: Span, predicted: Span) -> str:
    """Return how the borders of a prediction lie to those of its gold span, one of :data:`BORDER_KINDS`."""
    if (gold.start, gold.end) == (predicted.start, predicted.end):
        return "exact"
    if gold.start <= predicted.start and predicted.end <= gold.end:
        return "too_short"
    if predicted.start <= gold.start and gold.end <= predicted.end:
        return "too_long"
    return "shifted"
