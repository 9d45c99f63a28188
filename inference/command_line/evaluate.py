"""``conflictner evaluate``: measure a model on annotated documents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .choices import EngineName, ModelOption, NoVerifyOption, OnError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table as RichTable

    from ...data.documents import Document
    from ..evaluation import Report
    from ..evaluation.familiarity import TrainingSurfaces
    from ..evaluation.tables import Table
    from ..prediction import Prediction
    from ..tagger import Tagger

__all__ = ["evaluate"]


def evaluate(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Annotated documents, JSONL or CoNLL.")],
    model: ModelOption = None,
    no_verify: NoVerifyOption = False,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder to write report.json, report.md, report.html, errors.jsonl and pictures into.",
            show_default=False,
        ),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="JSONL file to write the predictions to.", show_default=False),
    ] = None,
    train: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="What the model was trained on, to count errors by what it has seen.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON instead of tables.")
    ] = False,
    bootstrap: Annotated[
        int, typer.Option(metavar="N", min=0, help="Bootstrap draws for the 95 % intervals; 0 for none.")
    ] = 1000,
    engine: Annotated[
        EngineName, typer.Option(help="What runs the network; torch needs the train extra.")
    ] = EngineName.ONNX,
    device: Annotated[str, typer.Option(help="Where it runs: cpu, or cuda where the engine has it.")] = "cpu",
    threads: Annotated[
        int | None, typer.Option(min=1, help="Processor threads.", show_default="one per core")
    ] = None,
    on_error: Annotated[
        OnError, typer.Option(help="At a record that cannot be read: stop there, or report and skip it.")
    ] = OnError.RAISE,
) -> None:
    """Tag annotated documents and tell how well the tags agree with the annotation.

    Prints precision, recall and F1 of exact spans with intervals, boundaries, attributes, event types, both
    of seqeval's reports, calibration, and what was taken for what.
    """
    from rich.console import Console

    from ...data.jsonl import write_jsonl
    from ..evaluation import check_scheme, evaluate_predictions, write_report
    from ..evaluation.writer import prepare_folder
    from ..tagger import Tagger

    errors = Console(stderr=True)
    documents, skipped = _read(data, on_error, errors)
    training = None if train is None else _surfaces(train, on_error, errors)
    if report is not None:
        prepare_folder(report)  # before the long part, not after it
    tagger = Tagger.load(model, engine=engine.value, device=device, threads=threads, verify=not no_verify)
    check_scheme(documents, tagger.scheme, tagger.name)
    predicted: list[Prediction] = []
    stream = _predict(tagger, documents, errors)
    if predictions is None:
        predicted.extend(stream)
    else:
        write_jsonl(predictions, _kept(stream, documents, predicted))
    result = evaluate_predictions(
        documents,
        predicted,
        tagger.scheme,
        data=str(data),
        model=tagger.name,
        skipped=skipped,
        bootstrap=bootstrap,
        training=training,
    )
    if as_json:
        typer.echo(json.dumps(result.to_dict(), indent=2, allow_nan=False))
    else:
        _print(result, Console())
    if report is not None:
        written = write_report(result, report)
        _say(errors, f"wrote {', '.join(map(str, written.files))}")
        if written.notice:
            _say(errors, f"note: {written.notice}")


def _read(data: Path, on_error: OnError, errors: Console) -> tuple[list[Document], int]:
    """Read the documents; return them and the number of records that were skipped."""
    from ...data.errors import DataError
    from ...data.files import read_documents
    from ..evaluation import EvaluationError

    skipped = 0

    def skip(error: DataError) -> None:
        nonlocal skipped
        skipped += 1
        _say(errors, f"skipped: {error}")

    documents = list(read_documents(data, on_error=skip if on_error is OnError.SKIP else None))
    if not documents:
        what = f"all {skipped} records were skipped" if skipped else "the file has no documents"
        raise EvaluationError(
            f"{data}: {what}, so there is nothing to evaluate; give annotated JSONL or CoNLL"
        )
    return documents, skipped


def _surfaces(train: Path, on_error: OnError, errors: Console) -> TrainingSurfaces:
    """Read the training documents for what is marked in them."""
    from ...data.files import read_documents, require_documents
    from ..evaluation.familiarity import TrainingSurfaces

    skip = None if on_error is OnError.RAISE else lambda error: _say(errors, f"skipped: {error}")
    return TrainingSurfaces(require_documents(read_documents(train, on_error=skip), train))


def _predict(tagger: Tagger, documents: Sequence[Document], errors: Console) -> Iterator[Prediction]:
    """Yield the predictions, with a progress bar when standard error is a terminal."""
    predicted = tagger.predict_batch(document.text for document in documents)
    if not errors.is_terminal:
        yield from predicted
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("tagging"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=errors, transient=True) as progress:
        yield from progress.track(predicted, total=len(documents))


def _kept(
    stream: Iterable[Prediction], documents: Iterable[Document], predicted: list[Prediction]
) -> Iterator[Document]:
    """Yield predictions as documents with id and meta of the gold ones, and keep them in ``predicted``."""
    for document, prediction in zip(documents, stream, strict=True):
        predicted.append(prediction)
        yield prediction.document(document.id, document.meta)


def _print(report: Report, console: Console) -> None:
    """Print the tables: framed in a terminal, plain text elsewhere."""
    from ..evaluation.tables import plain_text, report_tables, summary

    for line in summary(report):
        _say(console, line)
    for table in report_tables(report):
        if console.is_terminal:
            console.print(f"\n{table.title}", style="bold", markup=False, highlight=False)
            console.print(_framed(table))
            console.print(table.note, style="dim", markup=False, highlight=False)
        else:
            typer.echo(f"\n{plain_text(table)}")


def _framed(table: Table) -> RichTable:
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    framed = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for index, column in enumerate(table.columns):
        framed.add_column(Text(column), justify="right" if index else "left")
    for row in table.rows:
        framed.add_row(*map(Text, row))
    return framed


def _say(console: Console, line: str) -> None:
    """Print a line as it stands: no markup, no highlighting, no line breaks."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)
