"""Documents from the files, and the standard input, that a user names."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

from ...data.documents import Document
from ...data.errors import DataError
from ...data.jsonl import read_jsonl
from ...data.lines import open_source
from ...data.plain_text import decode_text
from ...data.quotes import printable

__all__ = ["InputFormat", "Sources"]

_STANDARD_INPUT = "-"
_JSONL_ENDINGS = frozenset({".jsonl", ".ndjson"})
_TABLE_ENDINGS = frozenset({".csv", ".tsv", ".parquet"})


class InputFormat(StrEnum):
    """How files are read."""

    TEXT = "text"
    JSONL = "jsonl"


class Sources:
    """All documents of some files, one after the other, read as they are asked for.

    A source that cannot be read ends the iteration and is kept in :attr:`failure`, so that what came before
    it can be finished first; with ``report`` it is reported, counted and skipped.

    Args:
        paths: Files; ``-`` is the standard input.
        input_format: How to read them; ``None`` reads ``.jsonl`` and ``.ndjson`` files as JSONL.
        report: Takes what was wrong with each skipped line or file; ``None`` stops at the first.
        note: Takes remarks on odd but readable files.
        check: Raises a ``DataError`` for a document that cannot be used.

    Attributes:
        failure: The error that ended the iteration, or ``None``.
        skipped: Number of lines and files left out.
        position: Bytes read up to now.
        size: Bytes of all files, or ``None`` where the standard input or a pipe makes it unknown.

    Raises:
        DataError: at once, when a file does not exist and nothing may be skipped.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        input_format: InputFormat | None,
        report: Callable[[DataError], None] | None,
        note: Callable[[str], None],
        check: Callable[[Document], object] = lambda document: None,
    ) -> None:
        self.failure: DataError | None = None
        self.skipped = 0
        self.position = 0
        self._paths = paths
        self._format = input_format
        self._report = report
        self._note = note
        self._check = check
        sizes = [_size(path, must_exist=report is None) for path in paths]
        known = [size for size in sizes if size is not None]
        self.size = sum(known) if len(known) == len(sizes) else None

    def format_of(self, path: Path) -> InputFormat:
        """Return how a file is read.

        Raises:
            DataError: for a table, of which nothing says that it is to be read otherwise.
        """
        if self._format is not None:
            return self._format
        if path.suffix.lower() in _TABLE_ENDINGS:
            raise DataError(
                "is a table by its name; conflictner tag-corpus tags a column of it, and --input-format "
                "text reads it as one text",
                _name(path),
            )
        return InputFormat.JSONL if path.suffix.lower() in _JSONL_ENDINGS else InputFormat.TEXT

    def __iter__(self) -> Iterator[Document]:
        taken: set[str] = set()
        for path in self._paths:
            try:
                is_jsonl = self.format_of(path) is InputFormat.JSONL
                for document in self._lines(path) if is_jsonl else [self._document(path, taken)]:
                    if self._passes(document):
                        yield document
            except DataError as error:
                if self._report is None:
                    self.failure = error
                    return
                self._skip(error)

    def _document(self, path: Path, taken: set[str]) -> Document:
        name, content = _name(path), _read(path)
        self.position += len(content)
        text = decode_text(content, name)
        if not text:
            self._note(f"{name} is empty")
        stem = "stdin" if str(path) == _STANDARD_INPUT else path.stem
        identifier, number = stem, 1
        while identifier in taken:
            number += 1
            identifier = f"{stem}-{number}"
        taken.add(identifier)
        return Document(identifier, text)

    def _lines(self, path: Path) -> Iterator[Document]:
        before = self.position
        with _open(path) as stream:
            on_error = None if self._report is None else self._skip
            for document in read_jsonl(stream, on_error=on_error, name=_name(path)):
                if self.size is not None:  # a pipe has no position
                    self.position = before + stream.tell()
                yield document
            if self.size is not None:
                self.position = before + stream.tell()

    def _passes(self, document: Document) -> bool:
        try:
            self._check(document)
        except DataError as error:
            if self._report is None:
                raise
            self._skip(error)
            return False
        return True

    def _skip(self, error: DataError) -> None:
        self.skipped += 1
        if self._report is not None:
            self._report(error)


def _size(path: Path, must_exist: bool) -> int | None:
    """Return the bytes of a regular file, ``None`` for anything else."""
    if str(path) == _STANDARD_INPUT:
        return None
    try:
        status = path.stat()
    except OSError as error:
        if must_exist:
            raise DataError(f"cannot be read ({error.strerror or error})", _name(path)) from error
        return None
    return status.st_size if S_ISREG(status.st_mode) else None


def _read(path: Path) -> bytes:
    with _open(path) as stream:
        try:
            return stream.read()
        except OSError as error:
            raise DataError(f"cannot be read ({error.strerror or error})", _name(path)) from error


def _open(path: Path) -> contextlib.AbstractContextManager[BinaryIO]:
    return open_source(sys.stdin.buffer if str(path) == _STANDARD_INPUT else path)


def _name(path: Path) -> str:
    return "standard input" if str(path) == _STANDARD_INPUT else printable(str(path))
