"""How scores change when the text does: the same documents in upper case, with noise, with other names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...data.documents import Document
from ...model.labels import LabelScheme
from .bootstrap import Bootstrap
from .coverage import Coverage, coverage
from .paired import Lead, lead
from .pairs import pair_up
from .scores import ScoreTable, exact_counts, score_table

if TYPE_CHECKING:
    from ..prediction import Prediction

__all__ = ["SliceScore", "score_slice"]


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
    exact: ScoreTable
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


def score_slice(
    name: str,
    gold: Sequence[Document],
    changed: Sequence[Document],
    predictions: Iterable[Prediction],
    usual: NDArray[np.int64],
    scheme: LabelScheme,
    bootstrap: Bootstrap,
) -> SliceScore:
    """Score a variant of the documents.

    Args:
        name: What was changed.
        gold: The documents as they are.
        changed: The changed ones, in the same order, with spans that fit their text.
        predictions: One for each changed document.
        usual: Exact counts on the documents as they are, shape ``[documents, labels, 3]``.
        scheme: The label scheme of the predictions.
        bootstrap: Gives the intervals.
    """
    pairs = pair_up(changed, predictions, scheme)
    labels = tuple(scheme.table)
    counts = exact_counts(pairs, labels)
    return SliceScore(
        name,
        sum(one.text != other.text for one, other in zip(gold, changed, strict=True)),
        coverage(pairs),
        score_table(counts, labels, bootstrap),
        lead(usual.sum(axis=1), counts.sum(axis=1), bootstrap),
    )
