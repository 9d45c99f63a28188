"""Shards: files of some thousand documents each, which appear whole or not at all."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from ...data.jsonl import to_json
from ...model.labels import LabelScheme
from ..prediction import Prediction
from .columns import ColumnType, carried_names, carried_table, infer_columns
from .errors import need_arrow
from .plain_values import plain
from .records import Record
from .source import InputKind
from .tables import add_predictions, carried, found_columns

if TYPE_CHECKING:
    import pyarrow

    from .arrow_rows import ArrowRow

__all__ = [
    "Encoder",
    "JsonEncoder",
    "OutputForm",
    "ParquetEncoder",
    "Tagged",
    "open_encoder",
    "sync_folder",
    "write_shard",
]

#: A record and what was found in it.
Tagged = tuple[Record, Prediction]


class OutputForm(StrEnum):
    """How shards are written."""

    PARQUET = "parquet"
    JSONL = "jsonl"


class Encoder(Protocol):
    """Turns documents into the bytes of a shard.

    Attributes:
        columns: The types of the columns that are carried along, once they are known; else ``None``.
    """

    columns: Mapping[str, ColumnType] | None

    def encode(self, tagged: Sequence[Tagged]) -> bytes:
        """Return a whole file; there is at least one document."""


def open_encoder(
    form: OutputForm,
    kind: InputKind,
    text_column: str,
    scheme: LabelScheme,
    columns: Mapping[str, ColumnType] | None,
) -> Encoder:
    """Return what encodes shards.

    Args:
        form: What to write.
        kind: What is read.
        text_column: The column with the texts.
        scheme: The model's label scheme.
        columns: The columns of the run's earlier shards, if there are any.

    Raises:
        BulkError: when pyarrow is needed and not installed.
    """
    if form is OutputForm.JSONL:
        return JsonEncoder()
    return ParquetEncoder(text_column, scheme, columns, is_open=kind is InputKind.JSONL)


class JsonEncoder:
    """Encodes JSON Lines; values that JSON has no form for become strings, and NaN becomes null."""

    columns: Mapping[str, ColumnType] | None = None

    def encode(self, tagged: Sequence[Tagged]) -> bytes:
        """See :class:`Encoder`."""
        lines = (self._line(record, prediction) for record, prediction in tagged)
        return "".join(lines).encode("utf-8")

    def _line(self, record: Record, prediction: Prediction) -> str:
        names = carried_names(record.fields)
        own = {names[name]: plain(value) for name, value in record.fields.items()}
        return to_json({**own, **found_columns(prediction)}) + "\n"


class ParquetEncoder:
    """Encodes Parquet; the columns are those of the first shard.

    Args:
        text_column: The column with the texts.
        scheme: The model's label scheme.
        columns: The columns of the run's earlier shards; ``None`` takes them from the first one encoded.
        is_open: Whether later records may have other fields, which go into a column of their own.
    """

    def __init__(
        self,
        text_column: str,
        scheme: LabelScheme,
        columns: Mapping[str, ColumnType] | None,
        *,
        is_open: bool,
    ) -> None:
        need_arrow("Parquet output")
        self.columns = columns
        self._text_column = text_column
        self._scheme = scheme
        self._is_open = is_open

    def encode(self, tagged: Sequence[Tagged]) -> bytes:
        """See :class:`Encoder`."""
        import pyarrow.parquet

        from .arrow_rows import ArrowRow

        rows = [record.fields for record, _ in tagged]
        if isinstance(rows[0], ArrowRow):
            table = carried(_joined(cast("list[ArrowRow]", rows)))
        else:
            if self.columns is None:
                self.columns = infer_columns(rows, self._text_column)
            table = carried_table(rows, self.columns, with_others=self._is_open)
        table = add_predictions(table, [prediction for _, prediction in tagged], self._scheme)
        stream = io.BytesIO()
        pyarrow.parquet.write_table(table, stream, compression="zstd")
        return stream.getvalue()


def write_shard(path: Path, content: bytes) -> None:
    """Write a file that appears whole, and is on the disk, when this returns; what is left of one is removed.

    Raises:
        OSError: when it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last through a loss of power, where the system can."""
    with contextlib.suppress(OSError):  # Windows opens no folders
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _joined(rows: Sequence[ArrowRow]) -> pyarrow.Table:
    """Return rows of several batches as one table, in order."""
    import pyarrow

    pieces = []
    for _, group in groupby(rows, key=lambda row: id(row.batch)):
        some = list(group)
        pieces.append(some[0].batch.take(pyarrow.array([row.index for row in some])))
    return pyarrow.Table.from_batches(pieces)
