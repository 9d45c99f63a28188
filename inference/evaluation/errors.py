"""Errors: every miss and every false alarm, in one of five kinds, with the sentence it stands in."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from ...data.documents import Document, Span
from ...data.splitting import sentence_offsets
from .confusion import border_kind
from .pairs import Pair

__all__ = ["ERROR_KINDS", "SpanError", "find_errors", "spans_within"]

#: In the order in which they are reported.
ERROR_KINDS = ("boundary", "label", "attribute", "missed", "spurious")

_start, _end = attrgetter("start"), attrgetter("end")

_REACH = 400  # characters of a sentence shown on either side of the spans


@dataclass(frozen=True, slots=True)
class SpanError:
    """One thing that went wrong.

    Gold and predicted spans are matched one to one (see :func:`~.matching.match_spans`). Then

    - ``boundary``: partners with the same label and other borders: one miss and one false alarm;
    - ``label``: partners with different labels, whatever their borders: one miss and one false alarm;
    - ``attribute``: same borders, same label, another attribute than the annotated one; by exact spans a hit;
    - ``missed``: a gold span without a partner: one miss;
    - ``spurious``: a predicted span without a partner: one false alarm.

    So the misses and false alarms of all errors are the ``fn`` and ``fp`` of the exact scores.

    Attributes:
        kind: One of :data:`ERROR_KINDS`.
        pair: The document with all its spans.
        gold: The gold span, ``None`` when spurious.
        predicted: The predicted span, ``None`` when missed.
    """

    kind: str
    pair: Pair
    gold: Span | None
    predicted: Span | None

    @property
    def is_miss(self) -> bool:
        """Whether the gold span counts as not found by exact spans."""
        return self.gold is not None and self.kind != "attribute"

    @property
    def is_false_alarm(self) -> bool:
        """Whether the predicted span counts as wrong by exact spans."""
        return self.predicted is not None and self.kind != "attribute"

    @property
    def document(self) -> Document:
        """The gold document."""
        return self.pair.document

    @property
    def spans(self) -> tuple[Span, ...]:
        """The one or two spans that it is about, gold first."""
        return tuple(span for span in (self.gold, self.predicted) if span is not None)

    @property
    def label(self) -> str:
        """The annotated label, or the predicted one when there is no annotated."""
        return self.spans[0].label

    @property
    def borders(self) -> str | None:
        """How the predicted borders lie to the gold ones (:data:`~.confusion.BORDER_KINDS`), if both are."""
        return border_kind(self.gold, self.predicted) if self.gold and self.predicted else None

    @property
    def touches(self) -> bool:
        """Whether a missed or spurious span shares characters with a span of the other side.

        Such a span was merged with, or split off, one that has another partner.
        """
        if self.gold is not None and self.predicted is not None:
            return False
        [span] = self.spans
        others = self.pair.gold if self.gold is None else self.pair.predicted
        return bool(spans_within(others, span.start, span.end))

    def sentence(self) -> tuple[int, int]:
        """Return the offsets of the sentence, or sentences, that the spans touch.

        At most some hundred characters on either side of the spans, so that a text without full stops does
        not become a sentence.
        """
        text = self.document.text
        start = min(span.start for span in self.spans)
        end = max(span.end for span in self.spans)
        low, high = _stretch(text, start, end)
        for begin, stop in sentence_offsets(text[low:high]):
            if low + begin < end and start < low + stop:
                start, end = min(start, low + begin), max(end, low + stop)
        return start, end

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values; offsets count in the document's text, also the sentence's."""
        start, end = self.sentence()
        text = self.document.text

        def record(span: Span | None) -> dict[str, Any] | None:
            return None if span is None else {**span.to_dict(), "text": text[span.start : span.end]}

        return {
            "kind": self.kind,
            "document": self.document.id,
            "gold": record(self.gold),
            "predicted": record(self.predicted),
            "borders": self.borders,
            "touches": self.touches,
            "sentence": {"start": start, "end": end, "text": text[start:end]},
        }


def find_errors(pairs: Sequence[Pair], labels: Sequence[str]) -> tuple[SpanError, ...]:
    """Return all errors: by kind, then by label, then in the order of the documents.

    Args:
        pairs: The documents.
        labels: All labels, in the order wanted.
    """
    found = [error for pair in pairs for error in _errors(pair)]
    return tuple(sorted(found, key=lambda error: (ERROR_KINDS.index(error.kind), labels.index(error.label))))


def spans_within(spans: Sequence[Span], start: int, end: int) -> Sequence[Span]:
    """Return the spans, of flat ones sorted by start, that share a character with a stretch of the text."""
    return spans[bisect_right(spans, start, key=_end) : bisect_left(spans, end, key=_start)]


def _errors(pair: Pair) -> Iterator[SpanError]:
    matching = pair.matching
    for gold, predicted in matching.matched:
        kind = _kind(gold, predicted)
        if kind is not None:
            yield SpanError(kind, pair, gold, predicted)
    for span in matching.missed:
        yield SpanError("missed", pair, span, None)
    for span in matching.spurious:
        yield SpanError("spurious", pair, None, span)


def _kind(gold: Span, predicted: Span) -> str | None:
    """Return what is wrong between two partners; a gold span without an attribute accepts any."""
    if gold.label != predicted.label:
        return "label"
    if (gold.start, gold.end) != (predicted.start, predicted.end):
        return "boundary"
    return "attribute" if gold.attribute not in (None, predicted.attribute) else None


def _stretch(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a stretch of the text by some hundred characters on either side, to where words begin and end."""
    low, high = max(0, start - _REACH), min(len(text), end + _REACH)
    if low > 0:
        low = next((i + 1 for i in range(low, start) if text[i].isspace()), low)
    if high < len(text):
        high = next((i for i in range(high - 1, end - 1, -1) if text[i].isspace()), high)
    return low, high
