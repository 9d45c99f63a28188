"""Bulk tagging on many machines, with Ray Data, from Parquet to Parquet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...data.quotes import one_line, printable
from .arrow_rows import check_text_column
from .errors import BulkError
from .summary import Summary
from .tables import add_predictions, carried
from .workers import Worker

if TYPE_CHECKING:
    import pyarrow

__all__ = ["tag_on_ray"]

_BATCH_ROWS = 1024  # handed to a worker at once; inside it, batches are sized by their word pieces


def tag_on_ray(
    source: str | Path,
    output: str | Path,
    *,
    address: str | None = None,
    workers: int | None = None,
    text_column: str = "text",
    model: str | Path | None = None,
    device: str = "cpu",
    threads: int | None = None,
    verify: bool = True,
    thresholds: Mapping[str, float] | float | None = None,
    batch_tokens: int = 1024,
    note: Callable[[str], None] = lambda _: None,
) -> Summary:
    """Tag Parquet files on a Ray cluster, which starts work again that a lost worker had.

    The columns are those that :func:`tag_corpus` writes; a row without a text has nulls in those that are
    added. There is no manifest: a run that was stopped as a whole begins anew.

    Args:
        source: A Parquet file, or a folder of those, that all machines see under this path.
        output: A new or empty folder that they see likewise.
        address: The cluster, as ``ray.init`` takes it; ``None`` uses this process's, or starts one on this
            machine.
        workers: Processes that tag, each with a model of its own; ``None`` for as many as the cluster has
            room for.
        text_column: The column with the texts.
        model: See :meth:`Tagger.load`, as for the next three; the workers load it from this path.
        device: Where it runs; with ``"cuda"`` each worker takes a GPU.
        threads: Processor threads, and cores, of each worker; 1 if ``None``.
        verify: Whether the model's files are checked.
        thresholds: See :meth:`Tagger.predict`.
        batch_tokens: See :meth:`Tagger.predict_batch`.
        note: Takes remarks.

    Returns:
        What the folder holds.

    Raises:
        BulkError: when Ray is missing, the source cannot be read, the output is not empty, or the run fails.
        ColumnError: when the texts are not where they should be.
    """
    if find_spec("ray") is None:
        raise BulkError("--engine ray needs Ray: pip install 'conflictner[ray]'")
    folder = Path(output)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BulkError(f"{printable(str(folder))} is not an empty folder; give a new one")
    import ray

    worker = Worker(
        None if model is None else str(model), "onnx", device, threads or 1, verify, thresholds, batch_tokens
    )
    worker.predict([])  # what is wrong with the model or the thresholds is told here, not by a worker
    if not ray.is_initialized():
        local = {"include_dashboard": False} if address is None else {}
        ray.init(address=address, log_to_driver=False, logging_level="error", **local)
    try:
        dataset: Any = ray.data.read_parquet(str(source))
        check_text_column(dataset.schema().base_schema, text_column, printable(str(source)))
        cores = int(ray.cluster_resources().get("CPU", 1))
        note(f"tagging on {cores} cores")
        tagged = dataset.map_batches(
            _TableTagger,
            fn_constructor_args=(worker, text_column),
            batch_size=_BATCH_ROWS,
            batch_format="pyarrow",
            num_cpus=_cores_of_worker(worker.threads, cores),
            num_gpus=1 if device.startswith("cuda") else 0,
            concurrency=workers or (1, max(1, cores // worker.threads)),
        )
        tagged.write_parquet(str(folder))
        return _summary(folder, list(worker.tagger.scheme.table))
    except (ray.exceptions.RayError, OSError, ValueError) as error:
        raise BulkError(f"{printable(str(source))} could not be tagged on Ray: {one_line(error)}") from error


def _cores_of_worker(threads: int, cores: int) -> float:
    """Return how many cores a worker books.

    Workers keep theirs from beginning to end. They leave one of the cluster's for the tasks that read and
    write, or those would wait for ever; as they are light, all cores tag.
    """
    return floor(threads * (cores - 1) / cores * 1000) / 1000


class _TableTagger:
    """Tags tables; one lives in every worker process."""

    def __init__(self, worker: Worker, text_column: str) -> None:
        self._worker = worker
        self._text_column = text_column

    def __call__(self, table: pyarrow.Table) -> pyarrow.Table:
        predictions = self._worker.predict(table.column(self._text_column).to_pylist())
        return add_predictions(carried(table), predictions, self._worker.tagger.scheme)


def _summary(folder: Path, labels: Sequence[str]) -> Summary:
    """Count what was written."""
    import pyarrow.dataset
    from pyarrow import compute

    files = pyarrow.dataset.dataset(folder, format="parquet")
    spans = Counter(dict.fromkeys(labels, 0))
    documents, coverage, partial = 0, 0.0, 0
    for batch in files.to_batches(columns=["spans", "coverage"]):
        found = compute.struct_field(compute.list_flatten(batch.column("spans")), "label")
        for item in compute.value_counts(found).to_pylist():
            spans[item["values"]] += item["counts"]
        shares = batch.column("coverage").drop_null().to_pylist()
        documents += len(shares)
        coverage += sum(shares)
        partial += sum(share < 1 for share in shares)
    mean = coverage / documents if documents else 1.0
    return Summary(folder, documents, 0, None, len(files.files), dict(spans), mean, partial, documents)
