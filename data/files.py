"""Files of documents in either form, told apart by the file's ending, or by its first line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

from .conll import DOCUMENT_START, enumerate_conll
from .documents import Document, LabelTable
from .errors import DataError
from .jsonl import enumerate_jsonl
from .lines import OnError, open_source, source_name
from .quotes import quote
from .sentences import is_comment, is_row, split_columns

__all__ = ["enumerate_documents", "read_documents", "require_documents"]

_JSONL_ENDINGS = (".jsonl", ".ndjson")
_CONLL_ENDINGS = (".conll", ".iob", ".iob2", ".bio")
_OPEN_ENDINGS = (".tsv", ".txt", ".json", "")


def read_documents(
    path: str | Path,
    labels: LabelTable | None = None,
    events: Sequence[str] | None = None,
    on_error: OnError | None = None,
) -> Iterator[Document]:
    """Read a JSON Lines or CoNLL file, one document at a time.

    ``.jsonl`` and ``.ndjson`` are JSON Lines; ``.conll``, ``.iob``, ``.iob2`` and ``.bio`` are columns; in
    ``.tsv``, ``.txt``, ``.json`` and files without an ending the first line decides.

    Args:
        path: The file.
        labels: The labels and attributes that may occur; ``None`` accepts any.
        events: The event types that may occur; ``None`` accepts any.
        on_error: Called with the error of each bad line, which is then skipped, in a column file with its
            sentence; ``None`` raises the error.

    Yields:
        The documents in the file's order; none for an empty file (see :func:`require_documents`).

    Raises:
        DataError: with file, line and reason; also when the file cannot be opened or is of neither form,
            whatever ``on_error`` is.
    """
    for _, document in enumerate_documents(path, labels, events, on_error):
        yield document


def enumerate_documents(
    path: str | Path,
    labels: LabelTable | None = None,
    events: Sequence[str] | None = None,
    on_error: OnError | None = None,
) -> Iterator[tuple[int, Document]]:
    """Read documents as :func:`read_documents` does, each with the number of its first line, from 1."""
    name = source_name(path)
    ending = Path(path).suffix.lower()
    with open_source(path) as file:
        if ending not in (*_JSONL_ENDINGS, *_CONLL_ENDINGS, *_OPEN_ENDINGS):
            raise DataError(f"the ending {quote(ending)} is not known; {_accepted()}", name)
        if ending in _JSONL_ENDINGS or (ending in _OPEN_ENDINGS and _begins_as_jsonl(file, name)):
            yield from enumerate_jsonl(file, labels, events, on_error, name=name)
        else:
            yield from enumerate_conll(file, labels, on_error, events=events, name=name)


def require_documents(documents: Iterable[Document], source: str | Path) -> Iterator[Document]:
    """Pass documents on, for commands that cannot do without.

    Raises:
        DataError: after the last document, when there was none.
    """
    is_empty = True
    for document in documents:
        is_empty = False
        yield document
    if is_empty:
        raise DataError("holds no documents", source_name(source))


def _begins_as_jsonl(file: BinaryIO, name: str) -> bool:
    """Tell by the first line whether a file is JSON Lines, without consuming it, as it may be a pipe."""
    head = cast(BufferedReader, file).peek().removeprefix(b"\xef\xbb\xbf")
    for number, raw in enumerate(head.split(b"\n"), start=1):
        if raw.lstrip().startswith(b"{"):
            return True
        try:
            line = raw.decode("utf-8").rstrip(" \t\r")
        except UnicodeDecodeError:
            return False  # the reader says where
        if not line:
            continue
        columns = split_columns(line)
        if columns[0] == DOCUMENT_START or is_comment(line, columns, None) or is_row(columns):
            return False
        raise DataError(
            f"neither JSON Lines nor columns, this line is {quote(line)}; {_accepted()}", name, number
        )
    return False


def _accepted() -> str:
    """Say what files are accepted."""
    jsonl, conll = ", ".join(_JSONL_ENDINGS), ", ".join(_CONLL_ENDINGS)
    either = ", ".join(filter(None, _OPEN_ENDINGS))
    return (
        f"accepted are JSON Lines, an object with 'id' and 'text' a line ({jsonl}), and columns, a token and "
        f"its IOB2 tag a line ({conll}), or either ({either}); conflictner convert reads other formats"
    )
