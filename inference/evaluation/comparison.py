"""Several systems on the same documents: their scores side by side, and the lead of the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...data.documents import Document
from ...model.labels import LabelScheme
from .bootstrap import Bootstrap
from .paired import Lead, lead
from .pairs import pair_up
from .report import Report
from .runner import evaluate_predictions
from .scores import exact_counts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..prediction import Prediction

__all__ = ["ComparedSystem", "compare", "comparison_markdown"]


@dataclass(frozen=True, slots=True)
class ComparedSystem:
    """A system and how it did.

    Attributes:
        name: What to call it.
        report: All of its scores.
        seconds: How long its training took, or ``None``.
        margin: How far the first system is ahead of it; ``None`` for the first.
    """

    name: str
    report: Report
    seconds: float | None
    margin: Lead | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values: the scores of exact spans, time and margin."""
        return {
            "name": self.name,
            "exact": self.report.exact.to_dict(),
            "training_seconds": self.seconds,
            "margin": self.margin and self.margin.to_dict(),
        }


def compare(
    gold: Sequence[Document],
    systems: Sequence[tuple[str, Sequence[Prediction], float | None]],
    scheme: LabelScheme,
    *,
    data: str | None = None,
    bootstrap: int = 1000,
    seed: int = 0,
) -> list[ComparedSystem]:
    """Score systems on the same documents.

    Args:
        gold: The documents.
        systems: Name, predictions and seconds of training of each; margins are those of the first.
        scheme: The label scheme.
        data: What to call the gold data.
        bootstrap: Number of draws for the 95 % intervals.
        seed: Seed of the draws.

    Raises:
        EvaluationError: as :func:`evaluate_predictions`.
    """
    draws = Bootstrap(bootstrap, seed)
    first: NDArray[np.int64] | None = None
    compared = []
    for name, predictions, seconds in systems:
        report = evaluate_predictions(
            gold, predictions, scheme, data=data, model=name, bootstrap=bootstrap, seed=seed
        )
        counts = exact_counts(pair_up(gold, predictions, scheme), tuple(scheme.table)).sum(axis=1)
        margin = None if first is None else lead(counts, first, draws)
        first = counts if first is None else first
        compared.append(ComparedSystem(name, report, seconds, margin))
    return compared


def comparison_markdown(systems: Sequence[ComparedSystem]) -> str:
    """Return the systems as a table in Markdown, all figures in percent."""
    labels = list(systems[0].report.exact.labels)
    header = ["system", "micro F1", "95 % interval", "precision", "recall", *labels, "behind", "training"]
    lines = [_line(header), _line(["---", *["---:"] * (len(header) - 1)])]
    for system in systems:
        exact = system.report.exact
        micro = exact.micro
        behind = "" if system.margin is None else _with_interval(system.margin)
        lines.append(
            _line(
                [
                    system.name,
                    _percent(micro.counts.f1),
                    "" if micro.interval is None else _range(micro.interval),
                    _percent(micro.counts.precision),
                    _percent(micro.counts.recall),
                    *(_percent(exact.labels[label].counts.f1) for label in labels),
                    behind,
                    "" if system.seconds is None else f"{system.seconds:,.0f} s",
                ]
            )
        )
    return "\n".join(lines) + "\n"


def _with_interval(margin: Lead) -> str:
    shown = _percent(margin.difference)
    return shown if margin.interval is None else f"{shown} ({_range(margin.interval)})"


def _range(interval: tuple[float, float]) -> str:
    return f"{_percent(interval[0])} to {_percent(interval[1])}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
