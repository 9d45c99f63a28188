"""The Groningen Meaning Bank: sentences of Voice of America news, with silver names."""

from __future__ import annotations

import re
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

__all__ = ["read_gmb"]

_TAG = re.compile(r"O|[BI]-(art|eve|geo|gpe|nat|org|per|tim)")
_KINDS = {"per": "person", "org": "organisation", "geo": "place", "gpe": "place"}


def read_gmb(
    path: str | Path, *, sentences: int = PASSAGE_SENTENCES, counts: ImportCounts | None = None
) -> Iterator[Document]:
    """Read the set's CoNLL file: a token, a tab and its tag a line.

    Each sentence is a document of its own, for the file does not tell which belong together.

    | set | ours |
    |---|---|
    | per | ACTOR, without title |
    | org | ACTOR, unless people follow ("Taleban fighters") |
    | geo, gpe | LOCATION with its direction and kind ("southern Helmand province"), or ACTOR where \
a state acts; open where that is not clear; nationalities are not kept |
    | art, eve, nat, tim | not kept |

    Annotated: LOCATION, where nothing is open. ACTOR is not, for unnamed actors are not marked; WEAPON and
    CASUALTY are not marked at all. Spans have no attribute.

    Args:
        path: ``gmb-voa.conll.xz``, or the same unpacked.
        sentences: Without effect: a document is one sentence.
        counts: Grows while documents are read.

    Raises:
        DataError: when the file cannot be read or is another one.
    """
    counts = ImportCounts() if counts is None else counts
    name = printable(str(path))
    for number, rows in enumerate(column_sentences(read_lines(path), name, [2])):
        tokens, tags = [row[0] for row in rows], [row[1] for row in rows]
        for tag in tags:
            if not _TAG.fullmatch(tag):
                raise DataError(f"{quote(tag)} in sentence {number + 1} is no tag of this set", name)
        draft, marked = draft_rows("gmb", str(number), [(tokens, tags)], counts, ("LOCATION",))
        for first, last, kind in marked:
            if kind in _KINDS:
                mark_name(draft, first, last, _KINDS[kind])
            else:
                draft.drop(first, last, f"the type {kind}, which is none of ours")
        yield from draft.passages(1)
