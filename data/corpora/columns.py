"""Column files of public sets: a token and its tags on each line, an empty line behind each sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..errors import DataError
from ..quotes import quote
from .counts import ImportCounts
from .draft import Draft
from .tokens import align_tokens, join_tokens, tag_spans

__all__ = ["Rows", "column_sentences", "draft_rows"]

#: The rows of a sentence, each as its columns; comment lines (``# ...``) as a single column.
Rows = list[list[str]]


def column_sentences(
    lines: Iterable[tuple[int, str]], name: str, columns: Sequence[int], comments: bool = False
) -> Iterator[Rows]:
    """Yield the sentences of a file, split at tabs, or at spaces where a line has no tab.

    Args:
        lines: Numbered lines.
        name: What messages call the file.
        columns: How many columns a row may have.
        comments: Whether lines that begin with ``#`` are comments, which are kept.

    Raises:
        DataError: for a row with another number of columns.
    """
    rows: Rows = []
    for number, line in lines:
        if not line.strip():
            if rows:
                yield rows
            rows = []
            continue
        row = [line] if comments and line.startswith("#") else _columns(line)
        if len(row) not in columns and not (comments and len(row) == 1 and line.startswith("#")):
            accepted = " or ".join(str(count) for count in columns)
            raise DataError(
                f"{len(row)} column{'' if len(row) == 1 else 's'} in {quote(line)}; this set has {accepted}, "
                "separated by tabs",
                name,
                number,
            )
        rows.append(row)
    if rows:
        yield rows


def _columns(line: str) -> list[str]:
    return line.split("\t") if "\t" in line else line.split()


def draft_rows(
    source: str,
    name: str,
    sentences: Sequence[tuple[Sequence[str], Sequence[str]]],
    counts: ImportCounts,
    annotated: Sequence[str],
    text: str | None = None,
    hyphens_apart: bool = False,
) -> tuple[Draft, list[tuple[int, int, str]]]:
    """Write sentences of tokens as the draft of a document.

    Args:
        source: Name of the set.
        name: The document's name.
        sentences: For each sentence its tokens and their tags (BIO or BIOES).
        counts: Where what happens is counted.
        annotated: The labels of which the set marks everything.
        text: The text of a single sentence as it was before it was cut into tokens, if it is known.
        hyphens_apart: See :func:`join_tokens`.

    Returns:
        The draft, and the ranges of its words that are marked, with the set's own type.
    """
    pieces: list[str] = []
    borders = []
    marked = []
    length = 0
    for tokens, tags in sentences:
        aligned = None if text is None else align_tokens(tokens, text)
        if text is None or aligned is None:
            piece, offsets = join_tokens(tokens, hyphens_apart=hyphens_apart)
        else:
            piece, offsets = text, aligned
        for first, last, kind in tag_spans(tags):
            marked.append((length + offsets[first][0], length + offsets[last - 1][1], kind))
        pieces.append(piece)
        borders.append((length, length + len(piece)))
        length += len(piece) + 1
    draft = Draft(source, name, " ".join(pieces), counts, annotated, borders)
    ranges = [(*draft.range(start, end), kind) for start, end, kind in marked]
    return draft, [item for item in ranges if item[0] < item[1]]
