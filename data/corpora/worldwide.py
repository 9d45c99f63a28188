"""Worldwide English newswire: articles from all over the world, with names of nine types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from ..documents import Document
from ..errors import DataError
from ..lines import OnError, raise_error
from ..quotes import printable, quote
from ..sources import public_set
from .borders import mark_mentions
from .columns import column_sentences, columns_original, foreign_tag
from .counts import ImportCounts
from .draft import PASSAGE_SENTENCES, Draft
from .opening import archive_texts
from .originals import Original

__all__ = ["read_worldwide", "worldwide_originals"]

_SET = "worldwide"


def worldwide_originals(path: str | Path, on_error: OnError = raise_error) -> Iterator[Original]:
    """Read the set, a file an article, a token and its tags a line (the first is the outermost), as it is.

    Args:
        path: The archive or folder ``processed_annotated``.
        on_error: Takes the errors of the sentences that are left out.

    Raises:
        DataError: when the archive cannot be read or is another one.
    """
    kinds = public_set(_SET).labels
    is_empty = True
    for member, text in archive_texts(path, "*.tsv"):
        is_empty = False
        name = f"{printable(str(path))}/{printable(member)}"
        article = []
        absent: Counter[str] = Counter()
        lines = enumerate(text.split("\n"), start=1)
        for line, rows in column_sentences(lines, name, [2, 3, 4], on_error):
            tokens, tags = [row[0] for row in rows], [row[1].rstrip("\r") for row in rows]
            foreign = foreign_tag(tags, "BIES", kinds)
            if foreign is not None:
                on_error(DataError(f"{quote(foreign)} in this sentence is no tag of this set", name, line))
            elif len(tokens) > 1 or "://" not in tokens[0]:  # the first line is the article's address
                article.append((tokens, tags))
                inner = (tag for row in rows for tag in row[2:])
                absent["nested in another name"] += sum(tag.startswith(("B-", "S-")) for tag in inner)
        document = PurePosixPath(member).name.removesuffix(".tsv").removesuffix(".txt")
        yield replace(columns_original(document, article, hyphens_apart=True), absent=+absent)
    if is_empty:
        raise DataError("holds no .tsv file; give processed_annotated of this set", printable(str(path)))


def read_worldwide(
    path: str | Path, *, sentences: int = PASSAGE_SENTENCES, counts: ImportCounts | None = None
) -> Iterator[Document]:
    """Read the set with the labels of the guidelines.

    Annotated: LOCATION, where nothing is open. Spans have no attribute.

    Args:
        path: As for :func:`worldwide_originals`.
        sentences: Most sentences in a passage; 0 leaves articles whole.
        counts: Grows while documents are read.

    Raises:
        DataError: when the archive cannot be read or is another one.
    """
    counts = ImportCounts() if counts is None else counts
    for original in worldwide_originals(path):
        draft = Draft.of(_SET, original, counts)
        mark_mentions(draft, original)
        yield from draft.passages(sentences)
