"""Columns that a run carries along from its input, under names that its own columns leave free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ...data.jsonl import to_json

if TYPE_CHECKING:
    import pyarrow

__all__ = ["ADDED", "OTHER_FIELDS", "ColumnType", "carried_names", "carried_table", "infer_columns"]

#: The column for fields that fit no column, as a JSON object.
OTHER_FIELDS = "other_fields"

#: The columns that a run adds.
ADDED = ("spans", "events", "event_scores", "coverage", OTHER_FIELDS)

_PREFIX = "input_"
_LARGEST_INTEGER = 2**63 - 1
_EXACT = 2**53  # whole numbers up to here are exact as floating-point numbers


class ColumnType(StrEnum):
    """What the fields of one name are stored as."""

    STRING = "string"
    INTEGER = "int64"
    NUMBER = "double"
    BOOLEAN = "bool"
    JSON = "json"


def carried_names(names: Iterable[str]) -> dict[str, str]:
    """Return under which name each column is carried along: its own, or with ``input_`` before it.

    >>> carried_names(["id", "text", "spans"])
    {'id': 'id', 'text': 'text', 'spans': 'input_spans'}
    """
    own = list(names)
    taken = {*own, *ADDED}
    carried = {}
    for name in own:
        carried[name] = name
        while carried[name] in ADDED or (carried[name] != name and carried[name] in taken):
            carried[name] = _PREFIX + carried[name]
    return carried


def infer_columns(records: Iterable[Mapping[str, Any]], text_column: str) -> dict[str, ColumnType]:
    """Find a type for every field that occurs.

    Fields of lists, objects or of different types, and those that are always null, are stored as JSON text.

    Args:
        records: Objects of JSON.
        text_column: The field that is always text.
    """
    seen: dict[str, set[ColumnType]] = {}
    for record in records:
        for name, value in record.items():
            seen.setdefault(name, set()).update([] if value is None else [_type_of(value)])
    return {name: ColumnType.STRING if name == text_column else _joined(seen[name]) for name in seen}


def carried_table(
    records: Sequence[Mapping[str, Any]], columns: Mapping[str, ColumnType], *, with_others: bool
) -> pyarrow.Table:
    """Return the records as a table; a value that does not fit its column goes into ``other_fields``.

    Args:
        records: Objects of JSON.
        columns: The columns and their types.
        with_others: Whether there is a column ``other_fields``.
    """
    import pyarrow

    others: list[dict[str, Any]] = [
        {name: value for name, value in record.items() if not _fits(value, columns.get(name))}
        for record in records
    ]
    arrays, fields = [], []
    for (name, kind), carried in zip(columns.items(), carried_names(columns).values(), strict=True):
        values = [
            None if name in other else _stored(record.get(name), kind)
            for record, other in zip(records, others, strict=True)
        ]
        arrow_type = pyarrow.type_for_alias("string" if kind is ColumnType.JSON else kind.value)
        arrays.append(pyarrow.array(values, arrow_type))
        fields.append(pyarrow.field(carried, arrow_type))
    if with_others:
        arrays.append(pyarrow.array([to_json(other) if other else None for other in others], "string"))
        fields.append(pyarrow.field(OTHER_FIELDS, pyarrow.string()))
    assert with_others or not any(others), "a table of fixed columns has a field that is none of them"
    return pyarrow.table(arrays, schema=pyarrow.schema(fields))


def _type_of(value: Any) -> ColumnType:
    if isinstance(value, str):
        return ColumnType.STRING
    if isinstance(value, bool):
        return ColumnType.BOOLEAN
    if isinstance(value, float):
        return ColumnType.NUMBER
    if isinstance(value, int) and -_LARGEST_INTEGER <= value <= _LARGEST_INTEGER:
        return ColumnType.INTEGER
    return ColumnType.JSON


def _joined(types: set[ColumnType]) -> ColumnType:
    if types == {ColumnType.INTEGER, ColumnType.NUMBER}:
        return ColumnType.NUMBER
    return types.copy().pop() if len(types) == 1 else ColumnType.JSON


def _fits(value: Any, kind: ColumnType | None) -> bool:
    if kind is None:
        return False
    if value is None or kind is ColumnType.JSON:
        return True
    its = _type_of(value)
    if kind is ColumnType.NUMBER and its is ColumnType.INTEGER:
        return bool(abs(value) <= _EXACT)
    return its is kind


def _stored(value: Any, kind: ColumnType) -> Any:
    return to_json(value) if kind is ColumnType.JSON and value is not None else value
