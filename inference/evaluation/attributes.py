"""Attributes (the actor's role, the casualty's status): right or wrong on the spans that were found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...model.labels import LabelScheme
from .pairs import Pair
from .scores import span_counts

__all__ = ["AttributeScore", "attribute_scores", "attributed_counts"]


@dataclass(frozen=True, slots=True)
class AttributeScore:
    """Accuracy of one label's attribute on matched spans: those whose start, end and label are right.

    Attributes:
        attribute: What the attribute is called, such as ``"role"``.
        correct: Matched spans with the right attribute.
        matched: Matched spans whose gold span has an attribute.
        unannotated: Matched spans whose gold span has none; they are not judged.
    """

    attribute: str
    correct: int
    matched: int
    unannotated: int

    @property
    def accuracy(self) -> float | None:
        """``correct / matched``, in [0, 1]; ``None`` when nothing matched."""
        return self.correct / self.matched if self.matched else None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "attribute": self.attribute,
            "accuracy": self.accuracy,
            "correct": self.correct,
            "matched": self.matched,
            "unannotated": self.unannotated,
        }


def attribute_scores(pairs: Sequence[Pair], scheme: LabelScheme) -> dict[str, AttributeScore]:
    """Return the score of every label that has an attribute, in the order of the scheme."""
    table = {label.name: [0, 0, 0] for label in scheme.labels if label.values}
    for pair in pairs:
        gold = {(span.label, span.start, span.end): span.attribute for span in pair.gold}
        for span in pair.predicted:
            key = span.label, span.start, span.end
            if span.label not in table or key not in gold:
                continue
            correct, matched, unannotated = range(3)
            tally = table[span.label]
            if gold[key] is None:
                tally[unannotated] += 1
            else:
                tally[matched] += 1
                tally[correct] += gold[key] == span.attribute
    names = {label.name: label.attribute or "" for label in scheme.labels}
    return {label: AttributeScore(names[label], *tally) for label, tally in table.items()}


def attributed_counts(pairs: Sequence[Pair], labels: Sequence[str]) -> NDArray[np.int64]:
    """Count spans; a predicted span is right when start, end, label and attribute are those of a gold span.

    Where a gold span has no attribute, any predicted attribute is accepted.

    Returns:
        True positives, false positives, false negatives; shape ``[documents, labels, 3]``.
    """
    return span_counts(pairs, labels, _attributed)


def _attributed(pair: Pair) -> tuple[list[Any], list[Any]]:
    gold = [(span.label, span.start, span.end, span.attribute) for span in pair.gold]
    open_spans = {item[:3] for item in gold if item[3] is None}
    predicted = []
    for span in pair.predicted:
        key = span.label, span.start, span.end
        predicted.append((*key, None if key in open_spans else span.attribute))
    return gold, predicted
