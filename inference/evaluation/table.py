"""A table of text, as it is shown in a terminal, in Markdown and in HTML."""

from __future__ import annotations

from dataclasses import dataclass

from .scores import Interval

__all__ = ["Table", "interval", "number", "plain_text"]


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


def interval(borders: Interval, form: str = ".3f") -> str:
    """Return an interval as a cell."""
    return "-" if borders is None else f"{borders[0]:{form}} to {borders[1]:{form}}"


def number(value: float | None) -> str:
    """Return a score as a cell."""
    return "-" if value is None else f"{value:.3f}"
