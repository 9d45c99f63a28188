"""doccano's JSON Lines, as its projects for sequence labelling import and export them.

A line is ``{"text": ..., "label": [[start, end, name], ...]}``, or in projects with relations ``{"text": ...,
"entities": [{"label", "start_offset", "end_offset"}, ...], "relations": [...]}``. doccano counts offsets in
UTF-16 code units, in which an emoji is two, unless a project counts grapheme clusters; so do we. Other fields
are kept by doccano as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..documents import Document, Span
from ..errors import DataError
from ..lines import OnError
from ..quotes import quote
from .fields import build_document, default_id, extra_fields, require_list, require_text
from .format import Format
from .peek import Peek
from .records import read_objects, write_lines
from .report import Report
from .spans import join_label, read_offsets, split_label, without_scores
from .utf16 import Utf16Offsets, has_wide

__all__ = ["DOCCANO"]

_LABELS = ("label", "labels", "entities")
_USED = frozenset({"text", "data", *_LABELS})


def _detect(peek: Peek) -> bool:
    record = peek.record
    if peek.is_array or not isinstance(record.get("text", record.get("data")), str) or "tokens" in record:
        return False
    found = [record[name] for name in _LABELS if name in record]
    return len(found) == 1 and isinstance(found[0], list) and all(map(_is_label, found[0]))


def _is_label(value: Any) -> bool:
    if isinstance(value, dict):
        return "start_offset" in value and "end_offset" in value
    return isinstance(value, list) and len(value) == 3 and isinstance(value[0], int)


def _read(path: Path, report: Report, on_error: OnError | None = None) -> Iterator[Document]:
    def build(record: Mapping[str, Any], number: int) -> Document:
        text = require_text(record, "text", "data")
        if not record.keys() & set(_LABELS):
            raise DataError(f"the field 'label' is missing; the object has {quote(sorted(record))}")
        offsets = Utf16Offsets(text)
        spans = [_span(item, offsets) for name in _LABELS for item in require_list(record, name)]
        if spans and has_wide(text):
            report.notes["texts with offsets taken as UTF-16 code units, as doccano counts"] += 1
        others = {name: value for name, value in record.items() if name != "Comments" or value}
        return build_document(others, _USED, default_id(path, number), text, spans, report)

    return read_objects(path, build, on_error)


def _span(item: Any, offsets: Utf16Offsets) -> Span:
    """Return a span, which is a list of three or an object."""
    if isinstance(item, dict):
        item = [item.get(name) for name in ("start_offset", "end_offset", "label")]
    if not isinstance(item, list) or len(item) != 3:
        raise DataError(f"a label must be a list [start, end, name], got {quote(item)}")
    start, end = read_offsets(item[0], item[1], offsets.length)
    return Span(offsets.from_utf16(start), offsets.from_utf16(end), *split_label(item[2]))


def _write(path: Path, documents: Iterable[Document], report: Report) -> None:
    write_lines(path, (_object(without_scores(document, report), report) for document in documents))


def _object(document: Document, report: Report) -> dict[str, Any]:
    """Return a document's line."""
    report.keep(document)
    offsets = Utf16Offsets(document.text)
    if not document.text:
        report.notes["texts that are empty, which doccano does not import"] += 1
    labels = [
        [offsets.to_utf16(span.start), offsets.to_utf16(span.end), join_label(span, report)]
        for span in document.spans
    ]
    return {"text": document.text, "label": labels, **extra_fields(document)}


DOCCANO = Format(
    name="doccano",
    title="doccano JSON Lines",
    detect=_detect,
    read=_read,
    write=_write,
    holds="all but scores",
)
