"""``conflictner pretrain``: learn an encoder from open text."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from .extras import TRAINING, need_extra, say
from .train import print_folder

__all__ = ["pretrain"]


def pretrain(
    recipe: Annotated[
        str, typer.Argument(help="YAML recipe; conflictner:configs/pretrain/sample.yaml ships with it.")
    ],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Override a field: limits.minutes=30."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted run; limits and saving may differ.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an existing encoder, or an interrupted run.")
    ] = False,
    pack_only: Annotated[
        bool,
        typer.Option(
            "--pack-only", help="Only tokenise and pack the text; --resume goes on, also on another machine."
        ),
    ] = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="Only check the recipe and all that it names, and print it resolved."),
    ] = False,
) -> None:
    """Pre-train an encoder by a recipe and write its folder, whose path is printed."""
    from ...training.recipe import dump_recipe, load_recipe

    need_extra(TRAINING, what="pre-training")
    from ...training.pretraining import pretrain as module
    from ...training.pretraining.sections import PretrainRecipe

    resolved = load_recipe(recipe, settings or [], PretrainRecipe)
    if check:
        module.check(resolved, say=say)
        typer.echo(dump_recipe(resolved), nl=False)
        return
    folder = module.pretrain(
        resolved,
        resume=resume,
        overwrite=overwrite,
        pack_only=pack_only,
        progress=sys.stderr.isatty(),
        say=say,
    )
    print_folder(folder)
