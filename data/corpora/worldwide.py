"""Worldwide English newswire: articles from all over the world, with names of nine types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ..documents import Document
from ..errors import DataError
from ..quotes import printable, quote
from .borders import mark_name
from .columns import column_sentences, draft_rows
from .counts import ImportCounts
from .draft import PASSAGE_SENTENCES
from .opening import archive_members

__all__ = ["read_worldwide"]

_TAG = re.compile(r"O|[BIES]-(Date|Facility|Location|Misc|Money|NORP|Organization|Person|Product)")
_KINDS = {"Person": "person", "Organization": "organisation", "Location": "place", "Facility": "place"}


def read_worldwide(
    path: str | Path, *, sentences: int = PASSAGE_SENTENCES, counts: ImportCounts | None = None
) -> Iterator[Document]:
    """Read the set's archive: a file an article, a token and its tags a line (the first is the outermost).

    | set | ours |
    |---|---|
    | Person | ACTOR, without title |
    | Organization | ACTOR, unless people follow ("Taliban fighters") |
    | Location, Facility | LOCATION with its direction and kind, or ACTOR where a state acts; open \
where that is not clear |
    | NORP, Product, Misc, Date, Money | not kept |

    Annotated: LOCATION, where nothing is open. Spans have no attribute.

    Args:
        path: ``processed_annotated.tar.xz``, or the same unpacked.
        sentences: Most sentences in a passage; 0 leaves articles whole.
        counts: Grows while documents are read.

    Raises:
        DataError: when the archive cannot be read or is another one.
    """
    counts = ImportCounts() if counts is None else counts
    name = printable(str(path))
    is_empty = True
    for member, text in archive_members(path):
        if not member.endswith(".tsv"):
            continue
        is_empty = False
        article = []
        lines = enumerate(text.split("\n"), start=1)
        for rows in column_sentences(lines, f"{name}/{printable(member)}", [2, 3, 4]):
            tokens, tags = [row[0] for row in rows], [row[1] for row in rows]
            for tag in tags:
                if not _TAG.fullmatch(tag):
                    raise DataError(f"{quote(tag)} in {quote(member)} is no tag of this set", name)
            if len(tokens) > 1 or "://" not in tokens[0]:  # the first line is the article's address
                article.append((tokens, tags))
        document = PurePosixPath(member).name.removesuffix(".tsv").removesuffix(".txt")
        draft, marked = draft_rows("worldwide", document, article, counts, ("LOCATION",), hyphens_apart=True)
        for first, last, kind in marked:
            if kind in _KINDS:
                mark_name(draft, first, last, _KINDS[kind])
            else:
                draft.drop(first, last, f"the type {kind}, which is none of ours")
        yield from draft.passages(sentences)
    if is_empty:
        raise DataError("holds no .tsv file; give processed_annotated.tar.xz of this set", name)
