"""The canonical JSON Lines of the project, which hold everything; an array of them is read, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..documents import Document
from ..jsonl import write_jsonl
from ..lines import OnError
from .format import Format
from .peek import Peek
from .records import read_objects
from .report import Report

__all__ = ["CANONICAL"]

#: Fields by which other formats with a text and an id are told.
_FOREIGN = frozenset(["tokens", "ner_tags", "tokenized_text", "label", "labels", "entities", "answer"])


def _detect(peek: Peek) -> bool:
    record = peek.record
    if not isinstance(record.get("text"), str):
        return False
    if not isinstance(record.get("id"), (str, int)):
        return False
    return _is_spans(record.get("spans")) and not record.keys() & _FOREIGN


def _is_spans(value: Any) -> bool:
    """Whether a field is a list of spans as ours, or there is none."""
    return value is None or (isinstance(value, list) and all(isinstance(span, dict) for span in value))


def _read(path: Path, report: Report, on_error: OnError | None = None) -> Iterator[Document]:
    def build(record: Mapping[str, Any], number: int) -> Document:
        return Document.from_dict(record)

    return read_objects(path, build, on_error)


def _write(path: Path, documents: Iterable[Document], report: Report) -> None:
    def counted() -> Iterator[Document]:
        for document in documents:
            report.keep(document)
            yield document

    write_jsonl(path, counted())


CANONICAL = Format(
    name="jsonl",
    title="canonical JSON Lines",
    detect=_detect,
    read=_read,
    write=_write,
    endings=(".jsonl", ".ndjson"),
    holds="everything",
)
