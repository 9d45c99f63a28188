"""``conflictner distill``: teachers label open text, a transformer learns from it."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from .extras import TRAINING, need_extra, say

__all__ = ["distill"]


def distill(
    recipe: Annotated[str, typer.Argument(help="YAML recipe, such as configs/distill/default.yaml.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Override a field: teachers.count=2."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an existing checkpoint, or an interrupted run.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only check the recipe, and print it resolved.")
    ] = False,
) -> None:
    """Train teachers, label open text with them, and train a model on it, whose folder is printed."""
    need_extra((*TRAINING, "gensim"), what="distillation")
    from ...training.distillation.distill import DistillRecipe
    from ...training.distillation.distill import distill as run
    from ...training.recipe import dump_recipe, load_recipe

    resolved = load_recipe(recipe, settings or [], DistillRecipe)
    if check:
        typer.echo(dump_recipe(resolved), nl=False)
        return
    folder = run(resolved, resume=resume, overwrite=overwrite, progress=sys.stderr.isatty(), say=say)
    if os.environ.get("RANK", "0") == "0":  # torchrun numbers the processes of a run
        typer.echo(str(folder))
