"""Universal NER, English Web Treebank: web text with persons, organisations and places."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..documents import Document
from ..errors import DataError
from ..quotes import printable, quote
from .borders import mark_name
from .columns import column_sentences, draft_rows
from .counts import ImportCounts
from .draft import PASSAGE_SENTENCES
from .opening import read_lines

__all__ = ["read_uner"]

_KINDS = {"PER": "person", "ORG": "organisation", "LOC": "place"}
_OTHERS = ("O", "OTH")  # nationalities, products, events; a slip of some rows for the latter


def read_uner(
    path: str | Path, *, sentences: int = PASSAGE_SENTENCES, counts: ImportCounts | None = None
) -> Iterator[Document]:
    """Read a file of the set: number, token and IOB2 tag a line, the sentence's text in a comment.

    PER is ACTOR without title, ORG is ACTOR unless people follow, LOC is LOCATION or ACTOR where a state acts
    and open where that is not clear; OTH is not kept.

    Annotated: LOCATION, where nothing is open. Spans have no attribute. Each sentence is a document.

    Args:
        path: ``train.iob2.xz``, ``dev.iob2.xz`` or ``test.iob2.xz``, or the same unpacked.
        sentences: Without effect: a document is one sentence.
        counts: Grows while documents are read.

    Raises:
        DataError: when the file cannot be read or is another one.
    """
    counts = ImportCounts() if counts is None else counts
    name = printable(str(path))
    for number, rows in enumerate(column_sentences(read_lines(path), name, [3, 5], comments=True)):
        comments = dict(row[0].removeprefix("# ").split(" = ", 1) for row in rows if _is_comment(row))
        words = [row for row in rows if len(row) > 1]
        tokens, tags = [row[1] for row in words], [row[2] for row in words]
        for tag in tags:
            if tag != "O" and tag[2:] not in (*_KINDS, *_OTHERS):
                raise DataError(f"{quote(tag)} in sentence {number + 1} is no tag of this set", name)
        if not tokens:
            continue
        document = comments.get("sent_id", str(number))
        draft, marked = draft_rows(
            "uner", document, [(tokens, tags)], counts, ("LOCATION",), comments.get("text")
        )
        for first, last, kind in marked:
            if kind in _KINDS:
                mark_name(draft, first, last, _KINDS[kind])
            else:
                draft.drop(first, last, "the type OTH, which is none of ours")
        yield from draft.passages(1)


def _is_comment(row: list[str]) -> bool:
    return len(row) == 1 and " = " in row[0]
