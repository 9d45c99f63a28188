"""Column files of public sets: a token and its tags on each line, an empty line behind each sentence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from ..errors import DataError
from ..lines import OnError
from ..quotes import quote
from .originals import Mention, Original
from .tokens import align_tokens, join_tokens, tag_spans

__all__ = ["Rows", "column_sentences", "columns_original", "foreign_tag"]

#: The rows of a sentence, each as its columns; comment lines (``# ...``) as a single column.
Rows = list[list[str]]


def column_sentences(
    lines: Iterable[tuple[int, str]],
    name: str,
    columns: Sequence[int],
    on_error: OnError,
    comments: bool = False,
) -> Iterator[tuple[int, Rows]]:
    """Yield the sentences of a file, split at tabs, or at spaces where a line has no tab.

    Args:
        lines: Numbered lines.
        name: What messages call the file.
        columns: How many columns a row may have.
        on_error: Takes the error of a row with another number; its sentence is left out.
        comments: Whether lines that begin with ``#`` are comments, which are kept.

    Yields:
        The number of the sentence's first line, and its rows.
    """
    rows: Rows = []
    first = 0
    is_spoilt = False
    for number, line in [*lines, (0, "")]:
        if not line.strip():
            if rows and not is_spoilt:
                yield first, rows
            rows, is_spoilt = [], False
            continue
        first = first if rows else number
        is_comment = comments and line.startswith("#")
        rows.append([line] if is_comment else _columns(line))
        if len(rows[-1]) not in columns and not is_comment:
            found = len(rows[-1])
            on_error(
                DataError(
                    f"{found} column{'' if found == 1 else 's'} in {quote(line)}; this set has "
                    f"{' or '.join(map(str, columns))}, separated by tabs",
                    name,
                    number,
                )
            )
            is_spoilt = True


def _columns(line: str) -> list[str]:
    return line.split("\t") if "\t" in line else line.split()


def foreign_tag(tags: Iterable[str], prefixes: str, kinds: Collection[str]) -> str | None:
    """Return the first tag that is neither ``O`` nor one of the prefixes, a hyphen and a kind.

    >>> foreign_tag(["O", "B-geo", "B-x"], "BI", ["geo"])
    'B-x'
    """
    for tag in tags:
        prefix, _, kind = tag.partition("-")
        if tag != "O" and (len(prefix) != 1 or prefix not in prefixes or kind not in kinds):
            return tag
    return None


def columns_original(
    name: str,
    sentences: Sequence[tuple[Sequence[str], Sequence[str]]],
    text: str | None = None,
    hyphens_apart: bool = False,
) -> Original:
    """Write sentences of tokens as a document.

    Args:
        name: The document's name.
        sentences: For each sentence its tokens and their tags (BIO or BIOES).
        text: The text of a single sentence as it was before it was cut into tokens, if it is known.
        hyphens_apart: See :func:`join_tokens`.
    """
    pieces: list[str] = []
    borders = []
    mentions = []
    length = 0
    for tokens, tags in sentences:
        aligned = None if text is None else align_tokens(tokens, text)
        if text is None or aligned is None:
            piece, offsets = join_tokens(tokens, hyphens_apart=hyphens_apart)
        else:
            piece, offsets = text, aligned
        for first, last, kind in tag_spans(tags):
            mentions.append(Mention(length + offsets[first][0], length + offsets[last - 1][1], kind))
        pieces.append(piece)
        borders.append((length, length + len(piece)))
        length += len(piece) + 1
    return Original(name, " ".join(pieces), mentions, borders)
