"""Whether scores mean what they say: expected calibration error and reliability data of span scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .pairs import Pair

__all__ = ["BINS", "Bin", "Calibration", "Reliability", "calibration", "reliability"]

BINS = 15


@dataclass(frozen=True, slots=True)
class Bin:
    """The spans whose score lies in ``(lower, upper]``; a score of 0 counts to the first bin.

    Attributes:
        lower: Lower border, outside.
        upper: Upper border, inside.
        spans: Number of spans.
        confidence: Their mean score, ``None`` when there are none.
        accuracy: The share of them that is exactly right, ``None`` when there are none.
    """

    lower: float
    upper: float
    spans: int
    confidence: float | None
    accuracy: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "lower": self.lower,
            "upper": self.upper,
            "spans": self.spans,
            "confidence": self.confidence,
            "accuracy": self.accuracy,
        }


@dataclass(frozen=True, slots=True)
class Reliability:
    """Reliability data of a set of scored spans.

    Attributes:
        error: The expected calibration error in [0, 1], ``None`` without spans.
        spans: Number of spans.
        bins: Equal-width bins over [0, 1].
    """

    error: float | None
    spans: int
    bins: tuple[Bin, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"error": self.error, "spans": self.spans, "bins": [item.to_dict() for item in self.bins]}


@dataclass(frozen=True, slots=True)
class Calibration:
    """Reliability of all predicted spans and of each label's.

    Attributes:
        overall: Of all labels together.
        labels: By predicted label, in the order of the scheme.
        unscored: Predicted spans without a score; they are left out.
    """

    overall: Reliability
    labels: Mapping[str, Reliability]
    unscored: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "overall": self.overall.to_dict(),
            "labels": {label: item.to_dict() for label, item in self.labels.items()},
            "unscored": self.unscored,
        }


def reliability(scores: Sequence[float], right: Sequence[bool], bins: int = BINS) -> Reliability:
    """Compare scores with how often they are right.

    The expected calibration error is the mean gap between accuracy and confidence, weighted by the number of
    spans in the bin (Guo, Pleiss, Sun and Weinberger 2017, "On Calibration of Modern Neural Networks",
    equation 5)::

        ECE = sum over bins b of  n_b / n * |accuracy_b - confidence_b|

    By hand: scores 0.9, 0.9 (one right) and 0.5 (right) fall into two bins; 2/3 * |0.5 - 0.9| + 1/3 * |1 -
    0.5|:

    >>> round(reliability([0.9, 0.9, 0.5], [True, False, True]).error, 4)
    0.4333

    Args:
        scores: In [0, 1].
        right: Whether each scored span is right.
        bins: Number of equal-width bins.
    """
    edges = np.arange(bins + 1) / bins
    values = np.asarray(scores, dtype=np.float64)
    place = np.searchsorted(edges[1:], values, side="left").clip(max=bins - 1)
    number = np.bincount(place, minlength=bins)
    score_sum = np.bincount(place, weights=values, minlength=bins)
    right_sum = np.bincount(place, weights=np.asarray(right, dtype=np.float64), minlength=bins)
    error = float(np.abs(right_sum - score_sum).sum() / len(values)) if len(values) else None
    return Reliability(error, len(values), tuple(_bins(edges, number, score_sum, right_sum)))


def calibration(pairs: Sequence[Pair], labels: Sequence[str]) -> Calibration:
    """Compute the reliability of predicted spans; one with start, end and label of a gold span is right."""
    scores: dict[str, list[float]] = {label: [] for label in labels}
    right: dict[str, list[bool]] = {label: [] for label in labels}
    unscored = 0
    for pair in pairs:
        gold = {(span.start, span.end, span.label) for span in pair.gold}
        for span in pair.predicted:
            if span.score is None:
                unscored += 1
                continue
            scores[span.label].append(span.score)
            right[span.label].append((span.start, span.end, span.label) in gold)
    return Calibration(
        reliability([*chain.from_iterable(scores.values())], [*chain.from_iterable(right.values())]),
        {label: reliability(scores[label], right[label]) for label in labels},
        unscored,
    )


def _bins(
    edges: NDArray[np.float64],
    number: NDArray[np.intp],
    score_sum: NDArray[Any],
    right_sum: NDArray[Any],
) -> list[Bin]:
    return [
        Bin(lower, upper, spans, total / spans if spans else None, hits / spans if spans else None)
        for lower, upper, spans, total, hits in zip(
            edges[:-1].tolist(),
            edges[1:].tolist(),
            number.tolist(),
            score_sum.tolist(),
            right_sum.tolist(),
            strict=True,
        )
    ]
