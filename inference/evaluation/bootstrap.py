"""How sure a score is: percentile bootstrap over documents, from counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .pairs import EvaluationError

__all__ = ["Bootstrap", "f1_of_counts"]

#: Documents drawn at once, in all draws together; bounds the memory (16 bytes each).
_DRAWN_AT_ONCE = 2_000_000


def f1_of_counts(counts: NDArray[Any]) -> NDArray[np.float64]:
    """Return F1, ``2 tp / (2 tp + fp + fn)``, and NaN where there is neither a gold nor a predicted item.

    Args:
        counts: True positives, false positives, false negatives; shape ``[..., 3]``.

    Returns:
        Shape ``[...]``, in [0, 1] or NaN.
    """
    doubled = 2.0 * counts[..., 0]
    total = doubled + counts[..., 1] + counts[..., 2]
    f1: NDArray[np.float64] = np.divide(doubled, total, out=np.full(total.shape, np.nan), where=total > 0)
    return f1


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Percentile bootstrap with the document as the unit (Efron and Tibshirani 1993, chapter 13).

    Each draw takes as many documents as there are, with replacement, adds up their counts and computes the
    score; the interval runs between the percentiles of the draws. The same seed draws the same documents, so
    that two systems on the same data can be compared draw by draw.

    Attributes:
        draws: Number of draws; 0 gives no intervals.
        seed: Seed of the random generator.
        level: Share of the draws inside the interval, in (0, 1).

    Raises:
        EvaluationError: for a negative number of draws or a level outside (0, 1).
    """

    draws: int = 1000
    seed: int = 0
    level: float = 0.95

    def __post_init__(self) -> None:
        if self.draws < 0:
            raise EvaluationError(
                f"the number of bootstrap draws is {self.draws}; accepted is 0 (no intervals) or more"
            )
        if not 0 < self.level < 1:
            raise EvaluationError(
                f"the level of the intervals is {self.level}; accepted is a share between 0 and 1"
            )

    def totals(self, counts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Add up the counts of each draw's documents.

        Args:
            counts: Counts per document, shape ``[documents, ...]``.

        Returns:
            Shape ``[draws, ...]``; whole numbers.
        """
        documents = len(counts)
        flat = counts.reshape(documents, prod(counts.shape[1:])).astype(np.float64)
        none = np.zeros((0, flat.shape[1]))
        totals = np.concatenate([none, *(times @ flat for times in self._portions(documents))])
        return totals.reshape(len(totals), *counts.shape[1:])

    def _portions(self, documents: int) -> Iterable[NDArray[np.float64]]:
        """Return how often each draw takes each document, some draws at once."""
        if self.draws * documents <= _DRAWN_AT_ONCE:  # the same for every table of a report
            return _all_draws(self.draws, self.seed, documents)
        return _draws(self.draws, self.seed, documents)

    def interval(self, values: NDArray[np.float64]) -> tuple[float, float] | None:
        """Return the percentile interval of the draws' scores; undefined ones (NaN) are left out.

        Args:
            values: One score per draw, shape ``[draws]``.

        Returns:
            Lower and upper border, or ``None`` when no draw has a score.
        """
        values = values[~np.isnan(values)]
        if not len(values):
            return None
        tail = (1 - self.level) / 2
        shares = np.linspace(0, 1, len(values))  # np.percentile takes as long again to import what it needs
        low, high = np.interp([tail, 1 - tail], shares, np.sort(values))
        return float(low), float(high)


@lru_cache(maxsize=1)
def _all_draws(draws: int, seed: int, documents: int) -> list[NDArray[np.float64]]:
    return list(_draws(draws, seed, documents))


def _draws(draws: int, seed: int, documents: int) -> Iterator[NDArray[np.float64]]:
    """Yield how often each draw takes each document, arrays of shape ``[some draws, documents]``."""
    generator = np.random.default_rng(seed)
    step = max(1, _DRAWN_AT_ONCE // max(1, documents))
    for begin in range(0, draws, step):
        drawn = generator.integers(0, max(1, documents), size=(min(step, draws - begin), documents))
        times = np.empty(drawn.shape)
        for row, chosen in enumerate(drawn):
            times[row] = np.bincount(chosen, minlength=documents)
        yield times
