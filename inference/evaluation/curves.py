"""Precision against recall as the least score of a span moves, and the threshold that gives the best F1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..thresholds import Thresholds
from .pairs import EvaluationError, Pair

__all__ = ["Curve", "Curves", "OperatingPoint", "curve", "curves"]

_POINTS = 50  # steps of a curve from threshold 0 to 1


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """Exact spans when those with a lower score are left out.

    Attributes:
        threshold: The least score, in [0, 1].
        precision: In [0, 1].
        recall: In [0, 1].
        f1: In [0, 1].
    """

    threshold: float
    precision: float
    recall: float
    f1: float

    def to_dict(self) -> dict[str, float]:
        """Return plain JSON values."""
        return {
            "threshold": self.threshold,
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
        }


@dataclass(frozen=True, slots=True)
class Curve:
    """A precision-recall curve.

    Attributes:
        best: The threshold with the highest F1 (of several, the lowest), half way between the scores of the
            last span that is kept and the first that is left out; ``None`` without gold or without scored
            spans, or when none of them is right.
        points: At thresholds 0, 0.02, ..., 1, as far as a span reaches them.
    """

    best: OperatingPoint | None
    points: tuple[OperatingPoint, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "best": self.best and self.best.to_dict(),
            "points": [point.to_dict() for point in self.points],
        }


@dataclass(frozen=True, slots=True)
class Curves:
    """Curves of all spans, one threshold serving all labels, and of each label's.

    Attributes:
        overall: Of all labels together.
        labels: By label, in the order of the scheme.
    """

    overall: Curve
    labels: Mapping[str, Curve]

    def thresholds(self, model: str | None, data: str | None) -> Thresholds:
        """Return the thresholds that maximise F1: each label's own, and for the others that of all spans.

        Raises:
            EvaluationError: when no predicted span with a score is right.
        """
        if self.overall.best is None:
            raise EvaluationError(
                "no threshold can be chosen, for no predicted span with a score is right; give data that the "
                "model finds something in"
            )
        best = {label: item.best.threshold for label, item in self.labels.items() if item.best is not None}
        return Thresholds(best, self.overall.best.threshold, model, data)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "overall": self.overall.to_dict(),
            "labels": {label: item.to_dict() for label, item in self.labels.items()},
        }


def curve(scores: Sequence[float], right: Sequence[bool], gold: int) -> Curve:
    """Compute a curve.

    With ``n`` spans of at least the threshold's score, ``tp`` of which are right, precision is ``tp / n``,
    recall ``tp / gold`` and F1 ``2 tp / (n + gold)``. By hand: four spans, of which the first and third are
    right, and two gold spans; F1 is highest when three are kept, 2 * 2 / (3 + 2), and the threshold lies half
    way between 0.6 and 0.2:

    >>> curve([0.9, 0.7, 0.6, 0.2], [True, False, True, False], gold=2).best
    OperatingPoint(threshold=0.4, precision=0.6666666666666666, recall=1.0, f1=0.8)

    Args:
        scores: Of the predicted spans, in [0, 1].
        right: Whether each of them is right.
        gold: Number of gold spans.
    """
    order = np.argsort(-np.asarray(scores, dtype=np.float64), kind="stable")
    ordered = np.asarray(scores, dtype=np.float64)[order]
    hits = np.cumsum(np.asarray(right, dtype=np.int64)[order])
    if not gold or not len(ordered) or not hits[-1]:
        return Curve(None, ())
    last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))  # spans of one score stay together
    f1 = 2 * hits[last] / (last + 1 + gold)
    best = int(last[len(f1) - 1 - int(np.argmax(f1[::-1]))])
    lower = float(ordered[best + 1]) if best + 1 < len(ordered) else None
    threshold = 0.0 if lower is None else (float(ordered[best]) + lower) / 2
    grid = (index / _POINTS for index in range(_POINTS + 1))
    kept = ((value, int(np.searchsorted(-ordered, -value, side="right"))) for value in grid)
    return Curve(
        _point(threshold, best + 1, hits, gold),
        tuple(_point(value, number, hits, gold) for value, number in kept if number),
    )


def curves(pairs: Sequence[Pair], labels: Sequence[str]) -> Curves:
    """Compute the curves of predicted spans that have a score; start, end and label must be right."""
    scores: dict[str, list[float]] = {label: [] for label in labels}
    right: dict[str, list[bool]] = {label: [] for label in labels}
    support = dict.fromkeys(labels, 0)
    for pair in pairs:
        gold = {(span.start, span.end, span.label) for span in pair.gold}
        for span in pair.gold:
            support[span.label] += 1
        for span in pair.predicted:
            if span.score is not None:
                scores[span.label].append(span.score)
                right[span.label].append((span.start, span.end, span.label) in gold)
    return Curves(
        curve(
            [*chain.from_iterable(scores.values())],
            [*chain.from_iterable(right.values())],
            sum(support.values()),
        ),
        {label: curve(scores[label], right[label], support[label]) for label in labels},
    )


def _point(threshold: float, kept: int, hits: NDArray[np.int64], gold: int) -> OperatingPoint:
    """Return the figures of the ``kept`` spans with the highest scores."""
    found = int(hits[kept - 1])
    return OperatingPoint(threshold, found / kept, found / gold, 2 * found / (kept + gold))
