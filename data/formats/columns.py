"""Column files: a token and its tag a line, in IOB2 or in BIOES."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
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

__all__ = ["BIOES", "CONLL"]

_ENDS = re.compile(r"[ES]-\S+")
_FIRST_LINES = 2_000


def _detect(peek: Peek, *, bioes: bool) -> bool:
    """Whether all of the first lines are rows, and some of them have what only BIOES has."""
    lines = [line.rstrip(" \t\r") for line in peek.text.split("\n")[: _FIRST_LINES + 1]]
    if len(lines) > _FIRST_LINES or not peek.is_whole:
        lines = lines[:-1]  # it may be cut off
    rows = []
    for line in lines:
        columns = split_columns(line)
        if line and columns[0] != DOCUMENT_START and not is_comment(line, columns, None, bioes=True):
            rows.append(columns)
    has_ends = any(_ENDS.fullmatch(columns[-1]) for columns in rows)
    return bool(rows) and has_ends == bioes and all(is_row(columns, bioes=bioes) for columns in rows)


def _read(path: Path, report: Report, on_error: OnError | None = None, *, bioes: bool) -> Iterator[Document]:
    return read_conll(path, on_error=on_error, bioes=bioes)


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
    read=partial(_read, bioes=False),
    write=partial(_write, bioes=False),
    endings=(".conll", ".iob", ".iob2", ".bio"),
    holds="all but scores, with spans on the borders of words; text and meta in comments",
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
