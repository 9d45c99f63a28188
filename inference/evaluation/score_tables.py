"""The tables that show scores of spans: by label, measure, attribute, threshold and slice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...data.quotes import printable
from .attributes import AttributeScore
from .report import Report
from .scores import Macro, Score, ScoreTable
from .table import Table, interval, number

__all__ = [
    "attribute_table",
    "measure_table",
    "outcome_table",
    "scores_table",
    "slice_table",
    "threshold_table",
]


def scores_table(title: str, kind: str, table: ScoreTable[Score], report: Report, note: str) -> Table:
    """Return a table of precision, recall and F1 by label or event type."""
    rows = [_score_row(printable(name), score) for name, score in table.labels.items()]
    return Table(
        title,
        (kind, "precision", "recall", "F1", _interval_head(report), "support", "predicted"),
        (*rows, _score_row("micro", table.micro), _macro_row(table.macro, table.micro)),
        note,
    )


def measure_table(report: Report) -> Table:
    """Return F1 by the four measures, side by side."""
    tables = report.matches

    def row(name: str, values: Iterable[float]) -> tuple[str, ...]:
        return name, *map(number, values)

    lines = [
        row(printable(label), (table.labels[label].f1 for table in tables.values()))
        for label in report.exact.labels
    ]
    return Table(
        "F1 by what must be right",
        ("label", "strict", "boundary", "partial", "label only"),
        (
            *lines,
            row("micro", (table.micro.f1 for table in tables.values())),
            row("macro", (table.macro.f1 for table in tables.values())),
        ),
        "strict: borders and label; boundary: borders; partial: borders, and half for an overlap; label "
        "only: label and an overlap.",
    )


def outcome_table(report: Report) -> Table:
    """Return the five outcomes of SemEval-2013 task 9."""
    rows = []
    for measure, table in report.matches.items():
        micro = table.micro
        counts = (
            micro.gold.correct,
            micro.gold.incorrect,
            micro.gold.partial,
            micro.gold.alone,
            micro.predicted.alone,
        )
        shares = (number(micro.precision), number(micro.recall), number(micro.f1))
        rows.append((measure, *map(str, counts), *shares, interval(micro.interval)))
    return Table(
        "SemEval-2013 task 9 outcomes, all labels",
        (
            "measure",
            *("correct", "incorrect", "partial", "missed", "spurious"),
            *("precision", "recall", "F1", _interval_head(report)),
        ),
        tuple(rows),
        "Precision: (correct + partial / 2) / predicted spans. Recall: the same of annotated spans.",
    )


def attribute_table(report: Report) -> Table:
    """Return exact spans by attribute value."""
    table = report.attribute_matches["strict"]
    rows = [
        (
            printable(name),
            *map(number, (line.precision, line.recall, line.f1)),
            interval(line.interval),
            str(line.gold.total),
            str(line.predicted.total),
        )
        for name, line in table.labels.items()
    ]
    micro, macro = table.micro, table.macro
    totals = (str(micro.gold.total), str(micro.predicted.total))
    for name, item in (("micro", micro), ("macro", macro)):
        numbers = map(number, (item.precision, item.recall, item.f1))
        rows.append((name, *numbers, interval(item.interval), *totals))
    return Table(
        "Exact spans by attribute",
        ("attribute", "precision", "recall", "F1", _interval_head(report), "support", "predicted"),
        tuple(rows),
        "Start, end, label and attribute are right.",
    )


def threshold_table(report: Report) -> Table:
    """Return the best thresholds, beside those in use."""
    items = [*report.curves.labels.items(), ("all", report.curves.overall)]
    used = report.thresholds or {}
    return Table(
        "Thresholds",
        ("label", "in use", "best", "precision", "recall", "F1 at the best"),
        tuple(
            (
                printable(name),
                number(used.get(name)),
                *(
                    map(number, (best.threshold, best.precision, best.recall, best.f1))
                    if (best := item.best)
                    else ("-",) * 4
                ),
            )
            for name, item in items
        ),
        "Best: highest F1 of exact spans on these data; use it on others alone. Spans with a lower score are "
        "left out.",
    )


def slice_table(report: Report) -> Table:
    """Return F1 and the accuracy of attributes on changed variants of the documents."""
    labels = list(report.exact.labels)

    def row(
        name: str,
        exact: ScoreTable[Score],
        attributes: Mapping[str, AttributeScore],
        rest: tuple[str, ...],
    ) -> tuple[str, ...]:
        numbers = [exact.labels[label].counts.f1 for label in labels]
        matched = sum(score.matched for score in attributes.values())
        correct = sum(score.correct for score in attributes.values())
        return (
            name,
            *map(number, (*numbers, exact.macro.f1, exact.micro.counts.f1)),
            interval(exact.micro.interval),
            *rest,
            number(correct / matched if matched else None),
        )

    rows = [row("as it is", report.exact, report.attributes, ("-", "-", "-"))]
    for item in report.slices or ():
        lead = item.lead
        rest = (f"{lead.difference:+.3f}", interval(lead.interval, "+.3f"), str(item.changed))
        rows.append(row(item.name, item.exact, item.attributes, rest))
    head = _interval_head(report)
    return Table(
        "Robustness: F1 of exact spans on changed text",
        (
            "text",
            *map(printable, labels),
            "macro",
            "micro",
            head,
            "change",
            head,
            "documents changed",
            "attributes",
        ),
        tuple(rows),
        "Change: of micro F1 against the text as it is. Attributes: accuracy on matched spans.",
    )


def _score_row(name: str, score: Score) -> tuple[str, ...]:
    counts = score.counts
    return (
        name,
        number(counts.precision),
        number(counts.recall),
        number(counts.f1),
        interval(score.interval),
        str(counts.support),
        str(counts.tp + counts.fp),
    )


def _macro_row(macro: Macro, micro: Score) -> tuple[str, ...]:
    numbers = (number(macro.precision), number(macro.recall), number(macro.f1), interval(macro.interval))
    return ("macro", *numbers, str(micro.counts.support), str(micro.counts.tp + micro.counts.fp))


def _interval_head(report: Report) -> str:
    return f"{100 * report.bootstrap.level:g} % interval"
