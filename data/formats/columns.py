"""Column files: a token and its tag a line, in IOB2, in IOB1, or in BIOES or BILOU."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

from ..conll import DOCUMENT_START, conll_lines, read_conll
from ..documents import Document
from ..lines import OnError
from ..output import open_output
from ..sentences import is_comment, is_row, split_columns
from .format import Format
from .peek import Peek
from .report import Report
from .spans import snap_to_words, with_plain_labels, without_scores

__all__ = ["BIOES", "CONLL", "IOB1"]

_ENDINGS = (".conll", ".iob", ".iob2", ".bio")
_ENDS = re.compile(r"[ESLU]-\S+")
_FIRST_LINES = 2_000


def _detect(peek: Peek, *, bioes: bool) -> bool:
    """Whether all of the first lines are rows, or the name says so, and some have what only BIOES has."""
    rows = [row for row in _rows(peek) if row]
    has_ends = any(_ENDS.fullmatch(row[-1]) for row in rows)
    if not rows or has_ends != bioes:
        return False
    return peek.ending in (*_ENDINGS, ".bioes") or all(is_row(row, bioes=bioes) for row in rows)


def _is_iob1(peek: Peek) -> bool:
    """Whether all of the first lines are rows, whose spans begin with I-, or with B- behind their like."""
    rows = _rows(peek)
    if not all(is_row(row) for row in rows if row):
        return False
    tags = [row[-1] if row else "O" for row in rows]
    openings = {tag[0] for last, tag in pairwise(["O", *tags]) if tag[1:] != last[1:]}
    return "I" in openings and "B" not in openings


def _rows(peek: Peek) -> list[list[str]]:
    """Return the columns of the first lines but comments; none of a line between sentences."""
    lines = [line.rstrip(" \t\r") for line in peek.text.split("\n")[: _FIRST_LINES + 1]]
    if len(lines) > _FIRST_LINES or not peek.is_whole:
        lines = lines[:-1]  # it may be cut off
    rows: list[list[str]] = []
    for line in lines:
        columns = split_columns(line)
        if not line or columns[0] == DOCUMENT_START:
            rows.append([])
        elif not is_comment(line, columns, None, bioes=True):
            rows.append(columns)
    return rows


def _read(
    path: Path, report: Report, on_error: OnError | None = None, *, bioes: bool = False, iob1: bool = False
) -> Iterator[Document]:
    return read_conll(path, on_error=on_error, bioes=bioes, iob1=iob1)


def _write(path: Path, documents: Iterable[Document], report: Report, *, bioes: bool) -> None:
    with open_output(path) as file:
        for document in documents:
            held = _held(document, report)
            report.keep(held)
            file.writelines(f"{line}\n" for line in conll_lines(held, exact=True, bioes=bioes))


def _held(document: Document, report: Report) -> Document:
    """Return what of a document columns can hold."""
    return with_plain_labels(without_scores(snap_to_words(document, report), report), report)


CONLL = Format(
    name="conll",
    title="CoNLL columns with IOB2 tags",
    detect=partial(_detect, bioes=False),
    read=_read,
    write=partial(_write, bioes=False),
    endings=_ENDINGS,
    holds="all but scores, with spans on the borders of words; text and meta in comments",
)

IOB1 = Format(
    name="iob1",
    title="CoNLL columns with IOB1 tags",
    detect=_is_iob1,
    read=partial(_read, iob1=True),
    holds="each sentence as a document",
)

BIOES = Format(
    name="bioes",
    title="CoNLL columns with BIOES tags",
    detect=partial(_detect, bioes=True),
    read=partial(_read, bioes=True),
    write=partial(_write, bioes=True),
    endings=(".bioes",),
    holds=CONLL.holds,
)
