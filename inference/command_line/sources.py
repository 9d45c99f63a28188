"""Documents from the files, and the standard input, that a user names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

from ...data.documents import Document
from ...data.errors import DataError
from ...data.jsonl import read_jsonl
from ...data.lines import LONGEST_LINE
from ...data.plain_text import decode_text
from ...data.quotes import printable
from ..bulk.plain_values import plain
from ..bulk.records import open_reader, read_items
from ..bulk.source import InputKind, SourceFile, find_source, kind_of
from ..bulk.unpacking import open_unpacked

__all__ = ["Sources"]

_STANDARD_INPUT = "-"
_ID = "id"


class Sources:
    """All documents of some files, one after the other, read as they are asked for.

    A source that cannot be read ends the iteration and is kept in :attr:`failure`, so that what came before
    it can be finished first; with ``report`` it is reported, counted and skipped.

    Args:
        paths: Files; ``-`` is the standard input.
        input_format: How to read them; ``None`` goes by their endings, and reads what is not known as text.
        text_column: The column of a table with the texts.
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
        input_format: InputKind | None,
        text_column: str,
        report: Callable[[DataError], None] | None,
        note: Callable[[str], None],
        check: Callable[[Document], object] = lambda document: None,
    ) -> None:
        self.failure: DataError | None = None
        self.skipped = 0
        self.position = 0
        self._paths = paths
        self._format = input_format
        self._text_column = text_column
        self._report = report
        self._note = note
        self._check = check
        sizes = [_size(path, must_exist=report is None) for path in paths]
        known = [size for size in sizes if size is not None]
        self.size = sum(known) if len(known) == len(sizes) else None

    def format_of(self, path: Path) -> InputKind:
        """Return how a file is read."""
        return self._format or kind_of(path) or InputKind.TEXT

    def __iter__(self) -> Iterator[Document]:
        taken: set[str] = set()
        for path in self._paths:
            try:
                yield from filter(self._passes, self._documents(path, taken))
            except DataError as error:
                if self._report is None:
                    self.failure = error
                    return
                self._skip(error)

    def _documents(self, path: Path, taken: set[str]) -> Iterator[Document]:
        match self.format_of(path):
            case InputKind.TEXT:
                yield self._document(path, taken)
            case InputKind.JSONL:
                yield from self._lines(path)
            case kind:
                yield from self._rows(path, kind)

    def _document(self, path: Path, taken: set[str]) -> Document:
        with self._opened(path) as (stream, position):
            content = stream.read(LONGEST_LINE + 1)
            self.position = position()
        if len(content) > LONGEST_LINE:
            raise DataError(f"holds more than {LONGEST_LINE >> 20} MiB, too much for one text", _name(path))
        text = decode_text(content, _name(path))
        if not text:
            self._note(f"{_name(path)} is empty")
        identifier, number = _stem(path), 1
        while identifier in taken:
            number += 1
            identifier = f"{_stem(path)}-{number}"
        taken.add(identifier)
        return Document(identifier, text)

    def _lines(self, path: Path) -> Iterator[Document]:
        on_error = None if self._report is None else self._skip
        with self._opened(path) as (stream, position):
            for document in read_jsonl(stream, on_error=on_error, name=_name(path)):
                self.position = position()
                yield document
            self.position = position()

    def _rows(self, path: Path, kind: InputKind) -> Iterator[Document]:
        """Yield the rows of a table; a document's name is its ``id``, else those of the file and the row."""
        before = self.position
        reader = open_reader(kind, self._text_column, must_encode=False)
        for number, item in enumerate(read_items(find_source(path, kind), reader), 1):
            if isinstance(item, DataError):
                if self._report is None:
                    raise item
                self._skip(item)
                continue
            self.position = before + item.position
            columns = {name: plain(value) for name, value in item.fields.items() if name != self._text_column}
            identifier = columns.pop(_ID, None)
            named = f"{_stem(path)}-{number}" if identifier in (None, "") else str(identifier)
            yield Document(named, item.text, meta=columns)

    def _opened(self, path: Path) -> AbstractContextManager[tuple[BinaryIO, Callable[[], int]]]:
        """Open a file, unpacked where it is packed, with what tells the position in all of the files."""
        return open_unpacked(SourceFile(path, _name(path), path.name, self.position, 0))

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


def _stem(path: Path) -> str:
    if str(path) == _STANDARD_INPUT:
        return "stdin"
    return Path(path.name.removesuffix(".gz").removesuffix(".zst")).stem


def _name(path: Path) -> str:
    return "standard input" if str(path) == _STANDARD_INPUT else printable(str(path))
