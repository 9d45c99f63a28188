"""The report as a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...data.quotes import printable
from .error_tables import error_tables
from .report import Report
from .tables import Table, report_tables, summary

__all__ = ["how_it_counts", "markdown"]

_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\|*_`<>[]#"})


def markdown(report: Report, pictures: Sequence[tuple[str, str]] = ()) -> str:
    """Return the page.

    What a reader must know first, such as a coverage under 100 %, stands at its top.

    Args:
        report: What to write.
        pictures: File name, relative to the page, and caption of each picture to show.
    """
    head, *facts = [line.translate(_SPECIAL) for line in summary(report)]
    notes = [line.removeprefix("note: ") for line in facts if line.startswith("note: ")]
    facts = [head, *(line for line in facts if not line.startswith("note: "))]
    name = printable(report.model or "a model").translate(_SPECIAL)
    blocks = [f"# Evaluation of {name}"]
    blocks += [f"> **Note.** {note}" for note in notes]
    blocks.append("\n".join(f"- {fact}" for fact in facts))
    blocks.append(how_it_counts(report))
    for table in [*report_tables(report), *error_tables(report.errors)]:
        blocks.append(f"## {table.title.translate(_SPECIAL)}")
        blocks.append(_grid(table))
        if table.note:
            blocks.append(table.note.translate(_SPECIAL))
    blocks += [f"## {caption}\n\n![{caption}]({file})" for file, caption in pictures]
    return "\n\n".join(blocks) + "\n"


def how_it_counts(report: Report) -> str:
    """Return what a reader of the tables must know, in a few sentences."""
    draws = report.bootstrap
    intervals = (
        f"Intervals are {100 * draws.level:g} % percentile bootstrap intervals of F1 over documents "
        f"({draws.draws} draws, seed {draws.seed})."
        if draws.draws
        else "No intervals were computed."
    )
    return f"Scores follow from counts of spans; a number without an item to count is 0. {intervals}"


def _grid(table: Table) -> str:
    ruler = ["---", *["---:"] * (len(table.columns) - 1)]
    lines = [_line(_cells(table.columns)), _line(ruler), *(_line(_cells(row)) for row in table.rows)]
    return "\n".join(lines)


def _cells(cells: Iterable[str]) -> list[str]:
    return [cell.translate(_SPECIAL) for cell in cells]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
