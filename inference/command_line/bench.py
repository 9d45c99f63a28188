"""``conflictner bench``: measure speed, start-up time and memory."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .choices import ModelOption

if TYPE_CHECKING:
    from rich.table import Table

    from ..benchmark import Benchmark

__all__ = ["bench"]


def bench(
    model: ModelOption = None,
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="JSONL or CoNLL file whose first texts are the passages; if not given, they are made of the "
            "sample documents, 10 to 400 words long.",
        ),
    ] = None,
    passages: Annotated[int, typer.Option(metavar="N", min=1, help="Number of passages.")] = 300,
    rounds: Annotated[
        int, typer.Option(metavar="N", min=1, help="Timed runs of each kind; the median counts.")
    ] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Measure how fast a model tags on the processor, with 1 and 2 threads, and what starting up needs.

    Where torch and transformers are installed, a transformers pipeline with the same weights in single
    precision is measured in the same run, at the batch size that suits it best of 1, 8 and 32.
    """
    from ..benchmark import benchmark

    result = benchmark(
        model, _passages(data, passages), rounds=rounds, say=lambda line: typer.echo(line, err=True)
    )
    if as_json:
        from ...data.jsonl import to_json

        typer.echo(to_json(result.to_dict(), indent=2))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console()
    heading = (
        f"{result.model}: {result.documents} passages, {result.words} words, {result.tokens} word pieces"
    )
    console.print(Text(heading), soft_wrap=True)
    console.print(_throughput(result))
    for line in _start_up(result):
        console.print(Text(line), soft_wrap=True)


def _passages(data: Path | None, count: int) -> list[str]:
    from itertools import islice

    from ...data.files import read_documents
    from ..benchmark import make_passages

    if data is not None:
        return [document.text for document in islice(read_documents(data), count)]
    with as_file(files("conflictner.data") / "samples" / "samples.jsonl") as samples:
        return make_passages([document.text for document in read_documents(samples)], count)


def _throughput(result: Benchmark) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("System")
    for name in ("Threads", "Documents/s", "Word pieces/s", "Ratio"):
        table.add_column(name, justify="right")

    def add(system: str, threads: int, seconds: float, ratio: str) -> None:
        speeds = (f"{count / seconds:,.1f}" for count in (result.documents, result.tokens))
        table.add_row(system, str(threads), *speeds, ratio)

    for run in result.runs:
        add("conflictner", run.threads, run.seconds, "" if run.ratio is None else f"{run.ratio:.2f}")
        if run.pipeline_seconds is not None:
            add(f"pipeline, batch {run.pipeline_batch}", run.threads, run.pipeline_seconds, "1.00")
    return table


def _start_up(result: Benchmark) -> list[str]:
    peak = result.start_up.peak_memory
    return [
        f"import in a new process: {result.start_up.import_seconds:.2f} s",
        f"first prediction in a new process: {result.start_up.first_prediction_seconds:.2f} s",
        f"peak memory over all passages: {'not measured' if peak is None else f'{peak / 2**20:.0f} MiB'}",
        *([result.note] if result.note else []),
        ", ".join(f"{name} {version}" for name, version in result.versions.items()),
    ]
