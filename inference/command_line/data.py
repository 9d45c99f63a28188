"""``conflictner data``: check and count annotated documents, and fetch those of public sets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .fetch import fetch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from ...data.errors import DataError
    from ...data.statistics import Statistics
    from ...model.labels import LabelScheme

__all__ = ["app", "attach", "stats", "validate"]

app = typer.Typer(
    help="Check, count and fetch annotated documents.", no_args_is_help=True, rich_markup_mode=None
)

_PLAIN_WIDTH = 100_000  # characters; no cell is that long, so none is broken

_File = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="JSON Lines or CoNLL columns.", show_default=False),
]


@app.command()
def validate(
    file: _File,
    labels: Annotated[
        Path | None,
        typer.Option(
            "--labels", metavar="FILE", help="A labels.json.", show_default="the built-in label scheme"
        ),
    ] = None,
) -> None:
    """Report every line that cannot be read, and what is suspicious.

    Prints one line per problem on the standard error and a summary on the standard output; ends with exit
    code 1 when there are errors, warnings alone end with 0. Warnings are repeated ids and texts, texts
    without words, texts whose spans seem to be in a field of another tool, spans that start or end inside a
    word, spans without attribute where their label has some.
    """
    from ...data.quotes import printable
    from ...data.validation import validate as validate_file

    def report_error(error: DataError) -> None:
        typer.echo(printable(str(error)), err=True)

    def report_warning(warning: DataError) -> None:
        typer.echo(printable(f"{warning.source}:{warning.line}: warning: {warning.reason}"), err=True)

    scheme = _scheme(labels)
    found = validate_file(file, scheme.table, scheme.events, report_error, report_warning)
    counts = (
        _count(found.documents, "document"),
        _count(found.spans, "span"),
        _count(found.errors, "error"),
        _count(found.warnings, "warning"),
    )
    typer.echo(printable(f"{file}: {', '.join(counts)}"))
    if found.errors:
        raise typer.Exit(1)


@app.command()
def stats(
    file: _File,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of tables.", show_default=False)
    ] = False,
    top: Annotated[int, typer.Option(min=0, metavar="N", help="How many surfaces to name per label.")] = 10,
) -> None:
    """Count documents, words, spans, attributes, events and the most frequent surfaces of any labels."""
    from ...data.files import read_documents, require_documents
    from ...data.jsonl import to_json
    from ...data.statistics import statistics

    result = statistics(require_documents(read_documents(file), file), most_common=top)
    if as_json:
        typer.echo(to_json(result.to_dict(), indent=2))
        return
    _print(_tables(result))
    if not result.surfaces_complete:
        typer.echo(
            "note: rare surfaces were forgotten on the way, so the counts of surfaces are lower bounds",
            err=True,
        )


app.command()(fetch)


@app.command()
def attach(
    annotations: Annotated[
        Path, typer.Argument(metavar="ANNOTATIONS", help="Stand-off annotations.", show_default=False)
    ],
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="Where the corpus files with their texts lie.", show_default=False
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="JSON Lines to write.")],
    labels: Annotated[
        Path | None,
        typer.Option(
            "--labels", metavar="FILE", help="A labels.json.", show_default="the built-in label scheme"
        ),
    ] = None,
) -> None:
    """Put stand-off annotations and the texts they belong to together, as JSON Lines of documents."""
    from ...data.files import require_documents
    from ...data.jsonl import write_jsonl
    from ...data.standoff import attach as attach_texts

    scheme = _scheme(labels)
    documents = attach_texts(annotations, folder, scheme.table, scheme.events or None)
    count = write_jsonl(output, require_documents(documents, annotations))
    typer.echo(f"{output}: {_count(count, 'document')}")


def _scheme(labels: Path | None) -> LabelScheme:
    """Load the label scheme to check against."""
    from ...model.labels import DEFAULT_SCHEME, LabelScheme

    return DEFAULT_SCHEME if labels is None else LabelScheme.load(labels)


def _count(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _tables(result: Statistics) -> Iterator[Table]:
    """Yield the tables of some statistics."""
    collection = {
        "documents": result.documents,
        "without spans": result.documents_without_spans,
        "without events": result.documents_without_events,
        "characters": result.characters,
        "words": result.words,
        "spans": result.spans,
    }
    yield _table(["collection"], ["number"], [[name, f"{number:,}"] for name, number in collection.items()])
    yield _table(["label"], ["spans", "mean words", "median", "longest"], _length_rows(result))
    yield _table(["label", "attribute"], ["spans", "share"], _attribute_rows(result))
    events = [[name, f"{count:,}", _share(count, result.documents)] for name, count in result.events.items()]
    yield _table(["event"], ["documents", "share"], events)
    surfaces = [
        [name, surface, f"{count:,}"]
        for name, label in result.labels.items()
        for surface, count in label.surfaces
    ]
    yield _table(["label", "surface"], ["spans"], surfaces)


def _length_rows(result: Statistics) -> list[list[str]]:
    """Return the spans' number and lengths, of all labels and of each."""
    parts = [("all", result.spans, result.span_words)]
    parts += [(name, label.spans, label.words) for name, label in result.labels.items()]
    return [
        [name, f"{spans:,}", f"{words.mean:.2f}", f"{words.median:g}", f"{words.longest:,}"]
        for name, spans, words in parts
    ]


def _attribute_rows(result: Statistics) -> list[list[str]]:
    """Return the number of spans with each attribute, of the labels that have some."""
    return [
        [name, attribute, f"{count:,}", _share(count, label.spans)]
        for name, label in result.labels.items()
        if label.attributes
        for attribute, count in [*label.attributes.items(), ("(none)", label.without_attribute)]
        if count
    ]


def _share(part: int, whole: int) -> str:
    """Return a share in percent."""
    return f"{part / whole:.1%}"


def _table(names: list[str], numbers: list[str], rows: list[list[str]]) -> Table:
    """Build a table of columns with names, on the left, and numbers; cells are shown as they stand."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from ...data.quotes import printable

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in names:
        table.add_column(Text(name), overflow="fold")
    for number in numbers:
        table.add_column(Text(number), justify="right")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    return table


def _print(tables: Iterator[Table]) -> None:
    """Print tables that have rows: framed in a terminal, as plain columns of any width elsewhere."""
    from rich.console import Console

    terminal = Console()
    plain = Console(width=_PLAIN_WIDTH, no_color=True)
    for index, table in enumerate(table for table in tables if table.row_count):
        if terminal.is_terminal:
            terminal.print(table)
            continue
        table.box = None
        with plain.capture() as capture:
            plain.print(table)
        lines = (line.rstrip() for line in capture.get().splitlines())
        typer.echo(("\n" if index else "") + "\n".join(lines))
