"""Datasets of Hugging Face with ``tokens`` and ``ner_tags``: saved folders, folders of Parquet, JSON Lines.

Tags are IOB2, in folders as numbers whose names the dataset's features tell, in JSON Lines as strings. The
columns ``id``, ``text``, ``events`` and ``meta`` (JSON text, for the objects of a column must have equal
fields) are ours and optional; other columns are kept in the documents' meta.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..documents import Document, Span
from ..errors import DataError
from ..jsonl import to_json
from ..quotes import quote
from ..words import word_offsets, word_range
from .fields import build_document
from .report import Report
from .spans import join_label, snap_to_words, split_label, without_scores
from .tags import iob2_tags, tagged_ranges
from .token_text import require_tokens, text_of_tokens

__all__ = ["COLUMNS", "document_of_row", "row_of_document", "tag_column"]

#: Columns that are taken for the tags, the first first.
COLUMNS = ("ner_tags", "tags", "labels")


def tag_column(names: Any) -> str | None:
    """Return which of some columns holds the tags, ``None`` when none does."""
    return next((name for name in COLUMNS if name in names), None)


def document_of_row(
    row: Mapping[str, Any], names: Sequence[str] | None, default_id: str, report: Report
) -> Document:
    """Return a row as a document.

    Args:
        row: The row.
        names: The names of tags that are numbers, if they are known.
        default_id: The id of a document without.
        report: Where what happens is counted.

    Raises:
        DataError: when the row is not as it should be.
    """
    tokens = require_tokens(row, "tokens")
    column = tag_column(row)
    values = None if column is None else row[column]
    if not isinstance(values, list):
        raise DataError(f"a row must have a list 'ner_tags', got {quote(values)}")
    if len(values) != len(tokens):
        raise DataError(f"{len(tokens)} tokens have {len(values)} tags; there must be a tag for each")
    text, offsets = text_of_tokens(tokens, row.get("text"), report)
    ranges = tagged_ranges([_tag(value, names) for value in values])
    spans = [
        Span(offsets[first][0], offsets[last - 1][1], *split_label(name)) for first, last, name in ranges
    ]
    used = {"tokens", column, "text"}
    return build_document(row, {name for name in used if name}, default_id, text, spans, report)


def row_of_document(document: Document, report: Report) -> dict[str, Any]:
    """Return a document as a row, with tags as strings, and count it."""
    document = without_scores(snap_to_words(document, report), report)
    report.keep(document)
    words = word_offsets(document.text)
    ranges = [(*word_range(words, span.start, span.end), join_label(span, report)) for span in document.spans]
    return {
        "id": document.id,
        "text": document.text,
        "tokens": [document.text[start:end] for start, end in words],
        "ner_tags": iob2_tags(len(words), ranges),
        "events": list(document.events),
        "meta": to_json(dict(document.meta)),
    }


def _tag(value: Any, names: Sequence[str] | None) -> str:
    """Return a tag, which may be a number."""
    if isinstance(value, str):
        return value
    if not isinstance(value, int) or isinstance(value, bool):
        raise DataError(f"a tag must be a string or a number, got {quote(value)}")
    if names is None:
        raise DataError(
            f"the tag {quote(value)} is a number, and nothing says what it means; put the dataset's "
            "dataset_info.json beside the file, or write the tags as strings"
        )
    if not 0 <= value < len(names):
        raise DataError(f"the tag {quote(value)} has no name; there are {len(names)}")
    name: Any = names[value]
    if not isinstance(name, str):  # of a damaged file
        raise DataError(f"the tag {quote(value)} must have a string as its name, got {quote(name)}")
    return name
