"""The errors as tables of text."""

from __future__ import annotations

from ...data.quotes import printable
from .error_analysis import ErrorAnalysis
from .error_groups import Grouping
from .error_patterns import MOST_PATTERNS
from .table import Table

__all__ = ["error_tables", "group_table", "kind_table", "pattern_table"]

_TITLES = {
    "label": "Errors by label",
    "length": "Errors by length of the span",
    "training": "Errors by frequency in training",
    "position": "Errors by position in the document",
    "source": "Errors by source",
}
_LONGEST_NAME = 60  # characters of a source


def error_tables(analysis: ErrorAnalysis) -> list[Table]:
    """Return the tables, in reading order; none of them holds text of the data."""
    groups = [group_table(grouping) for grouping in analysis.groupings]
    patterns = [pattern_table(analysis)] if analysis.patterns else []
    return [kind_table(analysis), *groups, *patterns]


def kind_table(analysis: ErrorAnalysis) -> Table:
    """Return how many errors of each kind each label has."""
    labels = list(analysis.scheme.table)
    rows = [
        (kind, *(str(counts[label]) for label in labels), str(sum(counts.values())))
        for kind, counts in analysis.kinds.items()
    ]
    return Table(
        "Errors by kind",
        ("kind", *map(printable, labels), "all"),
        tuple(rows),
        "By annotated label, spurious ones by predicted label. Boundary: right label, other borders. Label: "
        "another label, whatever the borders. Attribute: all else is right. Missed: no predicted span. "
        "Spurious: no annotated span. Boundary, label and missed make the "
        f"{analysis.misses} misses; boundary, label and spurious the {analysis.false_alarms} false alarms.",
    )


def group_table(grouping: Grouping) -> Table:
    """Return how many errors each group has."""
    rows = [
        (
            _short(name),
            str(counts.gold),
            str(counts.misses),
            _percent(counts.miss_rate),
            str(counts.predicted),
            str(counts.false_alarms),
            _percent(counts.false_alarm_rate),
            str(counts.attributes),
        )
        for name, counts in grouping.groups.items()
    ]
    return Table(
        _TITLES[grouping.name],
        (
            grouping.name,
            "annotated",
            "misses",
            "missed %",
            "predicted",
            "false alarms",
            "false %",
            "wrong attribute",
        ),
        tuple(rows),
        grouping.note,
    )


def pattern_table(analysis: ErrorAnalysis) -> Table:
    """Return the most frequent patterns."""
    rows = [
        (f"{pattern.kind}: {printable(pattern.description)}", str(len(pattern.errors)))
        for pattern in analysis.patterns
    ]
    return Table(
        "Most frequent error patterns",
        ("pattern", "errors"),
        tuple(rows),
        f"At most {MOST_PATTERNS}; {sum(len(pattern.errors) for pattern in analysis.patterns)} of the "
        f"{len(analysis.errors)} errors are in them.",
    )


def _short(name: str) -> str:
    shown = printable(name)
    return shown if len(shown) <= _LONGEST_NAME else f"{shown[: _LONGEST_NAME - 1]}…"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"
