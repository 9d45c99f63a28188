"""``conflictner distill``: teachers label open text, a transformer learns from it."""

from __future__ import annotations

from typing import Annotated

import typer

from .choices import CheckOption, OverwriteOption, ResumeOption, SettingsOption
from .extras import TRAINING, need_extra
from .train import make_checkpoint

__all__ = ["distill"]


def distill(
    recipe: Annotated[str, typer.Argument(help="YAML recipe, such as configs/distill/default.yaml.")],
    settings: SettingsOption = None,
    resume: ResumeOption = False,
    overwrite: OverwriteOption = False,
    check: CheckOption = False,
) -> None:
    """Train teachers, label open text with them, and train a model on it, whose folder is printed."""
    from ...training.distillation.recipe import DistillRecipe
    from ...training.recipe import dump_recipe, load_recipe

    resolved = load_recipe(recipe, settings or [], DistillRecipe)
    if check:
        typer.echo(dump_recipe(resolved), nl=False)
        return
    need_extra((*TRAINING, "gensim"), what="distillation")
    from ...training.distillation.distill import distill as run

    make_checkpoint(run, resolved, resume=resume, overwrite=overwrite)
