"""Predictions: what the tagger found in a text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING, Any

from ..data.documents import Document, Span

if TYPE_CHECKING:
    from datetime import date

    from .incidents import Incident

__all__ = ["PredictedSpan", "Prediction"]


@dataclass(frozen=True, slots=True)
class PredictedSpan(Span):
    """A span with the piece of text it covers.

    Attributes:
        text: ``prediction.text[start:end]``.
    """

    text: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object; scores have four decimals."""
        record: dict[str, Any] = {"start": self.start, "end": self.end, "label": self.label}
        if self.attribute is not None:
            record["attribute"] = self.attribute
        if self.score is not None:
            record["score"] = round(self.score, 4)
        record["text"] = self.text
        return record


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the tagger found in one text.

    Attributes:
        text: The text as it was given.
        spans: Flat spans, sorted by start; offsets count Unicode code points of ``text``.
        events: Event types whose score reaches their threshold, in the scheme's order; for a text of several
            windows an event counts when any window has it.
        event_scores: Probability in [0, 1] of each event type.
        coverage: Share of the text's non-space characters that the model read, in [0, 1].
    """

    text: str
    spans: tuple[PredictedSpan, ...]
    events: tuple[str, ...]
    event_scores: Mapping[str, float]
    coverage: float

    def spans_of(self, label: str) -> list[PredictedSpan]:
        """Return the spans of one label, in order."""
        return [span for span in self.spans if span.label == label]

    def incidents(self, published: date | str | None = None, *, rule: str = "ucdp") -> tuple[Incident, ...]:
        """Group the spans into incidents: who did what to whom, when, where, and how many were harmed.

        Without the extra ``places`` the places stay unresolved, without ``dates`` the dates.

        Args:
            published: The day the text was published, against which relative dates are resolved; as a string
                ``YYYY-MM-DD``.
            rule: How rival casualty figures are folded: ucdp, latest, median or highest.

        Raises:
            ConflictnerError: for a day or rule that is none, or a day of publication without dateparser.
        """
        from .incidents import find_incidents

        return find_incidents(
            self.text, self.spans, self.events, self.event_scores, published=published, rule=rule
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types; coverage is rounded down, so that 1.0 means all of the text."""
        return {
            "text": self.text,
            "spans": [span.to_dict() for span in self.spans],
            "events": list(self.events),
            "event_scores": {name: round(score, 4) for name, score in self.event_scores.items()},
            "coverage": floor(self.coverage * 1e6) / 1e6,
        }

    def to_json(self, indent: int | None = None) -> str:
        """Return JSON text; ASCII only, so that any text survives any channel."""
        return json.dumps(self.to_dict(), indent=indent)

    def document(self, id: str, meta: Mapping[str, Any] | None = None) -> Document:  # noqa: A002 - the field's name
        """Return the prediction as a document of the data layer.

        Args:
            id: The document's name.
            meta: What to carry along; empty by default.
        """
        spans = tuple(
            Span(
                span.start,
                span.end,
                span.label,
                span.attribute,
                None if span.score is None else round(span.score, 4),
            )
            for span in self.spans
        )
        return Document(id, self.text, spans, self.events, dict(meta or {}))
