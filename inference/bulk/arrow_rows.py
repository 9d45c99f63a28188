"""Rows of Parquet files, carried along as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...data.errors import DataError
from ...data.quotes import one_line, printable, quote
from .errors import ColumnError, need_arrow
from .records import Item, Record
from .source import SourceFile

if TYPE_CHECKING:
    import pyarrow

__all__ = ["ArrowRow", "ParquetReader", "check_text_column"]

_BATCH = 1024  # rows


class ArrowRow(Mapping[str, Any]):
    """A row of a batch of columns; converted to Python's types only where that is asked for.

    Attributes:
        batch: The columns.
        index: The row in them, from 0.
    """

    __slots__ = ("batch", "index")

    def __init__(self, batch: pyarrow.RecordBatch, index: int) -> None:
        self.batch = batch
        self.index = index

    def __getitem__(self, name: str) -> Any:
        return _python(self.batch.column(name)[self.index])

    def __iter__(self) -> Iterator[str]:
        return iter(self.batch.schema.names)

    def __len__(self) -> int:
        return int(self.batch.num_columns)


class ParquetReader:
    """Reads Parquet files of one schema, some rows at a time.

    Raises:
        BulkError: when pyarrow is not installed.
    """

    def __init__(self, text_column: str) -> None:
        need_arrow("Parquet input")
        self.text_column = text_column
        self._schema: pyarrow.Schema | None = None

    def read(self, file: SourceFile) -> Iterator[Item]:
        """See :class:`Reader`."""
        import pyarrow
        import pyarrow.parquet

        try:
            with pyarrow.parquet.ParquetFile(file.path) as opened:
                self._check_schema(opened.schema_arrow, file)
                rows, total = 0, opened.metadata.num_rows
                for batch in opened.iter_batches(_BATCH):
                    position = file.before + file.size * (rows + batch.num_rows) // max(total, 1)
                    yield from self._items(batch, file.name, rows, position)
                    rows += batch.num_rows
        except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:  # the last of names
            raise DataError(
                f"is no Parquet file, or damaged or cut short ({one_line(error)}); copy or write it again",
                file.name,
            ) from error

    def _items(
        self, batch: pyarrow.RecordBatch, name: str, rows_before: int, position: int
    ) -> Iterator[Item]:
        size = batch.nbytes // max(batch.num_rows, 1)
        for index, text in enumerate(_texts(batch.column(self.text_column))):
            if isinstance(text, str):
                yield Record(text, ArrowRow(batch, index), position, max(size, len(text)))
            else:
                reason = f"{quote(self.text_column)} is {'null' if text is None else 'not UTF-8'}"
                yield DataError(reason, name, rows_before + index + 1)

    def _check_schema(self, schema: pyarrow.Schema, file: SourceFile) -> None:
        check_text_column(schema, self.text_column, file.name)
        if self._schema is not None and not schema.equals(self._schema):
            differing = _columns(schema) ^ _columns(self._schema) or {"their order"}
            raise ColumnError(
                f"{file.name}: has other columns than the files before it, namely "
                f"{printable(', '.join(sorted(differing)))}; tag it in a run of its own"
            )
        self._schema = schema


def check_text_column(schema: pyarrow.Schema, text_column: str, place: str | Path) -> None:
    """Make sure that a table has its texts where they should be.

    Raises:
        ColumnError: naming the columns there are.
    """
    names = list(schema.names)
    textual = [field.name for field in schema if _is_text(field.type)]
    hint = f"columns of text are {', '.join(map(quote, textual)) or 'none'}; name one by --text-column"
    if text_column not in names:
        raise ColumnError(
            f"{place}: there is no column {quote(text_column)}; the columns are "
            f"{', '.join(map(quote, names))}; {hint}"
        )
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise ColumnError(f"{place}: the column {quote(twice[0])} is there more than once")
    if text_column not in textual:
        kind = schema.field(text_column).type
        raise ColumnError(f"{place}: the column {quote(text_column)} holds {kind}, not text; {hint}")


def _columns(schema: pyarrow.Schema) -> set[str]:
    return {f"{field.name}: {field.type}" for field in schema}


def _is_text(kind: Any) -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        kind = kind.value_type
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _texts(column: Any) -> Iterator[str | bytes | None]:
    """Yield the texts of a column; those that are no UTF-8 as ``b""``."""
    try:
        yield from column.to_pylist()
        return
    except UnicodeDecodeError:
        pass
    for value in column:
        try:
            yield value.as_py()
        except UnicodeDecodeError:
            yield b""


def _python(value: Any) -> Any:
    """Return a value in Python's types, or as it is written where they are too narrow or it is no UTF-8."""
    import pyarrow

    try:
        return value.as_py()
    except (ValueError, OverflowError):  # nanoseconds, years after 9999, text that is no UTF-8
        pass
    if isinstance(value, pyarrow.StructScalar):
        return {name: _python(item) for name, item in value.items()}
    if isinstance(value, (pyarrow.ListScalar, pyarrow.LargeListScalar, pyarrow.FixedSizeListScalar)):
        return [_python(item) for item in value.values]
    if isinstance(value, pyarrow.StringScalar):
        return value.as_buffer().to_pybytes().decode("utf-8", "replace")
    return value.cast(pyarrow.string()).as_py()
