"""``conflictner incidents``: who did what to whom, when and where, as records and tables."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...data.errors import ConflictnerError, DataError
from ...data.quotes import quote
from ..bulk.source import InputKind
from .choices import (
    BatchTokensOption,
    DeviceOption,
    ModelOption,
    NoVerifyOption,
    OnError,
    TextColumnOption,
    ThreadsOption,
    ThresholdOption,
)
from .extras import say
from .progress import Progress
from .sources import Sources
from .streams import open_results
from .tag import merge_thresholds, parse_thresholds, tag_documents

if TYPE_CHECKING:
    from datetime import date

    from ...data.documents import Document
    from ..incidents.reports import Report
    from ..prediction import Prediction

__all__ = ["IncidentFormat", "incidents", "say_about_places"]


class IncidentFormat(StrEnum):
    """How incidents are written."""

    JSON = "json"
    JSONL = "jsonl"
    CSV_ACLED = "csv-acled"
    CSV_UCDP = "csv-ucdp"
    GEOJSON = "geojson"
    HTML = "html"


def incidents(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="Files or folders; - is the standard input.")
    ] = None,
    published: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="The day all texts were published, such as 2024-03-05, against which Monday and yesterday "
            "are resolved; needs the dates extra.",
        ),
    ] = None,
    published_field: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The field or column that holds that day, for each document."),
    ] = None,
    output_format: Annotated[
        IncidentFormat, typer.Option("--format", "-f", help="What to write; see above.")
    ] = IncidentFormat.JSON,
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
    rule: Annotated[
        str,
        typer.Option(
            metavar="RULE", help="How rival casualty figures are folded: ucdp, latest, median or highest."
        ),
    ] = "ucdp",
    model: ModelOption = None,
    no_verify: NoVerifyOption = False,
    threshold: ThresholdOption = None,
    device: DeviceOption = "cpu",
    threads: ThreadsOption = None,
    batch_tokens: BatchTokensOption = 1024,
    on_error: Annotated[
        OnError,
        typer.Option(help="At a line or file that cannot be read: stop there, or report and skip it."),
    ] = OnError.RAISE,
) -> None:
    """Tag texts and group what is found into incidents.

    Without FILE, what is piped in is read. Formats: json and jsonl, documents with all fields of their
    incidents and the offsets each comes from; csv-acled and csv-ucdp, an incident a row with the columns of
    these data sets; geojson, an incident a feature; html, a page to open in a browser. Places need the
    places extra. docs/incidents.md has every column. Nothing is guessed: without a day of publication
    relative dates stay unresolved.
    """
    paths = files or [Path("-")]
    if not files and sys.stdin.isatty():
        raise ConflictnerError("no FILE given and nothing piped in; type: conflictner incidents FILE")
    if published is not None and published_field is not None:
        raise ConflictnerError("give --published or --published-field, not both")
    from ..incidents.assembly import check_settings
    from ..incidents.exports import export
    from ..rendering import incident_page

    day_of = _day_of(check_settings(published, rule), published_field)
    report = _report if on_error is OnError.SKIP else None
    sources = Sources(paths, input_format, text_column, report, _note, day_of)

    from ..tagger import Tagger

    tagger = Tagger.load(model, device=device, threads=threads, verify=not no_verify)
    thresholds = merge_thresholds(parse_thresholds(threshold or []), tagger.scheme.table)
    counts = _Counts()
    tagged = tag_documents(tagger, sources, batch_tokens, thresholds)
    to_file = output is not None and str(output) != "-"
    say_about_places()
    with (
        Progress(sources.size, hidden=not to_file and sys.stdout.isatty()) as progress,
        open_results(output) as out,
    ):
        watched = progress.watch(tagged, lambda: sources.position)
        found = _reports(watched, day_of, rule, counts)
        if output_format is IncidentFormat.HTML:
            shown = ((report.id, prediction, report.incidents) for report, prediction in found)
            pieces = incident_page(shown, tagger.scheme, model=tagger.name)
        else:
            pieces = export((report for report, _ in found), output_format)
        for piece in pieces:
            out.write(piece)
        if sources.failure is not None:
            raise sources.failure
    if published_field is not None and counts.undated:
        _note(
            f"{counts.undated} of {counts.documents} documents tell no day in {quote(published_field)}; "
            "their relative dates stay unresolved"
        )
    say(counts.summary(sources.skipped))


def say_about_places() -> None:
    """Say on the standard error when places cannot be resolved, or when the first one takes a while."""
    from ..incidents.assembly import places_note
    from ..normalise.gazetteer import gazetteer_path

    note = places_note()
    if note is not None:
        _note(f"places stay unresolved: {note}")
    elif not gazetteer_path().exists():
        _note("the gazetteer is built now, once for this machine; that takes a minute")


_DayOf = Callable[["Document"], "date | None"]


def _reports(
    tagged: Iterable[tuple[Document, Prediction]], day_of: _DayOf, rule: str, counts: _Counts
) -> Iterator[tuple[Report, Prediction]]:
    """Yield a report for each tagged document, with what was tagged."""
    from ..incidents.reports import Report

    for document, prediction in tagged:
        day = day_of(document)
        found = prediction.incidents(day, rule=rule)
        report = Report(document.id, document.text, day, found, document.meta)
        counts.add(report)
        yield report, prediction


def _day_of(day: date | None, field: str | None) -> _DayOf:
    """Return what tells the day of publication of a document."""
    from ..incidents.dates import published_date

    def from_field(document: Document) -> date | None:
        assert field is not None
        value = document.meta.get(field)
        try:
            return None if value == "" else published_date(value)
        except ConflictnerError as error:
            raise DataError(f"document {quote(document.id)}, field {quote(field)}: {error}") from error

    return (lambda document: day) if field is None else from_field


class _Counts:
    """What went through, and what could not be resolved."""

    def __init__(self) -> None:
        self.documents = self.undated = self.without = self.incidents = self.dates = self.places = 0

    def add(self, report: Report) -> None:
        self.documents += 1
        self.undated += report.published is None
        self.without += not report.incidents
        self.incidents += len(report.incidents)
        self.dates += sum(not date.resolved for incident in report.incidents for date in incident.dates)
        self.places += sum(not place.resolved for incident in report.incidents for place in incident.places)

    def summary(self, skipped: int) -> str:
        without = f" ({self.without} without any)" if self.without else ""
        return (
            f"{_number(self.incidents, 'incident')} in {_number(self.documents, 'document')}{without}, "
            f"{_number(self.dates, 'date')} and {_number(self.places, 'place')} unresolved, {skipped} skipped"
        )


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


def _report(error: ConflictnerError) -> None:
    say(f"skipped: {error}")


def _note(remark: str) -> None:
    say(f"note: {remark}")
