"""spaCy's binary training data, ``.spacy``: entities with their labels, event types as categories.

Tokens are those of spaCy's English tokenizer, cut where a span begins or ends inside one, so that the text
and all borders stay as they are. Id, event types and meta are kept in the user data of a doc.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..documents import Document, Span
from ..errors import DataError
from ..jsonl import parse_json, to_json
from ..lines import OnError, open_source, raise_error, source_name
from ..output import open_binary_output
from ..quotes import one_line
from .exact_tokens import cut_tokens
from .fields import build_document, default_id, extra_fields
from .format import Format
from .libraries import load_library
from .peek import Peek
from .report import Report
from .spans import join_label, split_label, without_scores
from .surrogates import without_surrogates

__all__ = ["DOCBIN"]

_TITLE = "spaCy's binary format"
_KEY = "conflictner"
_LARGEST = 4 << 30  # bytes, unpacked
_STEP = 1 << 20
_CATEGORY = 0.5  # a category with this score or more is an event type


def _detect(peek: Peek) -> bool:
    return peek.ending == ".spacy" and peek.head[:1] == b"\x78"  # zlib


def _read(path: Path, report: Report, on_error: OnError | None = None) -> Iterator[Document]:
    name = source_name(path)
    with open_source(path) as file:
        packed = file.read()
    for number, doc in enumerate(_docs(packed, name), start=1):
        try:
            document = _document(doc, default_id(path, number), report)
        except (DataError, ValueError, KeyError) as problem:  # spaCy's own for names that it does not know
            error = problem if isinstance(problem, DataError) else DataError(one_line(problem))
            (on_error or raise_error)(DataError(error.reason, name, number))
            continue
        yield document


def _docs(packed: bytes, name: str) -> Iterator[Any]:
    """Yield the docs of a file, with nothing but tokens, entities, categories and user data."""
    tokens, attributes = load_library("spacy.tokens", _TITLE), load_library("spacy.attrs", _TITLE).IDS
    vocabulary = load_library("spacy.vocab", _TITLE).Vocab()
    _check_size(packed, name)
    try:
        docs = tokens.DocBin().from_bytes(packed)
        wanted = [attributes[attribute] for attribute in ("ORTH", "SPACY", "ENT_IOB", "ENT_TYPE")]
        columns = [place for place, attribute in enumerate(docs.attrs) if attribute in wanted]
        docs.attrs = [docs.attrs[place] for place in columns]
        docs.tokens = [rows[:, columns] for rows in docs.tokens]
        yield from docs.get_docs(vocabulary)
    except Exception as error:  # spaCy, srsly and numpy raise all kinds
        raise DataError(
            f"is none of spaCy's binary files, or it is damaged ({one_line(error)})", name
        ) from error


def _check_size(packed: bytes, name: str) -> None:
    """Make sure that a file unpacks, and into what memory can hold."""
    unpacker = zlib.decompressobj()
    size, rest = 0, packed
    try:
        while rest and not unpacker.eof:
            size += len(unpacker.decompress(rest, _STEP))
            rest = unpacker.unconsumed_tail
            if size > _LARGEST:
                raise DataError(f"unpacks into more than {_LARGEST >> 30} GiB", name)
    except zlib.error as error:
        raise DataError(
            f"is none of spaCy's binary files, or it is damaged ({one_line(error)})", name
        ) from error
    if not unpacker.eof:
        raise DataError("is truncated; copy it again", name)


def _damaged(error: Exception, name: str) -> DataError:
    return DataError(f"is none of spaCy's binary files, or it is damaged ({one_line(error)})", name)


def _document(doc: Any, name: str, report: Report) -> Document:
    """Return a doc as a document."""
    spans = [Span(ent.start_char, ent.end_char, *split_label(ent.label_)) for ent in doc.ents]
    grouped = sum(len(group) for group in doc.spans.values())
    if grouped:
        report.dropped["in a span group, which is no entity"] += grouped
    kept = doc.user_data.get(_KEY)
    if isinstance(kept, str):
        record = parse_json(kept)
        return build_document(record if isinstance(record, dict) else {}, (), name, doc.text, spans, report)
    if doc.user_data:
        report.left_out["user data of docs, of other programs"] += 1
    events = [category for category, score in doc.cats.items() if category and score >= _CATEGORY]
    return build_document({"events": events}, (), name, doc.text, spans, report)


def _write(path: Path, documents: Iterable[Document], report: Report) -> None:
    spacy = load_library("spacy", _TITLE)
    tokens = load_library("spacy.tokens", _TITLE)
    tokenizer = spacy.blank("en").tokenizer
    docs = tokens.DocBin(attrs=["ENT_IOB", "ENT_TYPE"], store_user_data=True)
    for document in documents:
        held = without_scores(without_surrogates(document, report), report)
        report.keep(held)
        docs.add(_doc(held, tokenizer, tokens, report))
    with open_binary_output(path) as file:
        file.write(docs.to_bytes())


def _doc(document: Document, tokenizer: Any, tokens: Any, report: Report) -> Any:
    """Return a document as a doc."""
    text = document.text
    offsets = [(token.idx, token.idx + len(token)) for token in tokenizer(text)]
    pieces = list(cut_tokens(document, offsets))
    starts = [*(start for start, _ in pieces[1:]), len(text)]
    doc = tokens.Doc(
        tokenizer.vocab,
        words=[text[start:end] for start, end in pieces],
        spaces=[end < following for (_, end), following in zip(pieces, starts, strict=bool(pieces))],
        user_data={_KEY: to_json(extra_fields(document))},
    )
    first = {start: number for number, (start, _) in enumerate(pieces)}
    last = {end: number for number, (_, end) in enumerate(pieces, start=1)}
    doc.set_ents(
        [
            tokens.Span(doc, first[span.start], last[span.end], label=join_label(span, report))
            for span in document.spans
        ]
    )
    doc.cats = dict.fromkeys(document.events, 1.0)
    return doc


DOCBIN = Format(
    name="spacy",
    title="spaCy DocBin",
    detect=_detect,
    read=_read,
    write=_write,
    endings=(".spacy",),
    holds="all but scores and lone surrogates",
)
