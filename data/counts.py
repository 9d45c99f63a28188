"""Counts of right and wrong items, which add; precision, recall and F1 follow from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Counts", "count_items"]


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives, false positives and false negatives.

    Attributes:
        tp: Predicted and in the gold data.
        fp: Predicted only.
        fn: In the gold data only.
    """

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float:
        """``tp / (tp + fp)``, 0 when nothing was predicted."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """``tp / (tp + fn)``, 0 when there is no gold item."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, in [0, 1]; 0 when both are."""
        return 2 * self.tp / (2 * self.tp + self.fp + self.fn) if self.tp else 0.0

    @property
    def support(self) -> int:
        """Number of gold items."""
        return self.tp + self.fn


def count_items(gold: Iterable[object], predicted: Iterable[object]) -> Counts:
    """Compare two collections of hashable, distinct items.

    >>> count_items({1, 2, 3}, {2, 3, 4})
    Counts(tp=2, fp=1, fn=1)
    """
    gold, predicted = set(gold), set(predicted)
    tp = len(gold & predicted)
    return Counts(tp, len(predicted) - tp, len(gold) - tp)
