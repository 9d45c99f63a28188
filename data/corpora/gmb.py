"""The Groningen Meaning Bank: sentences of Voice of America news, with silver names."""

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

__all__ = ["gmb_originals", "read_gmb"]

_SET = "gmb"


def gmb_originals(path: str | Path, on_error: OnError = raise_error) -> Iterator[Original]:
    """Read the set's CoNLL file, a token, a tab and its tag a line, as it is.

    Each sentence is a document of its own, for the file does not tell which belong together.

    Args:
        path: ``gmb-voa.conll``, compressed or not.
        on_error: Takes the errors of the sentences that are left out.

    Raises:
        DataError: when the file cannot be read or is another one.
    """
    name = printable(str(path))
    kinds = public_set(_SET).labels
    for number, (line, rows) in enumerate(column_sentences(read_lines(path), name, [2], on_error)):
        tokens, tags = [row[0] for row in rows], [row[1] for row in rows]
        foreign = foreign_tag(tags, "BI", kinds)
        if foreign is not None:
            on_error(DataError(f"{quote(foreign)} in this sentence is no tag of this set", name, line))
            continue
        yield columns_original(str(number), [(tokens, tags)])


def read_gmb(
    path: str | Path, *, sentences: int = PASSAGE_SENTENCES, counts: ImportCounts | None = None
) -> Iterator[Document]:
    """Read the set with the labels of the guidelines.

    Annotated: LOCATION, where nothing is open. ACTOR is not, for unnamed actors are not marked; WEAPON and
    CASUALTY are not marked at all. Spans have no attribute.

    Args:
        path: As for :func:`gmb_originals`.
        sentences: Without effect: a document is one sentence.
        counts: Grows while documents are read.

    Raises:
        DataError: when the file cannot be read or is another one.
    """
    counts = ImportCounts() if counts is None else counts
    for original in gmb_originals(path):
        draft = Draft.of(_SET, original, counts)
        mark_mentions(draft, original)
        yield from draft.passages(1)
