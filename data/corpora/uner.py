"""Universal NER, English Web Treebank: web text with persons, organisations and places."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..documents import Document
from ..errors import DataError
from ..lines import OnError, raise_error
from ..quotes import printable, quote
from ..sources import public_set
from .borders import mark_mentions
from .columns import column_sentences, columns_original, foreign_tag
from .counts import ImportCounts
from .draft import PASSAGE_SENTENCES, Draft
from .opening import read_lines
from .originals import Original

__all__ = ["read_uner", "uner_originals"]

_SET = "uner"
_SLIPS = {"B-O": "B-OTH", "I-O": "I-OTH"}  # tags of some rows, for others


def uner_originals(path: str | Path, on_error: OnError = raise_error) -> Iterator[Original]:
    """Read a file of the set, number, token and IOB2 tag a line, the sentence's text in a comment, as it is.

    Args:
        path: ``train.iob2``, ``dev.iob2`` or ``test.iob2``, compressed or not.
        on_error: Takes the errors of the sentences that are left out.

    Raises:
        DataError: when the file cannot be read or is another one.
    """
    name = printable(str(path))
    kinds = public_set(_SET).labels
    sentences = column_sentences(read_lines(path), name, [3, 5], on_error, comments=True)
    for number, (line, rows) in enumerate(sentences):
        comments = dict(_comment(row[0]) for row in rows if len(row) == 1)
        words = [row for row in rows if len(row) > 1]
        tokens, tags = [row[1] for row in words], [_SLIPS.get(row[2], row[2]) for row in words]
        foreign = foreign_tag(tags, "BI", kinds)
        if foreign is not None:
            on_error(DataError(f"{quote(foreign)} in this sentence is no tag of this set", name, line))
        elif tokens:
            yield columns_original(
                comments.get("sent_id", str(number)), [(tokens, tags)], comments.get("text")
            )


def read_uner(
    path: str | Path, *, sentences: int = PASSAGE_SENTENCES, counts: ImportCounts | None = None
) -> Iterator[Document]:
    """Read a file of the set with the labels of the guidelines.

    Annotated: LOCATION, where nothing is open. Spans have no attribute. Each sentence is a document.

    Args:
        path: As for :func:`uner_originals`.
        sentences: Without effect: a document is one sentence.
        counts: Grows while documents are read.

    Raises:
        DataError: when the file cannot be read or is another one.
    """
    counts = ImportCounts() if counts is None else counts
    for original in uner_originals(path):
        draft = Draft.of(_SET, original, counts)
        mark_mentions(draft, original)
        yield from draft.passages(1)


def _comment(line: str) -> tuple[str, str]:
    """Return what a comment tells, and of what: ``# text = It rained.``."""
    name, _, value = line.removeprefix("#").partition(" = ")
    return name.strip(), value
