"""``conflictner train`` and ``conflictner card``: make a checkpoint, and write its model card."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ...data.errors import ConflictnerError

__all__ = ["card", "train"]


def train(
    recipe: Annotated[str, typer.Argument(help="YAML recipe; conflictner:configs/finetune/sample.yaml ships with it.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Override a field: finetune.learning_rate=3.0e-4."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing output folder.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only check the recipe, and print it resolved.")] = False,
) -> None:
    """Fine-tune a model by a recipe and write its checkpoint folder."""
    _need_training_extra()
    from ...training.finetune import finetune
    from ...training.recipe import dump_recipe, load_recipe

    resolved = load_recipe(recipe, settings or [])
    if check:
        typer.echo(dump_recipe(resolved), nl=False)
        return
    folder = finetune(resolved, resume=resume, overwrite=overwrite, progress=sys.stderr.isatty(), say=_say)
    if folder.is_dir():  # only the first of several processes wrote it
        from ...training.passages import load_split

        _, dev = load_split(resolved.data, resolved.scheme, resolved.finetune.seed)
        name = ", ".join(Path(file).name for file in resolved.data.dev) or "the held-out share"
        _write_card(folder, {name: _evaluate(folder, dev, name)})
        typer.echo(str(folder))


def card(
    model: Annotated[Path, typer.Argument(help="Checkpoint folder made by `conflictner train`.")],
    data: Annotated[list[Path], typer.Argument(help="Annotated files to score it on.")],
) -> None:
    """Score a checkpoint on annotated files and write the figures into its model card."""
    _need_training_extra()
    from ...data.files import read_documents
    from ...model.checkpoint import Checkpoint

    scheme = Checkpoint.load(model).scheme
    reports = {}
    for path in data:
        documents = list(read_documents(path, scheme.table, scheme.events))
        reports[path.name] = _evaluate(model, documents, path.name)
    _write_card(model, reports)


def _evaluate(model: Path, documents: list[Any], name: str) -> dict[str, Any]:
    from ..evaluation import evaluate_predictions
    from ..tagger import Tagger

    tagger = Tagger.load(model)
    predictions = tagger.predict_batch(document.text for document in documents)
    return evaluate_predictions(documents, predictions, tagger.scheme, data=name, model=tagger.name).to_dict()


def _write_card(folder: Path, reports: dict[str, dict[str, Any]]) -> None:
    from ...training.card import write_card

    path = write_card(folder, reports)
    for name, report in reports.items():
        _say(f"{name}: micro F1 {report['exact']['micro']['f1']:.4f} on {report['data']['documents']} documents")
    _say(f"model card: {path}")


def _need_training_extra() -> None:
    from importlib.util import find_spec

    lacking = [name for name in ("torch", "transformers", "datasets", "accelerate", "onnx") if find_spec(name) is None]
    if lacking:
        raise ConflictnerError(f"training needs {', '.join(lacking)}: pip install 'conflictner[train]'")


def _say(line: str) -> None:
    typer.echo(line, err=True)
