"""Validation of a whole file: every line that cannot be read, and what is readable but suspicious."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .documents import Document, LabelTable, Span
from .errors import DataError
from .files import enumerate_documents
from .lines import OnError, source_name
from .quotes import printable, quote
from .words import word_offsets, word_range

__all__ = ["Validation", "validate"]

#: Fields in which other tools keep their spans, and which are but meta to us.
_SPANS_OF_OTHERS = ("label", "labels", "entities", "annotations", "ner", "ner_tags")


@dataclass(frozen=True, slots=True)
class Validation:
    """What was counted in a file.

    Attributes:
        documents: Documents that could be read.
        spans: Their spans.
        errors: Lines that could not be read; also 1 for a file that holds nothing.
        warnings: Suspicious things in what could be read.
    """

    documents: int
    spans: int
    errors: int
    warnings: int


def validate(
    path: str | Path,
    labels: LabelTable | None,
    events: Sequence[str] | None,
    on_error: OnError,
    on_warning: OnError,
) -> Validation:
    """Read a file to its end and report what is wrong with it, in the file's order.

    Warnings are: an id or a text that stood in the file already, a text without words, a text without spans
    but with a list in which another tool may keep them, a span that starts or ends inside a word, a span
    without attribute where its label has attributes. For each document two numbers are kept in memory.

    Args:
        path: A JSON Lines or CoNLL file.
        labels: The labels and attributes that may occur; ``None`` accepts any.
        events: The event types that may occur; ``None`` accepts any.
        on_error: Called with the error of each bad line.
        on_warning: Called with each warning, which has file, line and reason as an error has.

    Raises:
        DataError: when the file cannot be opened or is of no known form.
    """
    name = source_name(path)
    documents = spans = errors = warnings = 0

    def count_error(error: DataError) -> None:
        nonlocal errors
        errors += 1
        on_error(error)

    seen = _Seen()
    for line, document in enumerate_documents(path, labels, events, count_error):
        documents += 1
        spans += len(document.spans)
        for warning in (*seen.warnings(document, line), *_warnings(document, labels)):
            warnings += 1
            on_warning(DataError(warning, name, line))
    if not documents and not errors:
        count_error(DataError("holds no documents", name))
    return Validation(documents, spans, errors, warnings)


@dataclass(slots=True)
class _Seen:
    """Hashes of ids and texts, each with the line it first stood in."""

    ids: dict[int, int] = field(default_factory=dict)
    texts: dict[int, int] = field(default_factory=dict)

    def warnings(self, document: Document, line: int) -> Iterator[str]:
        """Remember a document and say what of it was there before."""
        first = self.ids.setdefault(hash(document.id), line)
        if first != line:
            yield f"the id {quote(document.id)} stands in line {first} already"
        if document.text:
            first = self.texts.setdefault(hash(document.text), line)
            if first != line:
                yield f"the text {quote(document.text)} stands in line {first} already"


def _warnings(document: Document, labels: LabelTable | None) -> Iterator[str]:
    """Say what is suspicious in one document."""
    words = word_offsets(document.text)
    if not words:
        yield "the text has no words"
    for name in _SPANS_OF_OTHERS:
        if not document.spans and isinstance(document.meta.get(name), list) and document.meta[name]:
            yield f"there are no spans, but a list {name!r}; conflictner convert reads other tools' files"
    for span in document.spans:
        first, last = word_range(words, span.start, span.end)
        for edge, place, (start, end) in (
            ("starts", span.start, words[first]),
            ("ends", span.end, words[last - 1]),
        ):
            if start < place < end:
                yield f"{_shown(document, span)} {edge} inside the word {quote(document.text[start:end])}"
        values = labels.get(span.label) if labels is not None else None
        if values and span.attribute is None and "annotated" not in document.meta:
            yield f"{_shown(document, span)} has no attribute; {span.label} has {', '.join(values)}"


def _shown(document: Document, span: Span) -> str:
    """Return a span as warnings show it."""
    surface = quote(document.text[span.start : span.end])
    return f"the span {span.start}:{span.end} {surface} ({printable(span.label)})"
