"""CoNLL column files with IOB2 tags: a token on each line, its tag last, blank lines between sentences.

Columns, 2 to 4 and as many on all lines of a file, are separated by a tab or by spaces. A tag may carry the
attribute of its span (``B-ACTOR:agent``). Each sentence is one document; its text is its tokens joined by
single spaces, for column files do not keep the white space of the text. Lines ``# id = ...`` and ``# events =
...`` before the first token, which the writer puts there, carry the document's id and event types; other
comments and ``-DOCSTART-`` lines are skipped. Where all is to come back as it was, the writer adds
``# exact_text =``, a JSON string, and ``# meta =``, a JSON object.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from .documents import Document, LabelTable, Span
from .errors import DataError
from .jsonl import to_json
from .lines import OnError, Source, numbered_lines, open_source, raise_error, source_name
from .output import open_output
from .quotes import quote
from .sentences import TAG, Sentence, is_comment, split_columns, writable
from .words import word_offsets, word_range

__all__ = ["DOCUMENT_START", "conll_lines", "enumerate_conll", "read_conll", "write_conll"]

#: First column of the lines that begin a new article in some files.
DOCUMENT_START = "-DOCSTART-"


def read_conll(
    source: Source,
    labels: LabelTable | None = None,
    on_error: OnError | None = None,
    *,
    events: Sequence[str] | None = None,
    name: str | None = None,
    bioes: bool = False,
    iob1: bool = False,
) -> Iterator[Document]:
    """Read the sentences of a column file as documents, one at a time.

    A document without an id of its own is called after the file and its number in it, ``train-1``.

    Args:
        source: A path, or a binary file such as ``sys.stdin.buffer``.
        labels: The labels and attributes that may occur; ``None`` accepts any.
        on_error: Called with the error of each bad line, whose sentence is then skipped; ``None`` raises the
            error.
        events: The event types that may occur; ``None`` accepts any.
        name: What messages call the source, instead of its own name.
        bioes: Whether tags are in BIOES (``B- I- E-``, or ``S-``) or BILOU instead of IOB2.
        iob1: Whether tags are in IOB1 instead of IOB2.

    Yields:
        The documents in the file's order.

    Raises:
        DataError: with file, line and reason; also when the file cannot be opened, whatever ``on_error`` is.
    """
    found = enumerate_conll(source, labels, on_error, events=events, name=name, bioes=bioes, iob1=iob1)
    for _, document in found:
        yield document


def enumerate_conll(
    source: Source,
    labels: LabelTable | None = None,
    on_error: OnError | None = None,
    *,
    events: Sequence[str] | None = None,
    name: str | None = None,
    bioes: bool = False,
    iob1: bool = False,
) -> Iterator[tuple[int, Document]]:
    """Read documents as :func:`read_conll` does, each with the number of its first line, from 1."""
    name = name or source_name(source)
    stem = Path(name.strip("<>")).stem
    with open_source(source) as file:
        new_sentence = partial(Sentence, bioes=bioes, iob1=iob1)
        sentences = _sentences(file, name, labels, events, on_error or raise_error, new_sentence)
        for count, sentence in enumerate(sentences, start=1):
            document = sentence.document(f"{stem}-{count}")
            if document is not None:
                yield sentence.line, document


def write_conll(path: str | Path, documents: Iterable[Document]) -> int:
    """Write documents to a column file, which appears only when all of them are written.

    Args:
        path: The file; one of that name is replaced.
        documents: Any number of documents; one at a time is held.

    Returns:
        How many were written.

    Raises:
        DataError: when the file cannot be written, or a document cannot (see :func:`conll_lines`).
    """
    count = 0
    with open_output(path) as file:
        for document in documents:
            file.writelines(line + "\n" for line in conll_lines(document))
            count += 1
    return count


def conll_lines(document: Document, *, exact: bool = False, bioes: bool = False) -> Iterator[str]:
    """Yield the lines of a document, without line breaks.

    First the id, the event types if any, then ``TOKEN<TAB>TAG`` for each word, and an empty line.

    Control characters and lone surrogates, which no column file carries, are written as U+FFFD, one for one.
    White space, scores and ``meta`` are not kept.

    Args:
        document: The document.
        exact: Whether to keep white space, such characters and ``meta``, if any, in comments.
        bioes: Whether to write tags in BIOES instead of IOB2.

    Raises:
        DataError: when a span starts or ends inside a word, or a label or attribute cannot stand in a tag.
    """
    words = word_offsets(document.text)
    tags = _tags(document, words)
    tokens = [writable(document.text[start:end]) for start, end in words]
    yield f"# id = {_comment(document.id)}"
    if exact and document.text != " ".join(tokens):
        yield f"# exact_text = {to_json(document.text)}"
    if document.events:
        yield f"# events = {json.dumps(document.events)}"
    if exact and document.meta:
        yield f"# meta = {to_json(dict(document.meta))}"
    for token, tag in zip(tokens, _to_bioes(tags) if bioes else tags, strict=True):
        yield f"{token}\t{tag}"
    yield ""


def _sentences(
    file: BinaryIO,
    name: str,
    labels: LabelTable | None,
    events: Sequence[str] | None,
    on_error: OnError,
    new_sentence: Callable[[], Sentence],
) -> Iterator[Sentence]:
    """Gather the lines between borders; sentences with a bad line are yielded as such, empty ones are not."""
    expected: int | None = None
    sentence = new_sentence()
    for number, line in numbered_lines(file, name, on_error):
        if line is None:
            sentence.spoil()
            continue
        line = line.rstrip(" \t")
        columns = split_columns(line)
        if not line or columns[0] == DOCUMENT_START:
            if not sentence.is_empty:
                yield _closed(sentence, name, on_error)
            sentence = new_sentence()
            continue
        try:
            if is_comment(line, columns, expected, bioes=sentence.bioes):
                sentence.add_comment(line, number, events)
            else:
                sentence.add_row(columns, expected, number, labels)
                expected = len(columns)
        except DataError as error:
            sentence.spoil()
            on_error(DataError(error.reason, name, number))
    if not sentence.is_empty:
        yield _closed(sentence, name, on_error)


def _closed(sentence: Sentence, name: str, on_error: OnError) -> Sentence:
    """Return a sentence that is read to its end, and report what is wrong with it as a whole."""
    try:
        sentence.close()
    except DataError as error:
        sentence.spoil()
        on_error(DataError(error.reason, name, sentence.line))
    return sentence


def _tags(document: Document, words: Sequence[tuple[int, int]]) -> list[str]:
    """Give each word its tag."""
    tags = ["O"] * len(words)
    for span in document.spans:
        first, last = word_range(words, span.start, span.end)
        if first == last or (words[first][0], words[last - 1][1]) != (span.start, span.end):
            raise _unwritable(document, span, "starts or ends inside a word")
        suffix = span.label if span.attribute is None else f"{span.label}:{span.attribute}"
        if ":" in span.label or not suffix.isprintable() or TAG.fullmatch(f"B-{suffix}") is None:
            raise _unwritable(
                document, span, f"has a label or attribute that no tag can hold ({quote(suffix)})"
            )
        tags[first:last] = [f"B-{suffix}"] + [f"I-{suffix}"] * (last - first - 1)
    return tags


def _to_bioes(tags: Sequence[str]) -> Iterator[str]:
    """Yield IOB2 tags in BIOES."""
    for tag, following in pairwise([*tags, "O"]):
        ends = tag != "O" and following[0] != "I"
        yield f"{'S' if tag[0] == 'B' else 'E'}{tag[1:]}" if ends else tag


def _unwritable(document: Document, span: Span, what: str) -> DataError:
    """Return the error of a span that no column file can hold."""
    surface = quote(document.text[span.start : span.end])
    return DataError(
        f"document {quote(document.id)} cannot be written as columns, for its span {span.start}:{span.end} "
        f"{surface} {what}; write JSONL"
    )


def _comment(text: str) -> str:
    """Return an id as its comment holds it: as it is when that reads back the same, else as a JSON string."""
    is_plain = text != "" and text.isprintable() and text == text.strip() and text[0] not in '"['
    return text if is_plain else json.dumps(text)
