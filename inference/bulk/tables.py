"""Tables with what was found in their texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...model.labels import LabelScheme
from ..prediction import PredictedSpan, Prediction
from .columns import carried_names

if TYPE_CHECKING:
    import pyarrow

__all__ = ["add_predictions", "carried", "found_columns", "found_schema"]


def carried(table: pyarrow.Table) -> pyarrow.Table:
    """Return a table of the input with its columns under the names by which they are carried along."""
    return table.rename_columns(list(carried_names(table.schema.names).values()))


def found_columns(prediction: Prediction) -> dict[str, Any]:
    """Return what was found in a text, by column, in plain types; every object has all of its fields."""
    record = prediction.to_dict()
    return {
        "spans": [_span(span) for span in prediction.spans],
        "events": record["events"],
        "event_scores": record["event_scores"],
        "coverage": record["coverage"],
    }


def found_schema(scheme: LabelScheme) -> pyarrow.Schema:
    """Return the columns that :func:`add_predictions` adds; those of events only if the scheme has events."""
    import pyarrow

    span = pyarrow.struct(
        [
            ("start", pyarrow.int32()),
            ("end", pyarrow.int32()),
            ("label", pyarrow.string()),
            ("attribute", pyarrow.string()),
            ("score", pyarrow.float64()),
            ("text", pyarrow.string()),
        ]
    )
    columns = [("spans", pyarrow.list_(span))]
    if scheme.events:
        columns.append(("events", pyarrow.list_(pyarrow.string())))
        columns.append(
            ("event_scores", pyarrow.struct([(name, pyarrow.float64()) for name in scheme.events]))
        )
    columns.append(("coverage", pyarrow.float64()))
    return pyarrow.schema(columns)


def add_predictions(
    table: pyarrow.Table, predictions: Sequence[Prediction | None], scheme: LabelScheme
) -> pyarrow.Table:
    """Return a table with the columns of what was found.

    Args:
        table: What is carried along, under :func:`carried_names`.
        predictions: One a row; ``None`` where there is no text, which gives nulls.
        scheme: The model's label scheme.
    """
    import pyarrow

    found = [None if prediction is None else found_columns(prediction) for prediction in predictions]
    for field in found_schema(scheme):
        values = [None if row is None else row[field.name] for row in found]
        table = table.append_column(field, pyarrow.array(values, field.type))
    return table


def _span(span: PredictedSpan) -> dict[str, Any]:
    return {
        "start": span.start,
        "end": span.end,
        "label": span.label,
        "attribute": span.attribute,
        "score": None if span.score is None else round(span.score, 4),
        "text": span.text,
    }
