"""The canonical JSON Lines of the project, which hold everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ..documents import Document
from ..jsonl import read_jsonl, write_jsonl
from ..lines import OnError
from .format import Format
from .peek import Peek
from .report import Report

__all__ = ["CANONICAL"]


def _detect(peek: Peek) -> bool:
    record = peek.record
    own = isinstance(record.get("text"), str) and isinstance(record.get("id"), str)
    return (
        own
        and not peek.is_array
        and ("spans" in record or "events" in record or record.keys() <= {"id", "text", "meta"})
    )


def _read(path: Path, report: Report, on_error: OnError | None = None) -> Iterator[Document]:
    return read_jsonl(path, on_error=on_error)


def _write(path: Path, documents: Iterable[Document], report: Report) -> None:
    def counted() -> Iterator[Document]:
        for document in documents:
            report.documents += 1
            report.kept.update(span.label for span in document.spans)
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
