"""Hugging Face datasets as JSON Lines of ``tokens`` and ``ner_tags``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..documents import Document
from ..lines import OnError
from .fields import default_id
from .format import Format
from .hub_rows import COLUMNS, document_of_row, row_of_document, tag_column
from .peek import Peek
from .records import read_objects, write_lines
from .report import Report

__all__ = ["HUB_LINES"]

#: Files that a dataset's features are kept in.
_FEATURES = ("dataset_info.json", "dataset_infos.json")


def _detect(peek: Peek) -> bool:
    tokens, column = peek.record.get("tokens"), tag_column(peek.record)
    is_row = isinstance(tokens, list) and column is not None and isinstance(peek.record[column], list)
    return is_row and all(isinstance(token, str) for token in tokens or [])


def _read(path: Path, report: Report, on_error: OnError | None = None) -> Iterator[Document]:
    names = _tag_names(path.parent)

    def build(row: Mapping[str, Any], number: int) -> Document:
        return document_of_row(row, names, default_id(path, number), report)

    return read_objects(path, build, on_error)


def _tag_names(folder: Path) -> Sequence[str] | None:
    """Return the names of the tags, by the features of the dataset in a folder, if they are there."""
    for name in _FEATURES:
        try:
            info = json.loads((folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            continue
        found = _names(info, 0)
        if found is not None:
            return found
    return None


def _names(value: Any, depth: int) -> Sequence[str] | None:
    """Return the names of the first class label of the tags anywhere in a dataset's features."""
    if not isinstance(value, dict) or depth > 8:
        return None
    names = value.get("names")
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return names
    children = [value[column] for column in COLUMNS if column in value] or list(value.values())
    return next((found for child in children if (found := _names(child, depth + 1)) is not None), None)


def _write(path: Path, documents: Iterable[Document], report: Report) -> None:
    write_lines(path, (row_of_document(document, report) for document in documents))


HUB_LINES = Format(
    name="hf-jsonl",
    title="Hugging Face tokens and ner_tags, JSON Lines",
    detect=_detect,
    read=_read,
    write=_write,
    holds="all but scores, with spans on the borders of words",
)
