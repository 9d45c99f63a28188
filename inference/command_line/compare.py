"""``conflictner compare``: whether one system is better than another, or luck."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .choices import DeviceOption, EngineOption, NoVerifyOption, OnError, ThreadsOption
from .gold import GoldArgument, read_gold
from .systems import System, open_system, watched
from .tables import print_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from ...data.documents import Document
    from ..evaluation.contest import Contestant

__all__ = ["compare"]

_SYSTEM = "a checkpoint folder, a hub id, 'bundled', or a JSONL file of predictions"


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help=f"What to compare with: {_SYSTEM}.")],
    b: Annotated[str, typer.Argument(metavar="B", help="What may be better: the same.")],
    data: GoldArgument,
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
    draws: Annotated[
        int, typer.Option(metavar="N", min=0, help="Draws of the bootstrap and of the randomisation test.")
    ] = 1000,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Seed of the draws.")] = 0,
    no_verify: NoVerifyOption = False,
    engine: EngineOption = None,
    device: DeviceOption = "cpu",
    threads: ThreadsOption = None,
    on_error: Annotated[
        OnError, typer.Option(help="At a record that cannot be read: stop there, or report and skip it.")
    ] = OnError.RAISE,
) -> None:
    """Say whether B is better than A on annotated documents.

    Both tag the same documents. A paired bootstrap and an approximate randomisation test tell a difference
    from luck; the first line of the output is the verdict, on micro F1 of exact spans.
    """
    from rich.console import Console

    from ..evaluation.contest import contest_table, hold_contest

    errors = Console(stderr=True)
    documents, skipped = read_gold(data, on_error, errors)
    systems = [
        open_system(
            name, documents, skipped, engine=engine, device=device, threads=threads, verify=not no_verify
        )
        for name in (a, b)
    ]
    names = [system.name for system in systems]
    if names[0] == names[1]:
        names = [a, b]
    first, second = (
        _contestant(system, name, documents, errors) for system, name in zip(systems, names, strict=True)
    )
    contest = hold_contest(documents, first, second, data=str(data), skipped=skipped, draws=draws, seed=seed)
    if as_json:
        typer.echo(json.dumps(contest.to_dict(), indent=2, allow_nan=False))
    else:
        lines = [contest.verdict, *(f"note: {note}" for note in contest.notes)]
        print_tables(lines, [contest_table(contest)], Console())


def _contestant(system: System, name: str, documents: Sequence[Document], errors: Console) -> Contestant:
    """Let a system predict, with its own thresholds."""
    from ..evaluation import check_scheme
    from ..evaluation.contest import Contestant
    from ..thresholds import keep_certain

    check_scheme(documents, system.scheme, name)
    least = system.least_scores(None)
    stream = watched(system.predict(documents), len(documents), errors, f"tagging, {Path(name).name}")
    return Contestant(name, [keep_certain(prediction, least) for prediction in stream], system.scheme)
