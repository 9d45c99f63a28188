"""``conflictner tag``: find the spans of files, or of what is piped in."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...data.documents import Document
from ...data.errors import ConflictnerError
from ..bulk.source import InputKind
from ..thresholds import Thresholds, read_thresholds
from .choices import (
    BatchTokensOption,
    DeviceOption,
    EngineOption,
    ModelOption,
    NoVerifyOption,
    OnError,
    TextColumnOption,
    ThreadsOption,
    ThresholdFileOption,
    ThresholdOption,
)
from .formats import OutputFormat, Setting, Tagged, write_results
from .progress import Progress
from .sources import Sources
from .streams import open_results

if TYPE_CHECKING:
    from ..prediction import Prediction
    from ..tagger import Tagger

__all__ = ["merge_thresholds", "parse_thresholds", "tag", "tag_documents"]


def tag(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="Files or folders; - is the standard input.")
    ] = None,
    output_format: Annotated[
        OutputFormat, typer.Option("--format", "-f", help="What to write; see above.")
    ] = OutputFormat.PRETTY,
    input_format: Annotated[
        InputKind | None,
        typer.Option(
            help="How FILE is read: text, one text a file; jsonl, an object with the text a line; csv or "
            "parquet, a text a row. By its ending if not given, and as text where that is not known."
        ),
    ] = None,
    text_column: TextColumnOption = "text",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="File to write, put in place when all is done; standard output if not given.",
        ),
    ] = None,
    model: ModelOption = None,
    no_verify: NoVerifyOption = False,
    threshold: ThresholdOption = None,
    threshold_file: ThresholdFileOption = None,
    engine: EngineOption = None,
    device: DeviceOption = "cpu",
    threads: ThreadsOption = None,
    batch_tokens: BatchTokensOption = 1024,
    on_error: Annotated[
        OnError,
        typer.Option(help="At a line or file that cannot be read: stop there, or report and skip it."),
    ] = OnError.RAISE,
) -> None:
    """Tag texts with actors, weapons, locations and casualty figures.

    Without FILE, what is piped in is tagged. Formats: pretty, for reading; json, all that was found, one
    object for one text file and else an array; jsonl, one document a line, which also serves as data to train
    and evaluate on; conll, one word a line with its tag; html, a page to open in a browser or print.
    """
    paths = files or [Path("-")]
    if not files and sys.stdin.isatty():
        raise ConflictnerError("no FILE given and nothing piped in; type: conflictner tag FILE")
    if sum(str(path) == "-" for path in paths) > 1:
        raise ConflictnerError("- stands for the standard input and can be given only once")
    given = None if threshold_file is None else read_thresholds(threshold_file)
    thresholds = parse_thresholds(threshold or [], given)
    sources = Sources(paths, input_format, text_column, _report if on_error is OnError.SKIP else None, _note)

    from ..tagger import Tagger

    tagger = Tagger.load(model, engine=engine, device=device, threads=threads, verify=not no_verify)
    if given is not None and given.model not in (None, tagger.name):
        _note(f"the thresholds of {threshold_file} were chosen for {given.model}")
    counts = _Counts()
    single = sources.is_one_text()
    setting = Setting(tagger.scheme, tagger.name, single, to_file=output is not None and str(output) != "-")
    tagged = tag_documents(tagger, sources, batch_tokens, merge_thresholds(thresholds, tagger.scheme.table))
    with (
        Progress(sources.size, hidden=not setting.to_file and sys.stdout.isatty()) as progress,
        open_results(output) as out,
    ):
        watched = progress.watch(tagged, lambda: sources.position)
        write_results(out, output_format, counts.watch(watched), setting)
        if sources.failure is not None:
            raise sources.failure
    if not single or output_format is not OutputFormat.PRETTY or sources.skipped:
        typer.echo(counts.summary(sources.skipped), err=True)


def tag_documents(
    tagger: Tagger, documents: Iterable[Document], batch_tokens: int, thresholds: dict[str, float] | None
) -> Iterator[Tagged]:
    """Tag documents lazily, in order; only those of the batches at work are held.

    Args:
        tagger: Any tagger.
        documents: Read as they are needed.
        batch_tokens: Most word pieces in one run of the network.
        thresholds: Least score of a span by label, in [0, 1].

    Returns:
        Every document with its prediction.

    Raises:
        ThresholdError: at once, for a threshold of a label that the model does not have.
    """
    waiting: deque[Document] = deque()

    def texts() -> Iterator[str]:
        for document in documents:
            waiting.append(document)
            yield document.text

    def pairs(predictions: Iterator[Prediction]) -> Iterator[Tagged]:
        for prediction in predictions:
            document = waiting.popleft()
            assert prediction.text == document.text, f"the prediction for {document.id!r} is of another text"
            yield document, prediction
        assert not waiting, f"{len(waiting)} documents have no prediction, the first is {waiting[0].id!r}"

    return pairs(tagger.predict_batch(texts(), batch_tokens=batch_tokens, thresholds=thresholds))


def parse_thresholds(values: list[str], file: Thresholds | None = None) -> dict[str | None, float]:
    """Read ``LABEL=0.6`` and ``0.6``, the latter under ``None``, which stands for all other labels.

    Args:
        values: What was typed.
        file: What a file says of the labels that were not typed; nothing when all were.

    Raises:
        typer.BadParameter: naming the value and what is accepted.
    """
    thresholds: dict[str | None, float] = {}
    for value in values:
        label, _, number = value.rpartition("=")
        try:
            score = float(number)
        except ValueError:
            score = -1.0
        if not 0 <= score <= 1 or ("=" in value and not label):
            raise typer.BadParameter(
                f"{value!r} is neither a score from 0 to 1, such as 0.6, nor LABEL=SCORE, such as ACTOR=0.6",
                param_hint="--threshold",
            )
        thresholds[label or None] = score
    if file is None or None in thresholds:
        return thresholds
    merged: dict[str | None, float] = {} if file.all is None else {None: file.all}
    merged.update(file.labels.items())
    merged.update(thresholds)
    return merged


def merge_thresholds(
    thresholds: Mapping[str | None, float], labels: Iterable[str]
) -> dict[str, float] | None:
    """Return the threshold of each label that has one; ``None`` when none has.

    Args:
        thresholds: See :func:`parse_thresholds`.
        labels: The model's labels.
    """
    if not thresholds:
        return None
    merged = dict.fromkeys(labels, thresholds[None]) if None in thresholds else {}
    return merged | {label: score for label, score in thresholds.items() if label is not None}


@dataclass(slots=True)
class _Counts:
    """What went through: documents, spans, and documents of which some part was not read."""

    documents: int = 0
    spans: int = 0
    partial: int = 0

    def watch(self, tagged: Iterable[Tagged]) -> Iterator[Tagged]:
        for document, prediction in tagged:
            self.documents += 1
            self.spans += len(prediction.spans)
            self.partial += prediction.coverage < 1
            yield document, prediction

    def summary(self, skipped: int) -> str:
        parts = [_number(self.documents, "document"), _number(self.spans, "span"), f"{skipped} skipped"]
        return ", ".join([*parts, f"{self.partial} not read in full"])


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


def _report(error: ConflictnerError) -> None:
    typer.echo(f"skipped: {error}", err=True)


def _note(remark: str) -> None:
    typer.echo(f"note: {remark}", err=True)
