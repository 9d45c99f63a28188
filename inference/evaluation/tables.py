"""The report as tables of text, which the terminal and Markdown show in their own ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...data.quotes import printable
from .calibration import BINS, Reliability
from .confusion import BORDER_KINDS
from .report import Report
from .scores import Interval, Macro, Score, ScoreTable
from .seqeval_report import SeqevalReport

__all__ = ["Table", "plain_text", "report_tables", "summary"]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text.

    Attributes:
        title: What it shows.
        columns: Heads of the columns; the first column holds names.
        rows: Cells, one tuple a row.
        note: How to read it, or empty.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def report_tables(report: Report) -> list[Table]:
    """Return the tables of a report, in reading order."""
    tables = [
        _scores(
            "Exact spans",
            "label",
            report.exact,
            report,
            "Start, end and label are right. Interval: of F1. Macro: mean over labels that occur.",
        ),
        _boundary(report),
        _attributes(report),
        _scores(
            "Exact spans with attribute",
            "label",
            report.with_attribute,
            report,
            "Start, end, label and attribute are right.",
        ),
    ]
    if report.events is not None:
        tables.append(
            _scores("Event types", "event", report.events, report, "Event types of whole documents.")
        )
    tables += [
        _seqeval(report.strict),
        _seqeval(report.default),
        _calibration(report),
        _confusion(report),
        _borders(report),
    ]
    return tables


def summary(report: Report) -> list[str]:
    """Return what was evaluated, one line each: data, model, coverage; then the notes."""
    micro = report.exact.micro.counts
    spans = f"{micro.support} annotated spans, {micro.tp + micro.fp} predicted"
    read = report.coverage
    return [
        f"data: {printable(report.data or 'unnamed')}, {report.documents} documents, {spans}",
        f"model: {printable(report.model or 'unnamed')}",
        f"coverage: {read.percent} of {read.characters} characters read",
        *(f"note: {printable(note)}" for note in report.notes),
    ]


def plain_text(table: Table) -> str:
    """Return a table in lines of text, columns aligned by spaces; no colours, no frame."""
    lines = [table.columns, *table.rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(table.columns))]
    aligned = [
        "  ".join(
            cell.rjust(width) if index else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return "\n".join([table.title, *aligned, *([table.note] if table.note else [])])


def _scores(title: str, kind: str, table: ScoreTable, report: Report, note: str) -> Table:
    rows = [_score_row(printable(name), score) for name, score in table.labels.items()]
    return Table(
        title,
        (kind, "precision", "recall", "F1", _interval_head(report), "support", "predicted"),
        (*rows, _score_row("micro", table.micro), _macro_row(table.macro, table.micro)),
        note,
    )


def _boundary(report: Report) -> Table:
    return Table(
        "Boundaries alone",
        ("", "precision", "recall", "F1", _interval_head(report), "support", "predicted"),
        (_score_row("all spans", report.boundary),),
        "Start and end are right, whatever the label.",
    )


def _attributes(report: Report) -> Table:
    rows = [
        (
            printable(label),
            printable(score.attribute),
            _number(score.accuracy),
            str(score.correct),
            str(score.matched),
            str(score.unannotated),
        )
        for label, score in report.attributes.items()
    ]
    return Table(
        "Attributes of matched spans",
        ("label", "attribute", "accuracy", "correct", "matched", "not annotated"),
        tuple(rows),
        "Matched: start, end and label are right and the gold span has an attribute.",
    )


def _seqeval(report: SeqevalReport) -> Table:
    lines = [(printable(label), score) for label, score in report.labels.items()]
    lines += [(f"{name} avg", score) for name, score in report.averages.items()]
    return Table(
        report.name,
        ("label", "precision", "recall", "F1", "support"),
        tuple(
            (name, _number(line.precision), _number(line.recall), _number(line.f1), str(line.support))
            for name, line in lines
        ),
        "Over word-level IOB2 sequences.",
    )


def _calibration(report: Report) -> Table:
    def row(name: str, item: Reliability) -> tuple[str, ...]:
        right = sum((part.accuracy or 0.0) * part.spans for part in item.bins)
        score = sum((part.confidence or 0.0) * part.spans for part in item.bins)
        means = [_number(total / item.spans if item.spans else None) for total in (score, right)]
        return name, _number(item.error), *means, str(item.spans)

    calibration = report.calibration
    unscored = f" {calibration.unscored} predicted spans have no score." if calibration.unscored else ""
    return Table(
        "Calibration of span scores",
        ("label", "ECE", "mean score", "share right", "predicted"),
        (
            *(row(printable(label), item) for label, item in calibration.labels.items()),
            row("all", calibration.overall),
        ),
        f"ECE: expected calibration error, {BINS} bins of equal width; 0 is best.{unscored}",
    )


def _confusion(report: Report) -> Table:
    names = [printable(label) for label in report.confusion.labels]
    return Table(
        "Confusion between labels",
        ("annotated \\ predicted", *names, "(missed)"),
        tuple(
            (name, *map(str, row))
            for name, row in zip([*names, "(spurious)"], report.confusion.counts, strict=True)
        ),
        "Spans matched one to one: equal borders first, then by the most shared characters.",
    )


def _borders(report: Report) -> Table:
    rows: Sequence[tuple[str, Mapping[str, int]]] = list(report.confusion.borders.items())
    return Table(
        "Borders of matched spans",
        ("label", *(kind.replace("_", " ") for kind in BORDER_KINDS)),
        tuple((printable(label), *(str(kinds[kind]) for kind in BORDER_KINDS)) for label, kinds in rows),
        "By annotated label, whatever the predicted one.",
    )


def _score_row(name: str, score: Score) -> tuple[str, ...]:
    counts = score.counts
    return (
        name,
        _number(counts.precision),
        _number(counts.recall),
        _number(counts.f1),
        _interval(score.interval),
        str(counts.support),
        str(counts.tp + counts.fp),
    )


def _macro_row(macro: Macro, micro: Score) -> tuple[str, ...]:
    numbers = (_number(macro.precision), _number(macro.recall), _number(macro.f1), _interval(macro.interval))
    return ("macro", *numbers, str(micro.counts.support), str(micro.counts.tp + micro.counts.fp))


def _interval_head(report: Report) -> str:
    return f"{100 * report.bootstrap.level:g} % interval"


def _interval(interval: Interval) -> str:
    return "-" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
