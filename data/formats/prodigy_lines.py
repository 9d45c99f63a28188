"""Prodigy's JSON Lines, as its recipes for named entities take them and ``db-out`` writes them.

A line is ``{"text", "tokens": [{"text", "start", "end", "id", "ws"}], "spans": [{"start", "end", "label",
"token_start", "token_end"}], "answer"}``; ``token_end`` is the last token's number, ``ws`` tells whether one
space follows. Tasks that were rejected or ignored are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..documents import Document, Span
from ..errors import DataError
from ..lines import OnError
from ..quotes import printable, quote
from .exact_tokens import exact_tokens
from .fields import build_document, default_id, extra_fields, require_list, require_text
from .format import Format
from .peek import Peek
from .records import read_objects, write_lines
from .report import Report
from .spans import join_label, read_offsets, read_score, split_label

__all__ = ["PRODIGY"]

_USED = frozenset({"text", "tokens", "spans", "answer"})


def _detect(peek: Peek) -> bool:
    record = peek.record
    if peek.is_array or not isinstance(record.get("text"), str) or record.keys() & {"label", "labels"}:
        return False
    if not _is_objects(record.get("spans", [])) or not _is_objects(record.get("tokens", [])):
        return False
    is_task = bool(record.keys() & {"answer", "_input_hash", "tokens"})
    return is_task or ("spans" in record and "id" not in record)


def _is_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _read(path: Path, report: Report, on_error: OnError | None = None) -> Iterator[Document]:
    def build(record: Mapping[str, Any], number: int) -> Document | None:
        answer = record.get("answer", "accept")
        if answer != "accept":
            report.left_out[f"answered {printable(str(answer))[:40]!r} in Prodigy"] += 1
            return None
        text = require_text(record, "text")
        spans = [_span(item, text) for item in require_list(record, "spans")]
        return build_document(record, _USED, default_id(path, number), text, spans, report)

    return read_objects(path, build, on_error)


def _span(item: Any, text: str) -> Span:
    if not isinstance(item, dict):
        raise DataError(f"a span must be an object, got {quote(item)}")
    start, end = read_offsets(item.get("start"), item.get("end"), len(text))
    label, attribute = split_label(item.get("label"))
    if attribute is None and isinstance(item.get("attribute"), str):
        attribute = item["attribute"] or None  # a file of ours without ids looks like Prodigy's
    return Span(start, end, label, attribute, read_score(item.get("score")))


def _write(path: Path, documents: Iterable[Document], report: Report) -> None:
    write_lines(path, (_object(document, report) for document in documents))


def _object(document: Document, report: Report) -> dict[str, Any]:
    """Return a document's line."""
    report.keep(document)
    tokens = exact_tokens(document)
    first = {token.start: number for number, token in enumerate(tokens)}
    last = {token.end: number for number, token in enumerate(tokens)}
    spans = []
    for span in document.spans:
        written = {
            "start": span.start,
            "end": span.end,
            "label": join_label(span, report),
            "token_start": first[span.start],
            "token_end": last[span.end],
        }
        spans.append(written if span.score is None else written | {"score": span.score})
    listed = [
        {"text": document.text[token.start : token.end], "start": token.start, "end": token.end}
        | {"id": number, "ws": token.has_space}
        for number, token in enumerate(tokens)
    ]
    extra = extra_fields(document)
    return {"text": document.text, "tokens": listed, "spans": spans, "answer": "accept", **extra}


PRODIGY = Format(
    name="prodigy",
    title="Prodigy JSON Lines",
    detect=_detect,
    read=_read,
    write=_write,
    holds="everything",
)
