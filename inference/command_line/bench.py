"""``conflictner bench``: measure speed, start-up time and memory."""

from __future__ import annotations

from collections.abc import Iterator
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
    passages: Annotated[int, typer.Option(metavar="N", min=1, help="Number of passages.")] = 100,
    rounds: Annotated[
        int, typer.Option(metavar="N", min=1, help="Timed runs of each kind; the median counts.")
    ] = 3,
    longest: Annotated[
        int,
        typer.Option(
            metavar="KILOBYTES",
            min=10,
            max=1_000_000,
            help="Longest single text; 10000 takes half an hour.",
        ),
    ] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Measure how fast a model tags on the processor, with 1 and 2 threads, and what starting up needs.

    Where torch and transformers are installed, a transformers pipeline with the same weights in single
    precision is measured in the same run, at the batch size that suits it best of 1, 8 and 32; where spaCy
    is, its small convolutional tagger. Then come the stages of a prediction, the rate at which the machine
    multiplies, single texts of 50 to 800 words, and texts of 1 KB to the longest.
    """
    from ..benchmark import benchmark

    result = benchmark(
        model,
        _passages(data, passages),
        rounds=rounds,
        longest=1000 * longest,
        say=lambda line: typer.echo(line, err=True),
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
    for table in (_stages(result), _latencies(result)):
        if table.row_count:
            console.print(table)
    for line in (*_machine(result), *_growth(result), *_start_up(result)):
        console.print(Text(line), soft_wrap=True)


def _passages(data: Path | None, count: int) -> list[str]:
    from itertools import islice

    from ...data.files import read_documents
    from ..sample_texts import make_passages

    if data is not None:
        return [document.text for document in islice(read_documents(data), count)]
    with as_file(files("conflictner.data") / "samples" / "samples.jsonl") as samples:
        return make_passages([document.text for document in read_documents(samples)], count)


def _table(first: str, *columns: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(first)
    for name in columns:
        table.add_column(name, justify="right")
    return table


def _throughput(result: Benchmark) -> Table:
    table = _table("System", "Threads", "Documents/s", "Word pieces/s", "Ratio")

    def add(system: str, threads: int, seconds: float, ratio: str) -> None:
        speeds = (f"{count / seconds:,.1f}" for count in (result.documents, result.tokens))
        table.add_row(system, str(threads), *speeds, ratio)

    for run in result.runs:
        add("conflictner", run.threads, run.seconds, "" if run.ratio is None else f"{run.ratio:.2f}")
        if run.pipeline_seconds is not None:
            add(f"pipeline, batch {run.pipeline_batch}", run.threads, run.pipeline_seconds, "1.00")
        if run.spacy_seconds is not None:
            add("spaCy, convolutional", run.threads, run.spacy_seconds, "")
    return table


def _stages(result: Benchmark) -> Table:
    table = _table("Stage, 1 thread", "Word pieces/s", "Microseconds a piece")
    for stage in result.stages:
        if stage.seconds > 0:
            speed = stage.pieces / stage.seconds
            table.add_row(stage.name, f"{speed:,.0f}", f"{1e6 / speed:.2f}")
    return table


def _latencies(result: Benchmark) -> Table:
    table = _table("Single texts, ms", "Median", "95 %", "99 %")
    for item in result.latencies:
        table.add_row(f"{item.words} words", *(f"{1000 * seconds:.1f}" for seconds in item.seconds))
    return table


def _machine(result: Benchmark) -> Iterator[str]:
    if result.multiplications is not None:
        every, whole = result.multiplications
        yield f"multiplications of the network: {every / 1e6:.2f} million a piece, {whole:.0%} of them int8"
    for rate in result.rates:
        share = result.share(rate)
        yield (
            f"matrix products, threads {rate.threads}: int8 {rate.int8 / 1e9:.1f}, "
            f"fp32 {rate.fp32 / 1e9:.1f} billion multiplications/s"
            + ("" if share is None else f"; tagging reaches {share:.0%} of that")
        )


def _growth(result: Benchmark) -> Iterator[str]:
    if result.growth is not None:
        pairs = zip(result.growth.bytes, result.growth.seconds, strict=True)
        yield "one text: " + ", ".join(f"{size // 1000} KB {seconds:.3f} s" for size, seconds in pairs)
        yield f"time grows as length to the power {result.growth.exponent:.3f} (R2 {result.growth.fit:.4f})"
    if result.longest_peak is not None:
        yield f"peak memory of a process with the longest: {result.longest_peak / 2**20:.0f} MiB"


def _start_up(result: Benchmark) -> list[str]:
    peak = result.start_up.peak_memory
    return [
        f"import in a new process: {result.start_up.import_seconds:.2f} s",
        f"first prediction in a new process: {result.start_up.first_prediction_seconds:.2f} s",
        f"peak memory over all passages: {'not measured' if peak is None else f'{peak / 2**20:.0f} MiB'}",
        *result.notes,
        ", ".join(f"{name} {version}" for name, version in result.versions.items()),
    ]
