"""The fields of a document beside its text and spans, in JSON objects of any format."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from ..documents import Document, Span
from ..errors import DataError
from ..jsonl import parse_json
from ..quotes import quote
from .report import Report
from .spans import flat_spans

__all__ = ["build_document", "default_id", "extra_fields", "require_list", "require_text"]

_OWN = frozenset({"id", "events", "meta"})


def default_id(path: Path, number: int) -> str:
    """Return what the ``number``-th document of a file is called when it has no id: ``news-3``."""
    return f"{path.stem}-{number}"


def require_text(record: Mapping[str, Any], *names: str) -> str:
    """Return the first of some fields that is there, which must hold a string.

    Raises:
        DataError: when there is none, or it holds something else.
    """
    for name in names:
        if name in record:
            if not isinstance(record[name], str):
                raise DataError(f"{name!r} must be a string, got {quote(record[name])}")
            return str(record[name])
    raise DataError(f"the field {names[0]!r} is missing; the object has {quote(sorted(record))}")


def require_list(record: Mapping[str, Any], name: str) -> list[Any]:
    """Return a field that holds a list, empty when it is missing or null.

    Raises:
        DataError: when it holds something else.
    """
    value = record.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise DataError(f"{name!r} must be a list, got {quote(value)}")
    return value


def build_document(
    record: Mapping[str, Any],
    used: Collection[str],
    name: str,
    text: str,
    spans: Iterable[Span],
    report: Report,
) -> Document:
    """Return a document with what an object holds beside text and spans.

    Args:
        record: The object. ``id`` is a string or number; ``events`` and ``meta`` count as such where they are
            of the form of ours. All other fields become part of the document's meta.
        used: Its fields that hold text and spans, in whatever way.
        name: The document's id, when the object has none.
        text: The text.
        spans: The spans, which are made flat.
        report: Where that is counted.
    """
    meta = {key: value for key, value in record.items() if key not in used and key not in _OWN}
    identity = record.get("id")
    if isinstance(identity, (str, int)) and not isinstance(identity, bool):
        name = str(identity) if isinstance(identity, str) or abs(identity) < 1 << 64 else name
    elif identity is not None:
        meta["id"] = identity
    events: tuple[str, ...] = ()
    if _is_events(record.get("events")):
        events = tuple(record["events"])
    elif record.get("events") is not None:
        meta["events"] = record["events"]
    held = _meta(record.get("meta"))
    if held is not None:
        meta |= held
    elif record.get("meta") is not None:
        meta["meta"] = record["meta"]
    return Document(name, text, flat_spans(text, spans, report), events, meta)


def extra_fields(document: Document) -> dict[str, Any]:
    """Return id, event types and meta of a document, as :func:`build_document` reads them."""
    fields: dict[str, Any] = {"id": document.id}
    if document.events:
        fields["events"] = list(document.events)
    if document.meta:
        fields["meta"] = dict(document.meta)
    return fields


def _is_events(value: Any) -> bool:
    """Whether a field is a list of event types as ours."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(event, str) and event for event in value):
        return False
    return len(set(value)) == len(value)


def _meta(value: Any) -> Mapping[str, Any] | None:
    """Return a field as meta: an object, or the JSON text of one; ``None`` for anything else."""
    if isinstance(value, str) and value.startswith("{"):
        try:
            value = parse_json(value)
        except DataError:
            return None
    return value if isinstance(value, dict) else None
