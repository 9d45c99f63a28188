"""How scores change when the text does: the same documents in upper case, with noise, with other names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...data.documents import Document
from ...data.variants.slices import SLICES, change_all
from ...model.labels import LabelScheme
from .bootstrap import Bootstrap
from .coverage import Coverage, coverage
from .paired import Lead, lead
from .pairs import pair_up
from .scores import Score, ScoreTable, exact_counts, score_table

if TYPE_CHECKING:
    from ..prediction import Prediction

__all__ = ["SliceScore", "score_slices"]


@dataclass(frozen=True, slots=True)
class SliceScore:
    """Exact spans on one changed variant of the documents.

    Attributes:
        name: What was changed, such as ``"upper case"``.
        changed: Number of documents whose text it changed.
        coverage: How much of the changed text the model read.
        exact: The scores.
        lead: By how much micro F1 on the changed documents is above that on the documents as they are.
    """

    name: str
    changed: int
    coverage: Coverage
    exact: ScoreTable[Score]
    lead: Lead

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "name": self.name,
            "changed": self.changed,
            "coverage": self.coverage.to_dict(),
            "exact": self.exact.to_dict(),
            "lead": self.lead.to_dict(),
        }


def score_slices(
    gold: Sequence[Document],
    predictions: Iterable[Prediction],
    predict: Callable[[str, Sequence[Document]], Iterable[Prediction]],
    scheme: LabelScheme,
    bootstrap: Bootstrap,
) -> tuple[SliceScore, ...]:
    """Change the documents in every way of :data:`~.slices.SLICES`, let the model read them, and score it.

    Args:
        gold: The documents as they are.
        predictions: What the model found in these.
        predict: Gives the predictions for the documents of a slice, whose name comes first.
        scheme: The label scheme of the predictions.
        bootstrap: Gives the intervals, and the seed of the changes.
    """
    labels = tuple(scheme.table)
    usual = exact_counts(pair_up(gold, predictions, scheme), labels).sum(axis=1)
    scores = []
    for name in SLICES:
        changed = change_all(name, gold, bootstrap.seed)
        pairs = pair_up(changed, predict(name, changed), scheme)
        counts = exact_counts(pairs, labels)
        scores.append(
            SliceScore(
                name,
                sum(one.text != other.text for one, other in zip(gold, changed, strict=True)),
                coverage(pairs),
                score_table(counts, labels, bootstrap),
                lead(usual, counts.sum(axis=1), bootstrap),
            )
        )
    return tuple(scores)
