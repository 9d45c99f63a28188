"""What a prediction holds, in numbers: the rows of the table below a rendered text."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...model.labels import LabelScheme
from .visible import one_line

if TYPE_CHECKING:
    from ..prediction import PredictedSpan, Prediction

__all__ = ["SummaryRow", "describe_events", "label_text", "summary_rows"]

_LONGEST = 60  # characters of a mention


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """The spans of one label and attribute.

    Attributes:
        label: The label.
        attribute: Its attribute value, or ``""``.
        count: Number of spans, at least 1.
        score: Their mean score in [0, 1].
        mentions: Their different texts in order of appearance, each in one line and safe to show.
    """

    label: str
    attribute: str
    count: int
    score: float
    mentions: tuple[str, ...]

    def mention_list(self, limit: int = 8) -> str:
        """Join the mentions by semicolons, at most ``limit`` of them and the number of the rest."""
        rest = len(self.mentions) - limit
        return "; ".join(self.mentions[:limit]) + (f"; and {rest} more" if rest > 0 else "")


def summary_rows(prediction: Prediction, scheme: LabelScheme) -> list[SummaryRow]:
    """Group the spans by label and attribute, in the scheme's order."""
    groups: dict[tuple[str, str], list[PredictedSpan]] = defaultdict(list)
    for span in prediction.spans:
        groups[span.label, span.attribute or ""].append(span)
    rank = {(name, value): i for i, (name, value) in enumerate(_pairs(scheme))}
    rows = []
    for key in sorted(groups, key=lambda key: (rank.get(key, len(rank)), key)):
        spans = groups[key]
        score = sum(span.score or 0.0 for span in spans) / len(spans)
        mentions = dict.fromkeys(_cut(one_line(span.text)) for span in spans)
        rows.append(SummaryRow(*key, len(spans), score, tuple(mentions)))
    return rows


def label_text(span: PredictedSpan) -> str:
    """Return how a span's label is written beside it, such as ``ACTOR agent``."""
    return f"{span.label} {span.attribute}" if span.attribute else span.label


def describe_events(prediction: Prediction) -> str:
    """Return the event types with their scores, such as ``battle 0.93, violence 0.71``, or ``none``."""
    scores = prediction.event_scores
    named = [f"{event} {scores[event]:.2f}" if event in scores else event for event in prediction.events]
    return ", ".join(named) or "none"


def _pairs(scheme: LabelScheme) -> list[tuple[str, str]]:
    return [(label.name, value) for label in scheme.labels for value in (*label.values, "")]


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "\u2026"
