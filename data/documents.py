"""Documents and spans: the one data model of the project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from .errors import DataError
from .quotes import printable, quote

__all__ = ["Document", "LabelTable", "Span", "check_events", "check_label"]

_LARGEST_ID = 1 << 64
_FIELDS = frozenset({"id", "text", "spans", "events", "meta"})

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
        meta: Anything else worth carrying along; JSON values. A list ``annotated`` names the labels and event
            types of which everything is marked; see :attr:`annotated`.
    """

    id: str
    text: str
    spans: tuple[Span, ...] = ()
    events: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def annotated(self) -> frozenset[str] | None:
        """The labels and event types whose absence means that there is none; ``None`` for all.

        A collection that marks names alone says nothing of the casualties it leaves unmarked.

        Raises:
            DataError: when ``meta["annotated"]`` is not a list of names.
        """
        names = self.meta.get("annotated")
        if names is None:
            return None
        if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
            raise DataError(
                f"document {quote(self.id)}: meta.annotated must be a list of the labels and event types of "
                f"which everything is marked, got {quote(names)}"
            )
        return frozenset(names)

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

        ``id`` may be a whole number, of which the digits are taken. ``spans``, ``events`` and ``meta`` may be
        missing. Spans come back sorted by start. Fields outside the form are kept in ``meta``, where a field
        of the same name wins. A span may repeat its piece of the text in a field ``text``; it is compared,
        which finds offsets counted in other units.

        Args:
            record: A mapping with at least ``id`` and ``text``.
            labels: The labels and attributes that may occur; ``None`` accepts any.
            events: The event types that may occur; ``None`` accepts any.

        Raises:
            DataError: naming the field and the offending value.
        """
        if not isinstance(record, Mapping):
            raise DataError(f"expected an object with 'id' and 'text', got {quote(record)}")
        for name in ("id", "text"):
            if name not in record:
                raise DataError(
                    f"the field {name!r} is missing; the object has {quote(sorted(map(str, record)))}"
                )
        identity, text = _id(record["id"]), record["text"]
        if not isinstance(text, str):
            raise DataError(f"'text' must be a string, got {quote(text)}")
        spans = [_span(item, index, text, labels) for index, item in enumerate(_list(record, "spans"))]
        spans.sort(key=lambda span: span.start)
        for before, after in pairwise(spans):
            if after.start < before.end:
                raise DataError(
                    f"spans overlap: {_shown(text, before)} and {_shown(text, after)}; spans must be flat"
                )
        return cls(identity, text, tuple(spans), _events(record, events), _meta(record))


def check_label(place: str, label: Any, attribute: Any, labels: LabelTable | None) -> None:
    """Check a span's label and attribute.

    Args:
        place: Where they stand; the message begins with it.
        label: A non-empty string, if it is right.
        attribute: A string or ``None``, if it is right.
        labels: The labels and attributes that may occur; ``None`` accepts any.

    Raises:
        DataError: naming the value and what is accepted.
    """
    if not isinstance(label, str) or not label:
        raise DataError(f"{place}label must be a string that is not empty, got {quote(label)}")
    if attribute is not None and (not isinstance(attribute, str) or not attribute):
        raise DataError(
            f"{place}attribute must be null or a string that is not empty, got {quote(attribute)}"
        )
    if labels is None:
        return
    if label not in labels:
        raise DataError(f"{place}label is {quote(label)}; accepted are {', '.join(labels)}")
    if attribute is not None and attribute not in labels[label]:
        accepted = ", ".join(labels[label]) or "none"
        raise DataError(f"{place}attribute is {quote(attribute)}; accepted for {label} are {accepted}")


def check_events(types: Sequence[Any], events: Sequence[str] | None) -> None:
    """Check the event types of a document.

    Args:
        types: Distinct strings, if they are right.
        events: The event types that may occur; ``None`` accepts any.

    Raises:
        DataError: naming the value and what is accepted.
    """
    for index, event in enumerate(types):
        if not isinstance(event, str) or not event:
            raise DataError(f"events[{index}] must be a string that is not empty, got {quote(event)}")
        if events is not None and event not in events:
            raise DataError(f"events[{index}] is {quote(event)}; accepted are {', '.join(events) or 'none'}")
        if event in types[:index]:
            raise DataError(f"events[{index}] is {quote(event)} once more; give each event type once")


def _id(value: Any) -> str:
    """Return the id as text."""
    if isinstance(value, str):
        return value
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= _LARGEST_ID:
        raise DataError(f"'id' must be a string or a whole number, got {quote(value)}")
    return str(value)


def _span(item: Any, index: int, text: str, labels: LabelTable | None) -> Span:
    """Build one validated span."""
    where = f"spans[{index}]"
    if not isinstance(item, Mapping):
        raise DataError(f"{where} must be an object, got {quote(item)}")
    for name in ("start", "end"):
        value = item.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise DataError(f"{where}.{name} must be a whole number, got {quote(value)}")
    start, end = item["start"], item["end"]
    label: Any = item.get("label")
    attribute: Any = item.get("attribute")
    if not 0 <= start < end <= len(text):
        raise DataError(
            f"{where} is {quote(start)}:{quote(end)}, outside the text of {len(text)} characters or empty; "
            "offsets are half-open and count Unicode code points"
        )
    surface = text[start:end]
    if surface[0].isspace() or surface[-1].isspace():
        raise DataError(
            f"{where} is {start}:{end} {quote(surface)}; a span must not start or end with white space"
        )
    if isinstance(item.get("text"), str) and item["text"] != surface:
        raise DataError(
            f"{where}.text is {quote(item['text'])}, but {start}:{end} of the text is {quote(surface)}; "
            "offsets count Unicode code points, not bytes"
        )
    check_label(f"{where}.", label, attribute, labels)
    score = item.get("score")
    if score is not None and (
        isinstance(score, bool) or not isinstance(score, (int, float)) or not 0 <= score <= 1
    ):
        raise DataError(f"{where}.score must be null or a number from 0 to 1, got {quote(score)}")
    return Span(start, end, label, attribute, None if score is None else float(score))


def _events(record: Mapping[str, Any], events: Sequence[str] | None) -> tuple[str, ...]:
    """Return the validated event types."""
    types = _list(record, "events")
    check_events(types, events)
    return tuple(types)


def _meta(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``meta`` with the fields that are none of the form's."""
    meta = record.get("meta")
    if meta is not None and not isinstance(meta, Mapping):
        raise DataError(f"'meta' must be an object, got {quote(meta)}")
    others = {name: value for name, value in record.items() if name not in _FIELDS}
    return {**others, **(meta or {})}


def _list(record: Mapping[str, Any], name: str) -> Sequence[Any]:
    """Return a field that holds a list, empty when it is missing or null."""
    value = record.get(name)
    if value is None:
        return ()
    if not isinstance(value, (list, tuple)):
        raise DataError(f"{name!r} must be a list, got {quote(value)}")
    return value


def _shown(text: str, span: Span) -> str:
    """Return a span as messages show it."""
    return f"{span.start}:{span.end} {quote(text[span.start : span.end])} ({printable(span.label)})"
