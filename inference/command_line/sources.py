"""Documents from the files, and the standard input, that a user names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePath, PurePosixPath

from ...data.documents import Document
from ...data.errors import DataError
from ...data.quotes import printable
from ..bulk.plain_values import plain
from ..bulk.records import Record, open_reader, read_items
from ..bulk.source import InputKind, find_source, kind_of

__all__ = ["Sources"]

_STANDARD_INPUT = "-"


class Sources:
    """All documents of some files, one after the other, read as they are asked for.

    A source that cannot be read ends the iteration and is kept in :attr:`failure`, so that what came before
    it can be finished first; with ``report`` it is reported, counted and skipped, and a failure only when
    nothing is left.

    Args:
        paths: Files, and folders of files of one kind; ``-`` is the standard input.
        input_format: How to read them; ``None`` goes by their endings, and reads what is not known as text.
        text_column: The column, or field of JSON, with the texts.
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
        BulkError: at once, when a folder does not tell how to read it.
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
        sizes = [self._size(path) for path in paths]
        known = [size for size in sizes if size is not None]
        self.size = sum(known) if len(known) == len(sizes) else None

    def is_one_text(self) -> bool:
        """Whether there is but one file, read as one text."""
        path = self._paths[0]
        return len(self._paths) == 1 and self._kind(path) is InputKind.TEXT and not _is_folder(path)

    def __iter__(self) -> Iterator[Document]:
        taken: set[str] = set()
        is_empty = True
        for path in self._paths:
            try:
                for document in filter(self._passes, self._documents(path, taken)):
                    is_empty = False
                    yield document
            except DataError as error:
                if self._report is None:
                    self.failure = error
                    return
                self._skip(error)
        if is_empty and self.skipped:
            self.failure = DataError(f"nothing is left to read, for all was skipped ({self.skipped})")

    def _size(self, path: Path) -> int | None:
        """Return the bytes of a file or folder; ``None`` where they are unknown."""
        try:
            return find_source(path, self._kind(path)).size
        except DataError:
            if self._report is None:
                raise
            return None

    def _kind(self, path: Path) -> InputKind | None:
        """Return how a file is read; ``None`` for a folder whose files tell."""
        if self._format is not None or _is_folder(path):
            return self._format
        unknown = InputKind.JSONL if path.suffix.lower() == ".json" else InputKind.TEXT
        return kind_of(path) or unknown

    def _documents(self, path: Path, taken: set[str]) -> Iterator[Document]:
        source = find_source(path, self._kind(path))
        if source.left_out:
            self._note(f"{source.left_out} other files are left out: {', '.join(source.examples)}")
        before = self.position
        reader = open_reader(source.kind, self._text_column, must_encode=False)
        for number, item in enumerate(read_items(source, reader), 1):
            if isinstance(item, DataError):
                if self._report is None:
                    raise item
                self._skip(item)
                continue
            self.position = before + item.position
            if source.kind is InputKind.TEXT:
                yield self._text(item, path, taken)
            else:
                yield self._row(item, f"{_stem(path)}-{number}")

    def _text(self, item: Record, path: Path, taken: set[str]) -> Document:
        """Return a text under the name of its file, with a number behind it where that is taken."""
        below = PurePosixPath(item.fields["path"])
        if not item.text:
            self._note(f"{_name(path / below if _is_folder(path) else path)} is empty")
        name = identifier = str(below.with_name(_stem(below)))
        number = 1
        while identifier in taken:
            number += 1
            identifier = f"{name}-{number}"
        taken.add(identifier)
        return Document(identifier, item.text)

    def _row(self, item: Record, name: str) -> Document:
        """Return a row of a table or a line of JSON under its ``id``, else under ``name``.

        Spans and event types that it may have are not those that will be found.
        """
        columns = {key: plain(value) for key, value in item.fields.items() if key != self._text_column}
        identifier = columns.pop("id", None)
        for found in ("spans", "events"):
            if isinstance(columns.get(found), list):
                del columns[found]
        meta = columns.pop("meta") if isinstance(columns.get("meta"), dict) else {}
        return Document(name if identifier in (None, "") else str(identifier), item.text, meta=columns | meta)

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


def _is_folder(path: Path) -> bool:
    return str(path) != _STANDARD_INPUT and path.is_dir()


def _stem(path: PurePath) -> str:
    if str(path) == _STANDARD_INPUT:
        return "stdin"
    return PurePath(path.name.removesuffix(".gz").removesuffix(".zst")).stem


def _name(path: Path) -> str:
    return "standard input" if str(path) == _STANDARD_INPUT else printable(str(path))
