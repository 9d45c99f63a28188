"""Whether one of two systems is better, or luck: paired tests on the same documents, from counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bootstrap import Bootstrap, f1_of_counts
from .scores import Interval

__all__ = ["Lead", "PairedTest", "lead", "paired_test", "randomisation"]

_DRAWN_AT_ONCE = 2_000_000  # coins thrown at once, in all draws together; bounds the memory


@dataclass(frozen=True, slots=True)
class Lead:
    """By how much F1 of one system is above another's.

    Attributes:
        difference: In [-1, 1].
        interval: Of the difference, both systems being scored on the same drawn documents; ``None`` without
            draws.
    """

    difference: float
    interval: Interval

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "difference": self.difference,
            "interval": None if self.interval is None else list(self.interval),
        }


@dataclass(frozen=True, slots=True)
class PairedTest:
    """F1 of two systems, A and B, on the same documents.

    Attributes:
        first: F1 of A, in [0, 1].
        second: F1 of B, in [0, 1].
        interval: Bootstrap interval of B's lead, both systems being scored on the same drawn documents
            (Efron and Tibshirani 1993; Berg-Kirkpatrick, Burkett and Klein 2012); ``None`` without draws.
        ahead: Share of the bootstrap draws in which B is ahead, draws without any lead counting half.
        p_value: Of approximate randomisation, two-sided; see :func:`randomisation`.
    """

    first: float
    second: float
    interval: Interval
    ahead: float | None
    p_value: float | None

    @property
    def lead(self) -> float:
        """By how much B is ahead of A, in [-1, 1]."""
        return self.second - self.first

    def is_clear(self, level: float) -> bool:
        """Whether both tests say that the lead is none of luck.

        Args:
            level: Such as 0.95, at which the interval must not hold 0 and the p-value must be under 0.05.
        """
        if self.interval is None or self.p_value is None:
            return False
        low, high = self.interval
        return (low > 0 or high < 0) and self.p_value < round(1 - level, 12)  # 1 - 0.95 is above 0.05

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "a": self.first,
            "b": self.second,
            "lead": self.lead,
            "interval": None if self.interval is None else list(self.interval),
            "ahead": self.ahead,
            "p_value": self.p_value,
        }


def lead(first: NDArray[np.int64], second: NDArray[np.int64], bootstrap: Bootstrap) -> Lead:
    """Return by how much B is ahead of A.

    Args:
        first: True positives, false positives, false negatives of A per document, shape ``[documents, 3]``.
        second: Those of B, for the same documents in the same order.
        bootstrap: Gives the interval.
    """
    difference = _f1(second.sum(axis=0)) - _f1(first.sum(axis=0))
    return Lead(float(difference), bootstrap.interval(_leads(first, second, bootstrap)))


def paired_test(first: NDArray[np.int64], second: NDArray[np.int64], bootstrap: Bootstrap) -> PairedTest:
    """Test the difference between two systems.

    Args:
        first: True positives, false positives, false negatives of A per document, shape ``[documents, 3]``.
        second: Those of B, for the same documents in the same order.
        bootstrap: The number of draws, for both tests, their seed, and the level.
    """
    scores = [float(_f1(counts.sum(axis=0))) for counts in (first, second)]
    leads = _leads(first, second, bootstrap)
    if not len(leads):
        return PairedTest(scores[0], scores[1], None, None, None)
    return PairedTest(
        scores[0],
        scores[1],
        bootstrap.interval(leads),
        float(np.mean((leads > 0) + 0.5 * (leads == 0))),
        randomisation(first, second, bootstrap.draws, bootstrap.seed),
    )


def randomisation(first: NDArray[np.int64], second: NDArray[np.int64], draws: int, seed: int) -> float:
    """Return the p-value of an approximate randomisation test (Noreen 1989; Yeh 2000).

    If the systems did not differ, it would not matter which of them gave which result for a document. Each
    draw throws a coin for every document and exchanges the two results at heads; the p-value is the share of
    draws whose difference in F1, in either direction, is at least the one that was found::

        p = (draws with |F1(B) - F1(A)| >= the one found, plus 1) / (draws + 1)

    Args:
        first: Counts of A per document, shape ``[documents, 3]``.
        second: Those of B.
        draws: How often all coins are thrown.
        seed: Seed of the coins.
    """
    found = _gap(first.sum(axis=0), second.sum(axis=0))
    change = (second - first).astype(np.float64)
    generator = np.random.default_rng(seed)
    as_large = 0
    for rows in _portions(draws, len(first)):
        heads = generator.integers(0, 2, size=(rows, len(first)), dtype=np.int8)
        moved = heads @ change
        gaps = _gap(first.sum(axis=0) + moved, second.sum(axis=0) - moved)
        as_large += int((gaps >= found - 1e-12).sum())
    return (as_large + 1) / (draws + 1)


def _leads(first: NDArray[np.int64], second: NDArray[np.int64], bootstrap: Bootstrap) -> NDArray[np.float64]:
    """Return the lead of B in every draw; none from a single document."""
    if len(first) < 2:
        return np.zeros(0)
    f1 = _f1(bootstrap.totals(np.stack([first, second], axis=1)))
    leads: NDArray[np.float64] = f1[:, 1] - f1[:, 0]
    return leads


def _gap(first: NDArray[Any], second: NDArray[Any]) -> NDArray[np.float64]:
    """Return by how much F1 differs, in either direction."""
    gap: NDArray[np.float64] = np.abs(_f1(second) - _f1(first))
    return gap


def _f1(counts: NDArray[Any]) -> NDArray[np.float64]:
    """Return F1 of counts of shape ``[..., 3]``; 0 where there is nothing to score."""
    return np.nan_to_num(f1_of_counts(counts))


def _portions(draws: int, documents: int) -> Iterator[int]:
    """Yield how many draws to make at once."""
    step = max(1, _DRAWN_AT_ONCE // max(1, documents))
    for begin in range(0, draws, step):
        yield min(step, draws - begin)
