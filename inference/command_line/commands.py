"""All commands. A command's own code is imported when it runs, so that help and tagging start fast."""

from __future__ import annotations

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from ...data.errors import ConflictnerError
from ...data.quotes import printable
from . import (
    INTERRUPTED,
    bench,
    benchmark,
    compare,
    convert,
    data,
    distill,
    evaluate,
    incidents,
    pretrain,
    tag,
    tag_corpus,
    train,
)
from .streams import drop_output

__all__ = ["app"]

_USER_ERROR = 2


class _Commands(TyperGroup):
    """Runs a command; what a user can cause ends in one line and an exit code, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except ConflictnerError as error:
            typer.echo(f"error: {printable(str(error))}", err=True)
            raise typer.Exit(_USER_ERROR) from error
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ")  # pydantic's, in typer
            raise
        except KeyboardInterrupt as error:
            raise typer.Exit(INTERRUPTED) from error
        except BrokenPipeError as error:  # `conflictner tag ... | head` has seen enough
            drop_output()
            raise typer.Exit from error
        except OSError as error:
            if error.filename is not None:
                raise
            drop_output()
            reason = error.strerror or error
            typer.echo(f"error: the standard output cannot be written ({reason})", err=True)
            raise typer.Exit(_USER_ERROR) from error


app = typer.Typer(
    name="conflictner",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        import importlib.metadata

        typer.echo(f"conflictner {importlib.metadata.version('conflictner')}")
        raise typer.Exit


@app.callback()
def _conflictner(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    """Turn English conflict news into structured data, offline."""


app.command()(tag.tag)
app.command()(tag_corpus.tag_corpus)
app.command()(incidents.incidents)
app.command()(evaluate.evaluate)
app.command()(compare.compare)
app.command()(convert.convert)
app.add_typer(data.app, name="data")
app.command()(pretrain.pretrain)
app.command()(train.train)
app.command()(train.card)
app.command()(distill.distill)
app.command()(bench.bench)
app.add_typer(benchmark.app, name="benchmark")
