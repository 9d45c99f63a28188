"""How scores change when the text does: the same documents in upper case, with noise, in longer texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...data.documents import Document
from ...data.variants.slices import LONG_TEXTS, SLICES, change_all, long_texts
from ...model.labels import LabelScheme
from .attributes import AttributeScore, attribute_scores
from .bootstrap import Bootstrap
from .coverage import Coverage, coverage
from .paired import Lead, lead
from .pairs import pair_up
from .scores import Score, ScoreTable, exact_counts, score_table

if TYPE_CHECKING:
    from ..prediction import Prediction

__all__ = ["SliceScore", "score_slices"]

_LONG_TEXTS = "in long texts"


@dataclass(frozen=True, slots=True)
class SliceScore:
    """Exact spans and their attributes on one changed variant of the documents.

    Attributes:
        name: What was changed, such as ``"upper case"``.
        changed: Number of documents whose text it changed, or that it joined to others.
        coverage: How much of the changed text the model read.
        exact: The scores.
        attributes: Accuracy of the attributes on matched spans, by label.
        lead: By how much micro F1 on the changed documents is above that on the documents as they are.
    """

    name: str
    changed: int
    coverage: Coverage
    exact: ScoreTable[Score]
    attributes: Mapping[str, AttributeScore]
    lead: Lead

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "name": self.name,
            "changed": self.changed,
            "coverage": self.coverage.to_dict(),
            "exact": self.exact.to_dict(),
            "attributes": {label: score.to_dict() for label, score in self.attributes.items()},
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

    At last, let it read them as they are, joined to long texts.

    Args:
        gold: The documents as they are.
        predictions: What the model found in these.
        predict: Gives the predictions for the documents of a slice, whose name comes first.
        scheme: The label scheme of the predictions.
        bootstrap: Gives the intervals, and the seed of the changes.
    """
    labels = tuple(scheme.table)
    usual = exact_counts(pair_up(gold, predictions, scheme), labels).sum(axis=1)

    def score(
        name: str, documents: Sequence[Document], changed: int, before: NDArray[np.int64]
    ) -> SliceScore:
        pairs = pair_up(documents, predict(name, documents), scheme)
        counts = exact_counts(pairs, labels)
        return SliceScore(
            name,
            changed,
            coverage(pairs),
            score_table(counts, labels, bootstrap),
            attribute_scores(pairs, scheme),
            lead(before, counts.sum(axis=1), bootstrap),
        )

    scores = []
    for name in SLICES:
        documents = change_all(name, gold, bootstrap.seed)
        changed = sum(one.text != other.text for one, other in zip(gold, documents, strict=True))
        scores.append(score(name, documents, changed, usual))
    if len(gold) > 1:
        parts = np.add.reduceat(usual, range(0, len(gold), LONG_TEXTS))
        joined = len(gold) - (len(gold) % LONG_TEXTS == 1)  # the last one may be left alone
        scores.append(score(_LONG_TEXTS, long_texts(gold), joined, parts))
    return tuple(scores)
