"""Records of text files, JSON Lines and CSV, one at a time, each with its text and its other columns."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol

from ...data.errors import DataError
from ...data.jsonl import parse_json
from ...data.lines import LONGEST_LINE, numbered_lines
from ...data.plain_text import decode_text
from ...data.quotes import quote
from .errors import ColumnError
from .source import InputKind, Source, SourceFile
from .unpacking import open_unpacked

__all__ = ["CsvReader", "Item", "JsonReader", "Reader", "Record", "TextReader", "open_reader", "read_items"]

#: Columns of a folder of texts.
_PATH, _TEXT = "path", "text"
_DEEPEST = 100  # lists and objects in each other, in a line of JSON


@dataclass(frozen=True, slots=True)
class Record:
    """A document on its way through a run.

    Attributes:
        text: What is tagged.
        fields: All columns of the input, the text's too.
        position: Bytes of the source that were read up to it.
        size: Characters, or bytes, of all columns, about.
    """

    text: str
    fields: Mapping[str, Any]
    position: int
    size: int


#: What readers yield: a record, or what is wrong with one, or with the rest of a file.
Item = Record | DataError


class Reader(Protocol):
    """Reads the files of one kind.

    Attributes:
        text_column: The column with the texts.
    """

    text_column: str

    def read(self, file: SourceFile) -> Iterator[Item]:
        """Yield what is in a file, one item a record.

        Raises:
            DataError: when the rest of the file cannot be read.
            ColumnError: when the columns are not those needed, whatever the records are like.
        """


def open_reader(kind: InputKind, text_column: str, *, must_encode: bool) -> Reader:
    """Return the reader of a kind of file.

    Args:
        kind: What the files are.
        text_column: The column with the texts; of no meaning for files that are texts.
        must_encode: Whether strings that no UTF-8 can hold, which JSON can spell, are refused.

    Raises:
        BulkError: when the kind needs a library that is not installed.
    """
    if kind is InputKind.PARQUET:
        from .arrow_rows import ParquetReader

        return ParquetReader(text_column)
    if kind is InputKind.CSV:
        return CsvReader(text_column)
    if kind is InputKind.JSONL:
        return JsonReader(text_column, must_encode)
    return TextReader()


def read_items(source: Source, reader: Reader) -> Iterator[Item]:
    """Yield all records of a source, with what could not be read in its place.

    Raises:
        ColumnError: see :class:`Reader`.
    """
    for file in source.files():
        try:
            yield from reader.read(file)
        except DataError as error:
            yield error


class TextReader:
    """Reads files that are one text each."""

    text_column = _TEXT

    def read(self, file: SourceFile) -> Iterator[Item]:
        """See :class:`Reader`."""
        with open_unpacked(file) as (stream, position):
            content = stream.read(LONGEST_LINE + 1)
            if len(content) > LONGEST_LINE:
                raise DataError(f"holds more than {LONGEST_LINE >> 20} MiB, too much for one text", file.name)
            text = decode_text(content, file.name)
            yield Record(text, {_PATH: file.relative or file.name, _TEXT: text}, position(), len(text))


class JsonReader:
    """Reads JSON Lines: an object a line, of any fields."""

    def __init__(self, text_column: str, must_encode: bool) -> None:
        self.text_column = text_column
        self._must_encode = must_encode

    def read(self, file: SourceFile) -> Iterator[Item]:
        """See :class:`Reader`."""
        problems: list[DataError] = []
        with open_unpacked(file) as (stream, position):
            for number, line in numbered_lines(stream, file.name, problems.append):
                if line is None:
                    yield problems.pop()
                elif line.strip():
                    try:
                        fields = self._fields(line)
                    except DataError as error:
                        yield DataError(error.reason, file.name, number)
                    else:
                        yield Record(fields[self.text_column], fields, position(), len(line))

    def _fields(self, line: str) -> Mapping[str, Any]:
        value = parse_json(line)
        if not isinstance(value, Mapping):
            raise DataError(f"expected an object with {quote(self.text_column)}, got {quote(value)}")
        if self.text_column not in value:
            raise DataError(
                f"the field {quote(self.text_column)} is missing; the object has {quote(list(value))}; name "
                "the field with the text by --text-column"
            )
        text = value[self.text_column]
        if text is None:
            raise DataError(f"{quote(self.text_column)} is null")
        if not isinstance(text, str):
            raise DataError(f"{quote(self.text_column)} must be a string, got {quote(text)}")
        if line.count("[") + line.count("{") > _DEEPEST and _is_deeper(value, _DEEPEST):
            raise DataError(f"its values are nested more than {_DEEPEST} deep; flatten them")
        if self._must_encode and "\\u" in line:
            _check_encoding(json.dumps(value, ensure_ascii=False))
        return value


def _is_deeper(value: Any, limit: int) -> bool:
    """Whether lists and objects are nested in each other more than ``limit`` times."""
    level = [value]
    for _ in range(limit):
        inner = [list(item.values()) if isinstance(item, Mapping) else item for item in level]
        level = [item for items in inner if isinstance(items, list) for item in items]
    return any(isinstance(item, (Mapping, list)) for item in level)


class CsvReader:
    """Reads CSV with a header, which tells the separator: comma, semicolon or tab; all columns are text.

    Attributes:
        header: Names of the columns, once the first file was opened.
    """

    def __init__(self, text_column: str) -> None:
        self.text_column = text_column
        self.header: list[str] = []
        # A text may be longer than Python's default of 131,072 characters; the limit is the process's.
        csv.field_size_limit(max(csv.field_size_limit(), LONGEST_LINE))

    def read(self, file: SourceFile) -> Iterator[Item]:
        """See :class:`Reader`."""
        with open_unpacked(file) as (stream, position):
            lines = io.TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline="")
            try:
                bounded = _BoundedLines(lines, file.name)
                bounded.begin_row(1)
                first = next(bounded, "")
                separator = self._separator(first, file.path.name)
                rows = csv.reader(chain([first], bounded), delimiter=separator, strict=True)
                yield from self._records(rows, bounded, file, position)
            finally:
                lines.detach()

    def _separator(self, header: str, name: str) -> str:
        """Return what gives a header the column with the texts, else most columns."""

        def columns(separator: str) -> tuple[bool, int]:
            try:
                names = next(csv.reader([header], delimiter=separator, strict=True), [])
            except csv.Error:
                names = []
            return self.text_column in names, len(names)

        return max("\t,;" if ".tsv" in name.lower() else ",;\t", key=columns)

    def _records(
        self, rows: Any, lines: _BoundedLines, file: SourceFile, position: Callable[[], int]
    ) -> Iterator[Item]:
        header: list[str] | None = None
        while True:
            number = rows.line_num + 1
            lines.begin_row(number)
            try:
                row = next(rows, None)
                if row is None:
                    break
                if not row:
                    continue
                joined = "".join(row)
                _check_utf8(joined)
                if header is None:
                    header = self._check_header(row, file)
                    continue
                if len(row) != len(header):
                    raise DataError(f"has {len(row)} fields, the header has {len(header)}")
            except _RowTooLongError:
                raise
            except (csv.Error, DataError) as error:
                reason = error.reason if isinstance(error, DataError) else f"not CSV ({error})"
                problem = DataError(reason, file.name, number)
                if header is None:
                    raise problem from error
                yield problem
                continue
            fields = dict(zip(header, row, strict=True))
            yield Record(fields[self.text_column], fields, position(), len(joined))
        if header is None:
            raise DataError("holds no header; the first line must name the columns", file.name)

    def _check_header(self, header: list[str], file: SourceFile) -> list[str]:
        twice = [name for name in dict.fromkeys(header) if header.count(name) > 1]
        if twice:
            raise ColumnError(f"{file.name}: the column {quote(twice[0])} is there more than once")
        if self.text_column not in header:
            raise ColumnError(
                f"{file.name}: there is no column {quote(self.text_column)}; the columns are "
                f"{', '.join(map(quote, header))}; name the one with the text by --text-column"
            )
        if self.header and sorted(header) != sorted(self.header):
            raise ColumnError(
                f"{file.name}: has other columns than the files before it: {quote(header)} instead of "
                f"{quote(self.header)}; tag it in a run of its own"
            )
        self.header = self.header or header
        return header


class _RowTooLongError(DataError):
    """A row that is not read to its end; where the next would begin is not known."""


class _BoundedLines:
    """The lines of a file, of which a row may have only so many, lest one fills the memory."""

    def __init__(self, lines: io.TextIOWrapper, name: str) -> None:
        self._lines = lines
        self._name = name
        self._number = self._size = 0

    def begin_row(self, number: int) -> None:
        """Note the line in which a row begins."""
        self._number = number
        self._size = 0

    def __iter__(self) -> _BoundedLines:
        return self

    def __next__(self) -> str:
        line = self._lines.readline(LONGEST_LINE + 1)
        if not line:
            raise StopIteration
        self._size += len(line)
        if self._size > LONGEST_LINE:
            reason = f"the row is longer than {LONGEST_LINE >> 20} MiB; the rest of the file is not read"
            raise _RowTooLongError(reason, self._name, self._number)
        return line


def _check_utf8(text: str) -> None:
    """Refuse what was decoded from bytes that are no UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        byte = ord(text[error.start]) & 0xFF
        raise DataError(f"byte 0x{byte:02x} is not UTF-8; save the file as CSV UTF-8") from None


def _check_encoding(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise DataError(
            f"holds a lone surrogate, {quote(text[error.start])}, which Parquet cannot store; "
            "--format jsonl can"
        ) from None
