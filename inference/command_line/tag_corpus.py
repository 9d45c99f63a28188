"""``conflictner tag-corpus``: tag a whole corpus into a folder, and survive interruptions."""

from __future__ import annotations

import contextlib
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...data.errors import ConflictnerError
from ...data.quotes import printable
from ..bulk import InputKind, OutputForm
from ..thresholds import read_thresholds
from .choices import (
    BatchTokensOption,
    DeviceOption,
    ModelOption,
    NoVerifyOption,
    OnError,
    TextColumnOption,
    ThreadsOption,
    ThresholdFileOption,
    ThresholdOption,
)
from .extras import say
from .progress import Progress
from .tag import merge_thresholds, parse_thresholds

if TYPE_CHECKING:
    from ..bulk import Summary

__all__ = ["BulkEngine", "tag_corpus"]


class BulkEngine(StrEnum):
    """What runs the network, and on how many machines."""

    ONNX = "onnx"
    TORCH = "torch"
    RAY = "ray"


def tag_corpus(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="IN",
            help="A file (.jsonl, .csv, .tsv, .parquet; also .gz, .zst), a folder of those or of .txt files, "
            "or - for JSONL on the standard input.",
        ),
    ],
    output: Annotated[
        Path, typer.Argument(metavar="OUT", help="Folder for the shards; one of an interrupted run goes on.")
    ],
    text_column: TextColumnOption = "text",
    input_format: Annotated[
        InputKind | None, typer.Option(help="How IN is read; by the endings of its files if not given.")
    ] = None,
    output_format: Annotated[
        OutputForm, typer.Option("--format", "-f", help="What to write; parquet needs the bulk extra.")
    ] = OutputForm.PARQUET,
    model: ModelOption = None,
    no_verify: NoVerifyOption = False,
    threshold: ThresholdOption = None,
    threshold_file: ThresholdFileOption = None,
    engine: Annotated[
        BulkEngine,
        typer.Option(
            help="What runs the network; torch needs the train extra; ray runs onnx on a cluster, from "
            "Parquet to Parquet, and needs the ray extra."
        ),
    ] = BulkEngine.ONNX,
    address: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="With --engine ray: the cluster, auto for the one of this machine."
        ),
    ] = None,
    device: DeviceOption = "cpu",
    threads: ThreadsOption = None,
    batch_tokens: BatchTokensOption = 1024,
    shard_documents: Annotated[
        int, typer.Option(metavar="N", min=1, help="Most documents in a shard; an interruption loses one.")
    ] = 10_000,
    on_error: Annotated[
        OnError,
        typer.Option(help="At a record that cannot be read: stop there, or note it in OUT/_rejects.jsonl."),
    ] = OnError.RAISE,
) -> None:
    """Tag a corpus of any size into a folder of Parquet or JSONL shards.

    The columns of the input are carried along; spans, event types and their scores, and the share of the text
    that was read are added. Interrupted at any moment, the same command goes on and ends with each document
    exactly once.
    """
    from ...model.checkpoint import Checkpoint
    from .. import bulk

    given = parse_thresholds(
        threshold or [], None if threshold_file is None else read_thresholds(threshold_file)
    )
    labels = Checkpoint.load(model, not no_verify).scheme.table if None in given else ()
    settings: dict[str, Any] = {
        "text_column": text_column,
        "model": model,
        "device": device,
        "threads": threads,
        "verify": not no_verify,
        "thresholds": merge_thresholds(given, labels),
        "batch_tokens": batch_tokens,
    }
    if engine is BulkEngine.RAY:
        _refuse_for_ray(input_format, output_format, on_error)
        from ..bulk.cluster import tag_on_ray

        _print(tag_on_ray(source, output, address=address, note=_note, **settings))
        return
    if address is not None:
        raise ConflictnerError("--address is for --engine ray")
    with contextlib.ExitStack() as stack:
        bar: Progress | None = None

        def watch(position: int, size: int | None, documents: int, earlier: int) -> None:
            nonlocal bar
            if bar is None:
                bar = stack.enter_context(Progress(size, hidden=False, begin=position))
            bar.show(position, documents, earlier)

        summary = bulk.tag_corpus(
            source,
            output,
            input_kind=input_format,
            output_form=output_format,
            engine=engine.value,
            shard_documents=shard_documents,
            skip=on_error is OnError.SKIP,
            note=_note,
            watch=watch,
            **settings,
        )
    _print(summary)


def _refuse_for_ray(input_format: InputKind | None, output_format: OutputForm, on_error: OnError) -> None:
    if input_format not in (None, InputKind.PARQUET) or output_format is not OutputForm.PARQUET:
        raise ConflictnerError("--engine ray reads and writes Parquet alone")
    if on_error is OnError.SKIP:
        raise ConflictnerError(
            "--engine ray rejects nothing: a row without a text is carried along with nulls; leave out "
            "--on-error"
        )


def _print(summary: Summary) -> None:
    """Print what the folder holds now."""
    shards = _counted(summary.shards, "shard")
    typer.echo(f"{printable(str(summary.folder))}: {_counted(summary.documents, 'document')} in {shards}")
    width = max(len(f"{count:,}") for count in (*summary.spans.values(), 0))
    for label, count in summary.spans.items():
        typer.echo(f"  {label:10} {count:{width},} spans")
    where = f", see {printable(str(summary.rejects))}" if summary.rejects is not None else ""
    typer.echo(f"  rejected   {summary.rejected:{width},}{where}")
    shown = int(summary.coverage * 10_000) / 100  # rounded down, so that 100 is all
    typer.echo(f"  coverage   {shown:g} %, {summary.partial:,} not read in full")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


def _note(remark: str) -> None:
    say(f"note: {remark}")
