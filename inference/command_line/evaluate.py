"""``conflictner evaluate``: measure a model on annotated documents."""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...data.errors import ConflictnerError
from ...data.output import open_output
from ..thresholds import keep_certain, read_thresholds
from .choices import (
    DeviceOption,
    EngineOption,
    NoVerifyOption,
    OnError,
    ThreadsOption,
    ThresholdFileOption,
)
from .gold import GoldArgument, read_gold, say
from .systems import System, open_system, watched
from .tables import print_tables

if TYPE_CHECKING:
    from rich.console import Console

    from ...data.documents import Document
    from ..evaluation import Report
    from ..evaluation.familiarity import TrainingSurfaces
    from ..evaluation.robustness import SliceScore
    from ..prediction import Prediction

__all__ = ["evaluate"]


def evaluate(
    data: GoldArgument,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            "-m",
            metavar="FOLDER",
            help="Checkpoint folder or hub id, or a JSONL file of predictions; the bundled model if not "
            "given.",
        ),
    ] = None,
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
    threshold_file: ThresholdFileOption = None,
    write_thresholds: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="File to write the thresholds to that give the best F1 on DATA, which should be dev data.",
            show_default=False,
        ),
    ] = None,
    slices: Annotated[
        bool,
        typer.Option(
            "--slices",
            help="Score the same documents in upper case, in lower case, without punctuation, misread by a "
            "scanner, with rare names, with numbers in words and joined to long texts, too.",
        ),
    ] = False,
    engine: EngineOption = None,
    device: DeviceOption = "cpu",
    threads: ThreadsOption = None,
    on_error: Annotated[
        OnError, typer.Option(help="At a record that cannot be read: stop there, or report and skip it.")
    ] = OnError.RAISE,
) -> None:
    """Tag annotated documents and tell how well the tags agree with the annotation.

    Prints precision, recall and F1 of exact spans with intervals, scores by what must be right, attributes,
    event types, both of seqeval's reports, calibration, thresholds, and what was taken for what.
    """
    from rich.console import Console

    from ..evaluation import check_scheme, evaluate_predictions, write_report
    from ..evaluation.tables import report_tables, summary
    from ..evaluation.writer import prepare_folder

    errors = Console(stderr=True)
    documents, skipped = read_gold(data, on_error, errors)
    training = None if train is None else _surfaces(train, on_error, errors)
    given = None if threshold_file is None else read_thresholds(threshold_file)
    if report is not None:
        prepare_folder(report)  # before the long part, not after it
    system = open_system(
        model, documents, skipped, engine=engine, device=device, threads=threads, verify=not no_verify
    )
    if slices and not system.reads:
        raise ConflictnerError(f"--slices needs a model that reads the changed texts; {model} is a file")
    if given is not None and given.model not in (None, system.name):
        say(errors, f"note: the thresholds of {threshold_file} were chosen for {given.model}")
    least = system.least_scores(None if given is None else given.of(system.scheme.table))
    check_scheme(documents, system.scheme, system.name)
    if report is not None:
        _import_early("matplotlib.figure")
    with contextlib.ExitStack() as stack:
        stack.enter_context(_rare_collections())
        chosen = write_thresholds and stack.enter_context(open_output(write_thresholds))
        predicted = _predict(system, documents, least, predictions, errors)
        result = evaluate_predictions(
            documents,
            predicted,
            system.scheme,
            data=str(data),
            model=system.name,
            skipped=skipped,
            bootstrap=bootstrap,
            thresholds=least,
            training=training,
        )
        if slices:
            result = replace(result, slices=_slices(system, documents, predicted, least, result, errors))
        if report is not None:  # before the thresholds, of which there may be none, and a pipe that closes
            written = write_report(result, report)
            say(errors, f"wrote {', '.join(map(str, written.files))}")
            if written.notice:
                say(errors, f"note: {written.notice}")
        if chosen:
            chosen.write(result.curves.thresholds(system.name, str(data)).to_json())
    if as_json:
        typer.echo(json.dumps(result.to_dict(), indent=2, allow_nan=False))
    else:
        print_tables(summary(result), report_tables(result), Console())


@contextlib.contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for unused objects in cycles rarely: what an evaluation makes is in none, and most of it stays."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _import_early(name: str) -> None:
    """Import a library of the report while the network, which comes first, is at work."""

    def load() -> None:
        with contextlib.suppress(Exception):  # told when the report needs it
            importlib.import_module(name)

    threading.Thread(target=load, daemon=True).start()


def _predict(
    system: System,
    documents: Sequence[Document],
    least: Mapping[str, float],
    path: Path | None,
    errors: Console,
) -> list[Prediction]:
    """Return every span of the documents; write those over the thresholds to a file, if there is one."""
    from ...data.jsonl import write_jsonl

    predicted: list[Prediction] = []

    def kept() -> Iterator[Document]:
        stream = watched(system.predict(documents), len(documents), errors)
        for document, prediction in zip(documents, stream, strict=True):
            predicted.append(prediction)
            yield keep_certain(prediction, least).document(document.id, document.meta)

    if path is None:
        predicted.extend(watched(system.predict(documents), len(documents), errors))
    else:
        write_jsonl(path, kept())
    return predicted


def _slices(
    system: System,
    documents: Sequence[Document],
    predicted: Sequence[Prediction],
    least: Mapping[str, float],
    report: Report,
    errors: Console,
) -> tuple[SliceScore, ...]:
    """Score the changed documents, with the same thresholds."""
    from ..evaluation.robustness import score_slices

    def certain(predictions: Iterable[Prediction]) -> Iterator[Prediction]:
        return (keep_certain(prediction, least) for prediction in predictions)

    def predict(name: str, changed: Sequence[Document]) -> Iterator[Prediction]:
        return certain(watched(system.predict(changed), len(changed), errors, f"tagging, {name}"))

    return score_slices(documents, certain(predicted), predict, system.scheme, report.bootstrap)


def _surfaces(train: Path, on_error: OnError, errors: Console) -> TrainingSurfaces:
    """Read the training documents for what is marked in them."""
    from ...data.files import read_documents, require_documents
    from ..evaluation.familiarity import TrainingSurfaces

    skip = None if on_error is OnError.RAISE else lambda error: say(errors, f"skipped: {error}")
    return TrainingSurfaces(require_documents(read_documents(train, on_error=skip), train))
