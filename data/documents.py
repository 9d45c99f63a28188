"""Documents and spans: the one data model of the project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import DataError

__all__ = ["Document", "LabelTable", "Span"]

#: Label name -> its allowed attribute values (empty when the label has none).
LabelTable = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled piece of a text.

    Attributes:
        start: Offset of the first character, in Unicode code points of the untouched text.
        end: Offset behind the last character (half-open).
        label: A coarse label, such as ``"ACTOR"``.
        attribute: The label's sub-code, such as the role ``"agent"``, or ``None``.
        score: The model's probability in [0, 1], or ``None`` for annotated spans.
    """

    start: int
    end: int
    label: str
    attribute: str | None = None
    score: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the canonical JSON object; ``attribute`` and ``score`` only where there is one."""
        record: dict[str, Any] = {"start": self.start, "end": self.end, "label": self.label}
        if self.attribute is not None:
            record["attribute"] = self.attribute
        if self.score is not None:
            record["score"] = self.score
        return record


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its spans and event types.

    Attributes:
        id: The document's name in its collection.
        text: The untouched text.
        spans: Flat spans without overlap, sorted by start.
        events: Event type codes of the whole text; empty means none.
        meta: Anything else worth carrying along; JSON values.
    """

    id: str
    text: str
    spans: tuple[Span, ...] = ()
    events: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the canonical JSON object."""
        return {
            "id": self.id,
            "text": self.text,
            "spans": [span.to_dict() for span in self.spans],
            "events": list(self.events),
            "meta": dict(self.meta),
        }

    @classmethod
    def from_dict(
        cls, record: Any, labels: LabelTable | None = None, events: Sequence[str] | None = None
    ) -> Document:
        """Build a validated document from a canonical JSON object.

        ``spans``, ``events`` and ``meta`` may be missing. Spans come back sorted by start.

        Args:
            record: A mapping with at least ``id`` and ``text``.
            labels: The labels and attributes that may occur; ``None`` accepts any.
            events: The event types that may occur; ``None`` accepts any.

        Raises:
            DataError: naming the field and the offending value.
        """
        if not isinstance(record, Mapping):
            raise DataError(f"expected an object with 'id' and 'text', got {_show(record)}")
        for name in ("id", "text"):
            if name not in record:
                raise DataError(f"the field {name!r} is missing; the object has {_show(sorted(map(str, record)))}")
            if not isinstance(record[name], str):
                raise DataError(f"{name!r} must be a string, got {_show(record[name])}")
        text = record["text"]
        spans = [_span(item, index, text, labels) for index, item in enumerate(_list(record, "spans"))]
        spans.sort(key=lambda span: (span.start, span.end))
        for before, after in zip(spans, spans[1:], strict=False):
            if after.start < before.end:
                raise DataError(
                    f"spans overlap: {_quote(text, before)} and {_quote(text, after)}; spans must be flat"
                )
        types = _list(record, "events")
        for index, event in enumerate(types):
            if not isinstance(event, str):
                raise DataError(f"events[{index}] must be a string, got {_show(event)}")
            if events is not None and event not in events:
                raise DataError(f"events[{index}] is {event!r}; accepted are {', '.join(events) or 'none'}")
        meta = record.get("meta") or {}
        if not isinstance(meta, Mapping):
            raise DataError(f"'meta' must be an object, got {_show(meta)}")
        return cls(record["id"], text, tuple(spans), tuple(types), meta)


def _span(item: Any, index: int, text: str, labels: LabelTable | None) -> Span:
    where = f"spans[{index}]"
    if not isinstance(item, Mapping):
        raise DataError(f"{where} must be an object, got {_show(item)}")
    for name in ("start", "end"):
        value = item.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise DataError(f"{where}.{name} must be a whole number, got {_show(value)}")
    start, end, label, attribute = item["start"], item["end"], item.get("label"), item.get("attribute")
    if not 0 <= start < end <= len(text):
        raise DataError(
            f"{where} is {start}:{end}, outside the text of {len(text)} characters or empty; "
            "offsets are half-open and count Unicode code points"
        )
    surface = text[start:end]
    if surface != surface.strip():
        raise DataError(f"{where} is {start}:{end} {surface!r}; a span must not start or end with white space")
    if not isinstance(label, str) or not label:
        raise DataError(f"{where}.label must be a string, got {_show(label)}")
    if attribute is not None and not isinstance(attribute, str):
        raise DataError(f"{where}.attribute must be a string or null, got {_show(attribute)}")
    if labels is not None:
        if label not in labels:
            raise DataError(f"{where}.label is {label!r}; accepted are {', '.join(labels)}")
        if attribute is not None and attribute not in labels[label]:
            accepted = ", ".join(labels[label]) or "none"
            raise DataError(f"{where}.attribute is {attribute!r}; accepted for {label} are {accepted}")
    score = item.get("score")
    if score is not None and (isinstance(score, bool) or not isinstance(score, (int, float)) or not 0 <= score <= 1):
        raise DataError(f"{where}.score must be a number from 0 to 1, got {_show(score)}")
    return Span(start, end, label, attribute, None if score is None else float(score))


def _list(record: Mapping[str, Any], name: str) -> list[Any]:
    value = record.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise DataError(f"{name!r} must be a list, got {_show(value)}")
    return value


def _quote(text: str, span: Span) -> str:
    return f"{span.start}:{span.end} {_show(text[span.start : span.end])} ({span.label})"


def _show(value: Any, limit: int = 60) -> str:
    shown = repr(value)
    return shown if len(shown) <= limit else shown[: limit - 3] + "..."
