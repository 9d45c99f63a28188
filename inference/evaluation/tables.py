"""The report as tables of text, which the terminal and Markdown show in their own ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...data.quotes import printable
from .calibration import BINS, Reliability
from .confusion import BORDER_KINDS
from .report import Report
from .score_tables import (
    attribute_table,
    measure_table,
    outcome_table,
    scores_table,
    slice_table,
    threshold_table,
)
from .seqeval_report import SeqevalReport
from .table import Table, number, plain_text

__all__ = ["Table", "plain_text", "report_tables", "summary"]


def report_tables(report: Report) -> list[Table]:
    """Return the tables of a report, in reading order."""
    tables = [
        scores_table(
            "Exact spans",
            "label",
            report.exact,
            report,
            "Start, end and label are right. Interval: of F1. Macro: mean over labels that occur.",
        ),
        measure_table(report),
        outcome_table(report),
        _attributes(report),
        attribute_table(report),
        scores_table(
            "Exact spans with attribute",
            "label",
            report.with_attribute,
            report,
            "Start, end, label and attribute are right.",
        ),
    ]
    if report.events is not None:
        tables.append(
            scores_table("Event types", "event", report.events, report, "Event types of whole documents.")
        )
    tables += [
        _seqeval(report.strict),
        _seqeval(report.default),
        _calibration(report),
        threshold_table(report),
        _confusion(report),
        _borders(report),
        *([slice_table(report)] if report.slices is not None else []),
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
        f"coverage: {read.percent} of {read.characters} characters, {read.words_read} of {read.words} words",
        *(f"note: {printable(note)}" for note in report.notes),
    ]


def _attributes(report: Report) -> Table:
    rows = [
        (
            printable(label),
            printable(score.attribute),
            number(score.accuracy),
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
            (name, number(line.precision), number(line.recall), number(line.f1), str(line.support))
            for name, line in lines
        ),
        "Over word-level IOB2 sequences.",
    )


def _calibration(report: Report) -> Table:
    def row(name: str, item: Reliability) -> tuple[str, ...]:
        right = sum((part.accuracy or 0.0) * part.spans for part in item.bins)
        score = sum((part.confidence or 0.0) * part.spans for part in item.bins)
        means = [number(total / item.spans if item.spans else None) for total in (score, right)]
        return name, number(item.error), *means, str(item.spans)

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
