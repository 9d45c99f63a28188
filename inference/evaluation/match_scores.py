"""Scores of matches: what became of the spans of both sides, by a measure that may count a partner half."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .scores import Interval

__all__ = ["MatchScore", "Outcomes"]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of the spans of one side, gold or predicted.

    Attributes:
        correct: Spans whose partner is right.
        incorrect: Spans whose partner is wrong.
        partial: Spans whose partner counts half.
        alone: Spans without a partner: missed ones of the gold side, spurious ones of the predicted side.
    """

    correct: int
    incorrect: int
    partial: int
    alone: int

    @property
    def total(self) -> int:
        """All spans of the side."""
        return self.correct + self.incorrect + self.partial + self.alone

    @property
    def share(self) -> float:
        """``(correct + partial / 2) / total``, in [0, 1]; 0 without spans."""
        return (self.correct + 0.5 * self.partial) / self.total if self.total else 0.0

    def to_dict(self, alone: str) -> dict[str, int]:
        """Return plain JSON values; ``alone`` names the spans without a partner."""
        return {
            "correct": self.correct,
            "incorrect": self.incorrect,
            "partial": self.partial,
            alone: self.alone,
        }


@dataclass(frozen=True, slots=True)
class MatchScore:
    """One line of a table of matches.

    Attributes:
        gold: What became of the gold spans.
        predicted: What became of the predicted spans.
        interval: The F1's bootstrap interval.
    """

    gold: Outcomes
    predicted: Outcomes
    interval: Interval = None

    @property
    def precision(self) -> float:
        """The share of the predicted spans that is right, in [0, 1]."""
        return self.predicted.share

    @property
    def recall(self) -> float:
        """The share of the gold spans that is found, in [0, 1]."""
        return self.gold.share

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, in [0, 1]; 0 when both are."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "interval": None if self.interval is None else list(self.interval),
            "possible": self.gold.total,
            "actual": self.predicted.total,
            "gold": self.gold.to_dict("missed"),
            "predicted": self.predicted.to_dict("spurious"),
        }
