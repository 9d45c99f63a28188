"""``conflictner train`` and ``conflictner card``: make a checkpoint, and write its model card."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .choices import CheckOption, OverwriteOption, ResumeOption, SettingsOption
from .extras import need_extra, say

if TYPE_CHECKING:
    from ...data.documents import Document

__all__ = ["card", "make_checkpoint", "print_folder", "train"]


def train(
    recipe: Annotated[
        str, typer.Argument(help="YAML recipe; conflictner:configs/finetune/sample.yaml ships with it.")
    ],
    settings: SettingsOption = None,
    resume: ResumeOption = False,
    overwrite: OverwriteOption = False,
    check: CheckOption = False,
) -> None:
    """Fine-tune a model by a recipe and write its checkpoint folder, whose path is printed."""
    from ...training.recipe import dump_recipe, load_recipe

    resolved = load_recipe(recipe, settings or [])
    if check:
        typer.echo(dump_recipe(resolved), nl=False)
        return
    need_extra()
    from ...training.finetune import finetune

    make_checkpoint(finetune, resolved, resume=resume, overwrite=overwrite)


def card(
    model: Annotated[Path, typer.Argument(help="Checkpoint folder made by `conflictner train`.")],
    data: Annotated[list[Path], typer.Argument(help="Annotated files to score it on.")],
) -> None:
    """Score a checkpoint on annotated files, write the figures into its model card, and print its path."""
    from ...data.files import read_documents, require_documents
    from ...model.checkpoint import Checkpoint

    scheme = Checkpoint.load(model).scheme
    names = [path.name for path in data]
    reports = {}
    for path in data:
        name = path.name if names.count(path.name) == 1 else str(path)
        documents = require_documents(read_documents(path, scheme.table, scheme.events or None), path)
        reports[name] = _evaluate(model, list(documents), name)
    typer.echo(str(_write_card(model, reports)))


def make_checkpoint(make: Callable[..., Path], recipe: Any, *, resume: bool, overwrite: bool) -> None:
    """Make a checkpoint by a recipe, with the scores on its dev documents in its card, and print its path.

    Args:
        make: ``finetune`` or ``distill``.
        recipe: The resolved recipe that it takes.
        resume: Whether to go on from an interrupted run.
        overwrite: Whether an existing folder may be replaced.
    """
    name = ", ".join(Path(file).name for file in recipe.data.dev) or "the held-out share"

    def add_scores(folder: Path, dev: Sequence[Document]) -> None:
        _write_card(folder, {name: _evaluate(folder, dev, name)})

    progress = sys.stderr.isatty()
    folder = make(recipe, resume=resume, overwrite=overwrite, progress=progress, say=say, finish=add_scores)
    print_folder(folder)


def print_folder(folder: Path) -> None:
    """Print what a run has made, in the first of its processes, as torchrun numbers them."""
    if os.environ.get("RANK", "0") == "0":
        typer.echo(str(folder))


def _evaluate(model: Path, documents: Sequence[Document], name: str) -> dict[str, Any]:
    from ..evaluation import evaluate_predictions
    from ..tagger import Tagger

    tagger = Tagger.load(model)
    predictions = tagger.predict_batch(document.text for document in documents)
    report = evaluate_predictions(
        documents, predictions, tagger.scheme, data=name, model=tagger.name
    ).to_dict()
    say(f"{name}: micro F1 {report['exact']['micro']['f1']:.4f} on {len(documents)} documents")
    return report


def _write_card(folder: Path, reports: dict[str, dict[str, Any]]) -> Path:
    from ...training.card import write_card

    return write_card(folder, reports)
