"""``conflictner convert``: annotated documents from one format into another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .choices import OnError

if TYPE_CHECKING:
    from ...data.errors import DataError

__all__ = ["convert"]


def convert(
    source: Annotated[
        Path | None, typer.Argument(metavar="IN", help="File or folder to read.", show_default=False)
    ] = None,
    target: Annotated[
        Path | None, typer.Argument(metavar="OUT", help="File or folder to write.", show_default=False)
    ] = None,
    source_format: Annotated[
        str | None,
        typer.Option("--from", metavar="F", help="Format of IN; told by its content if not given."),
    ] = None,
    target_format: Annotated[
        str | None,
        typer.Option("--to", metavar="F", help="Format of OUT; told by its ending if not given."),
    ] = None,
    on_error: Annotated[
        OnError, typer.Option("--on-error", help="What to do with a record that cannot be read.")
    ] = OnError.RAISE,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the counts as one JSON object.", show_default=False)
    ] = False,
    formats: Annotated[
        bool, typer.Option("--formats", help="List the formats and what each holds.", show_default=False)
    ] = False,
) -> None:
    """Convert annotated documents from one format into another.

    Prints how many spans were kept, snapped to other borders and dropped, and why, and what the written
    format cannot hold. A record that cannot be read ends the conversion with its file and line, and nothing
    is written; with --on-error skip it is skipped, named on the standard error, and counted.
    """
    from ...data.formats import convert as convert_documents
    from ...data.formats import detect_format
    from ...data.jsonl import to_json
    from ...data.quotes import printable

    if formats:
        _list_formats()
        return
    if source is None or target is None:
        raise typer.BadParameter("give IN and OUT, or --formats for a list of the formats")

    if source_format is None:
        taken = detect_format(source)
        source_format = taken.name
        typer.echo(printable(f"{source} is taken for {taken.name}: {taken.title}"), err=True)

    def report_error(error: DataError) -> None:
        typer.echo(printable(f"skipped: {error}"), err=True)

    done = convert_documents(
        source,
        target,
        source_format=source_format,
        target_format=target_format,
        on_error=report_error if on_error is OnError.SKIP else None,
    )
    if as_json:
        formats_taken = {"from": done.source.name, "to": done.target.name}
        typer.echo(to_json({**formats_taken, **done.report.to_dict()}, indent=2))
        return
    for line in done.report.lines():
        typer.echo(printable(line))
    typer.echo(printable(f"{target}: {done.target.title}"))


def _list_formats() -> None:
    """Print a line for each format."""
    from ...data.formats import FORMATS

    width = max(map(len, FORMATS))
    for form in FORMATS.values():
        holds = f"holds {form.holds}" if form.write is not None else "only read"
        typer.echo(f"{form.name:<{width}}  {form.title}; {holds}")
