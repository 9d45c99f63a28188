"""GLiNER's training data: a JSON array of ``{"tokenized_text": [...], "ner": [[first, last, name], ...]}``.

``first`` and ``last`` are numbers of tokens, both inclusive. GLiNER reads no other fields but ``ner_labels``,
``ner_negatives`` and a few more; we keep text, id, event types, meta and scores in fields of our own, so that
all comes back as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..documents import Document, Span
from ..errors import DataError
from ..lines import OnError
from ..quotes import quote
from ..words import word_offsets, word_range
from .fields import build_document, default_id, extra_fields, require_list
from .format import Format
from .peek import Peek
from .records import read_objects, write_array
from .report import Report
from .spans import join_label, read_score, snap_to_words, split_label
from .token_text import require_tokens, text_of_tokens

__all__ = ["GLINER"]

_USED = frozenset({"tokenized_text", "ner", "text", "scores"})


def _detect(peek: Peek) -> bool:
    return isinstance(peek.record.get("tokenized_text"), list)


def _read(path: Path, report: Report, on_error: OnError | None = None) -> Iterator[Document]:
    def build(record: Mapping[str, Any], number: int) -> Document:
        tokens = require_tokens(record, "tokenized_text")
        text, offsets = text_of_tokens(tokens, record.get("text"), report)
        entities = require_list(record, "ner")
        scores = _scores(record.get("scores"), len(entities))
        spans = [_span(item, offsets, score) for item, score in zip(entities, scores, strict=True)]
        return build_document(record, _USED, default_id(path, number), text, spans, report)

    return read_objects(path, build, on_error)


def _scores(value: Any, count: int) -> list[float | None]:
    """Return the scores of the entities, where there are any."""
    if not isinstance(value, list) or len(value) != count:
        return [None] * count
    return [read_score(score) for score in value]


def _span(item: Any, offsets: list[tuple[int, int]], score: float | None) -> Span:
    if not isinstance(item, list) or len(item) != 3:
        raise DataError(f"an entity must be a list [first, last, name], got {quote(item)}")
    first, last, name = item
    for number in (first, last):
        if not isinstance(number, int) or isinstance(number, bool):
            raise DataError(f"an entity's tokens must be whole numbers, got {quote(item)}")
    if not 0 <= first <= last < len(offsets):
        raise DataError(
            f"the entity {quote(item)} lies outside the {len(offsets)} tokens, which are numbered from 0; "
            "both numbers are inclusive"
        )
    return Span(offsets[first][0], offsets[last][1], *split_label(name), score)


def _write(path: Path, documents: Iterable[Document], report: Report) -> None:
    write_array(path, (_object(snap_to_words(document, report), report) for document in documents))


def _object(document: Document, report: Report) -> dict[str, Any]:
    """Return a document's object."""
    report.keep(document)
    words = word_offsets(document.text)
    entities: list[list[int | str]] = []
    for span in document.spans:
        first, last = word_range(words, span.start, span.end)
        entities.append([first, last - 1, join_label(span, report)])
    tokens = [document.text[start:end] for start, end in words]
    extra = extra_fields(document)
    if any(span.score is not None for span in document.spans):
        extra["scores"] = [span.score for span in document.spans]
    return {"tokenized_text": tokens, "ner": entities, "text": document.text, **extra}


GLINER = Format(
    name="gliner",
    title="GLiNER training data, JSON",
    detect=_detect,
    read=_read,
    write=_write,
    holds="everything, with spans on the borders of words",
)
