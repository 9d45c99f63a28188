"""Tables on standard output: framed in a terminal, plain text elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

from .gold import say

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table as RichTable

    from ..evaluation.table import Table

__all__ = ["print_tables"]


def print_tables(lines: Iterable[str], tables: Iterable[Table], console: Console) -> None:
    """Print lines, then tables."""
    from ..evaluation.table import plain_text

    for line in lines:
        say(console, line)
    for table in tables:
        if console.is_terminal:
            console.print(f"\n{table.title}", style="bold", markup=False, emoji=False, highlight=False)
            console.print(_framed(table))
            console.print(table.note, style="dim", markup=False, emoji=False, highlight=False)
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
