"""Tagging on Apache Spark: a function for ``DataFrame.mapInPandas``, and the schema of what it returns.

>>> from conflictner.inference import spark
>>> reports = session.read.parquet("reports")  # doctest: +SKIP
>>> schema = spark.tagged_schema(reports.schema)  # doctest: +SKIP
>>> reports.mapInPandas(spark.tagging(), schema).write.parquet("tagged")  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..model.checkpoint import Checkpoint
from .bulk.columns import carried_names
from .bulk.errors import ColumnError
from .bulk.tables import found_columns
from .bulk.workers import Worker

if TYPE_CHECKING:
    import pandas
    from pyspark.sql.types import StructType

__all__ = ["tagged_schema", "tagging"]


def tagging(
    text_column: str = "text",
    *,
    model: str | Path | None = None,
    engine: str = "onnx",
    device: str = "cpu",
    threads: int = 1,
    verify: bool = True,
    thresholds: Mapping[str, float] | float | None = None,
    batch_tokens: int = 1024,
) -> Callable[[Iterable[pandas.DataFrame]], Iterator[pandas.DataFrame]]:
    """Return a function that tags the frames of a partition, with a model loaded once a Python worker.

    All columns are kept, those whose names are needed as ``input_...``; added are those of
    :func:`tag_corpus`. A row whose text is null has nulls in them.

    Args:
        text_column: The column with the texts.
        model: See :meth:`Tagger.load`, as for the next four; a path must lead to it on every machine.
        engine: What runs the network.
        device: Where it runs.
        threads: Processor threads of each worker; Spark starts one for every core it may use.
        verify: Whether the model's files are checked.
        thresholds: See :meth:`Tagger.predict`.
        batch_tokens: See :meth:`Tagger.predict_batch`.

    Raises:
        ColumnError: from the returned function, when a frame has no such column.
    """
    worker = Worker(
        None if model is None else str(model), engine, device, threads, verify, thresholds, batch_tokens
    )

    def tag(frames: Iterable[pandas.DataFrame]) -> Iterator[pandas.DataFrame]:
        for frame in frames:
            yield _tag(frame, text_column, worker)

    return tag


def tagged_schema(schema: StructType, model: str | Path | None = None) -> StructType:
    """Return the schema of a frame that was tagged.

    Args:
        schema: The schema of the frame before.
        model: The model whose event types are to be columns; ``None`` for the bundled one.

    Raises:
        CheckpointError: when the model cannot be opened.
    """
    from pyspark.sql import types

    text, number = types.StringType(), types.DoubleType()
    whole = types.IntegerType()
    span = types.StructType(
        [
            types.StructField("start", whole),
            types.StructField("end", whole),
            types.StructField("label", text),
            types.StructField("attribute", text),
            types.StructField("score", number),
            types.StructField("text", text),
        ]
    )
    names = carried_names(schema.names)
    fields = [types.StructField(names[f.name], f.dataType, f.nullable, f.metadata) for f in schema.fields]
    fields.append(types.StructField("spans", types.ArrayType(span)))
    events = Checkpoint.load(model).scheme.events
    if events:
        scores = types.StructType([types.StructField(name, number) for name in events])
        fields.append(types.StructField("events", types.ArrayType(text)))
        fields.append(types.StructField("event_scores", scores))
    fields.append(types.StructField("coverage", number))
    return types.StructType(fields)


def _tag(frame: pandas.DataFrame, text_column: str, worker: Worker) -> pandas.DataFrame:
    if text_column not in frame.columns:
        raise ColumnError(f"there is no column {text_column!r}; the columns are {', '.join(frame.columns)}")
    texts = [text if isinstance(text, str) else None for text in frame[text_column]]
    found = [
        None if prediction is None else found_columns(prediction) for prediction in worker.predict(texts)
    ]
    names = ["spans", *(["events", "event_scores"] if worker.tagger.scheme.events else []), "coverage"]
    added: dict[str, Any] = {name: [None if row is None else row[name] for row in found] for name in names}
    return frame.rename(columns=carried_names(frame.columns)).assign(**added)
