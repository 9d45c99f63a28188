"""Precision, recall and F1 from counts: per label, micro, macro, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Generic, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...data.counts import Counts
from ...data.documents import Span
from .bootstrap import Bootstrap, f1_of_counts
from .pairs import Pair

__all__ = [
    "Interval",
    "Macro",
    "Score",
    "ScoreTable",
    "count_places",
    "event_counts",
    "exact_counts",
    "mean",
    "mean_of_defined",
    "score_table",
    "span_counts",
]

#: Lower and upper border of an F1's interval; ``None`` where there is none.
Interval = tuple[float, float] | None


class _Shares(Protocol):
    """What has precision, recall and F1."""

    @property
    def precision(self) -> float: ...
    @property
    def recall(self) -> float: ...
    @property
    def f1(self) -> float: ...


class _Line(Protocol):
    """A line of a score table."""

    def to_dict(self) -> dict[str, Any]: ...


Line = TypeVar("Line", bound=_Line)


@dataclass(frozen=True, slots=True)
class Score:
    """One line of a score table.

    Attributes:
        counts: What was right and wrong; precision, recall and F1 follow from it.
        interval: The F1's bootstrap interval.
    """

    counts: Counts
    interval: Interval = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        counts = self.counts
        return {
            "precision": counts.precision,
            "recall": counts.recall,
            "f1": counts.f1,
            "interval": None if self.interval is None else list(self.interval),
            "support": counts.support,
            "predicted": counts.tp + counts.fp,
            "tp": counts.tp,
            "fp": counts.fp,
            "fn": counts.fn,
        }


@dataclass(frozen=True, slots=True)
class Macro:
    """Unweighted means over labels.

    The mean runs over the labels that occur, in the gold data or in the predictions, as seqeval's does: a
    label that is predicted but never annotated pulls the mean down with an F1 of 0, a label that occurs on
    neither side has no score and is left out. Macro F1 is the mean of the F1 values.

    Attributes:
        precision: Mean precision.
        recall: Mean recall.
        f1: Mean F1.
        labels: The labels in the mean.
        interval: The macro F1's bootstrap interval; each draw takes the mean over the labels that occur in
            it.
    """

    precision: float
    recall: float
    f1: float
    labels: tuple[str, ...]
    interval: Interval = None

    @classmethod
    def of(cls, lines: Mapping[str, _Shares], interval: Interval) -> Self:
        """Return the means over the labels that occur.

        Args:
            lines: What they have, in the order of the scheme.
            interval: Of the mean F1.
        """
        return cls(
            mean([line.precision for line in lines.values()]),
            mean([line.recall for line in lines.values()]),
            mean([line.f1 for line in lines.values()]),
            tuple(lines),
            interval,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "interval": None if self.interval is None else list(self.interval),
            "labels": list(self.labels),
        }


@dataclass(frozen=True, slots=True)
class ScoreTable(Generic[Line]):
    """Scores per label (event type, attribute value), and their averages.

    Attributes:
        labels: In the order of the scheme, also those without support.
        micro: From the counts of all labels together.
        macro: The unweighted mean over the labels that occur.
    """

    labels: Mapping[str, Line]
    micro: Line
    macro: Macro

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "labels": {name: score.to_dict() for name, score in self.labels.items()},
            "micro": self.micro.to_dict(),
            "macro": self.macro.to_dict(),
        }


def score_table(
    counts: NDArray[np.int64], names: Sequence[str], bootstrap: Bootstrap | None = None
) -> ScoreTable[Score]:
    """Compute the scores from counts per document.

    Args:
        counts: True positives, false positives, false negatives; shape ``[documents, len(names), 3]``.
        names: What the second axis counts.
        bootstrap: Gives the intervals; ``None``, no draws or fewer than two documents leave them out.
    """
    total = [Counts(*row) for row in counts.sum(axis=0).tolist()]
    intervals: list[Interval] = [None] * len(names)
    micro = macro = None
    if bootstrap is not None and bootstrap.draws and len(counts) > 1:
        drawn = bootstrap.totals(counts)
        f1 = f1_of_counts(drawn)
        intervals = [bootstrap.interval(f1[:, index]) for index in range(len(names))]
        micro = bootstrap.interval(f1_of_counts(drawn.sum(axis=1)))
        macro = bootstrap.interval(mean_of_defined(f1))
    occurring = {name: count for name, count in zip(names, total, strict=True) if count != Counts()}
    return ScoreTable(
        dict(zip(names, map(Score, total, intervals), strict=True)),
        Score(sum(total, Counts()), micro),
        Macro.of(occurring, macro),
    )


def span_counts(
    pairs: Sequence[Pair], labels: Sequence[str], items: Callable[[Pair], tuple[Iterable[Any], Iterable[Any]]]
) -> NDArray[np.int64]:
    """Count, per document and label, the items that gold and prediction share and do not share.

    Args:
        pairs: The documents.
        labels: The labels, in order.
        items: Gives for a pair the gold and the predicted items: tuples whose first element is a label.

    Returns:
        True positives, false positives, false negatives; shape ``[documents, labels, 3]``.
    """
    index = {label: position for position, label in enumerate(labels)}
    shape = len(pairs), len(labels), 3
    places = []
    for row, pair in enumerate(pairs):
        gold, predicted = map(set, items(pair))
        for kind, found in enumerate((gold & predicted, predicted - gold, gold - predicted)):
            places += [(row * len(labels) + index[item[0]]) * 3 + kind for item in found]
    return count_places(places, shape)


def count_places(places: Sequence[int], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Count how often each place of an array is named.

    >>> count_places([0, 5, 5], (2, 3)).tolist()
    [[1, 0, 0], [0, 0, 2]]

    Args:
        places: Positions in the flat array, row by row.
        shape: The shape of the array.
    """
    counts = np.bincount(np.array(places, dtype=np.intp), minlength=prod(shape))
    return counts.astype(np.int64, copy=False).reshape(shape)


def exact_counts(pairs: Sequence[Pair], labels: Sequence[str]) -> NDArray[np.int64]:
    """Count spans; a predicted span is right when start, end and label are those of a gold span.

    Returns:
        Shape ``[documents, labels, 3]``.
    """
    return span_counts(
        pairs, labels, lambda pair: (map(_labelled, pair.gold), map(_labelled, pair.predicted))
    )


def event_counts(pairs: Sequence[Pair], events: Sequence[str]) -> NDArray[np.int64]:
    """Count the event types of documents.

    Returns:
        Shape ``[documents, events, 3]``.
    """
    return span_counts(pairs, events, lambda pair: (zip(pair.document.events), zip(pair.events)))


def _labelled(span: Span) -> tuple[str, int, int]:
    return span.label, span.start, span.end


def mean(values: Sequence[float]) -> float:
    """Return the mean, 0 of nothing."""
    return sum(values) / len(values) if values else 0.0


def mean_of_defined(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over the last axis without the NaN values; NaN where all are."""
    defined = ~np.isnan(values)
    number = defined.sum(axis=-1)
    total = np.where(defined, values, 0.0).sum(axis=-1)
    mean: NDArray[np.float64] = np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)
    return mean
