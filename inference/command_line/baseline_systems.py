"""The systems that ``conflictner benchmark`` compares, trained when they are not there yet."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .extras import say

if TYPE_CHECKING:
    from ...data.documents import Document, Span
    from ...model.labels import LabelScheme
    from ...training.benchmark.sections import BaselinesRecipe
    from ...training.recipe import Recipe
    from ..prediction import Prediction

__all__ = ["baseline_systems", "finetuned"]

#: Name, predictions of the test documents, seconds of training.
System = tuple[str, "list[Prediction]", float | None]

_Find = Callable[[Iterable[str]], "Iterable[Sequence[Span]]"]


def finetuned(recipe: Recipe, overwrite: bool) -> tuple[Path, float]:
    """Return the checkpoint of a recipe, trained now or before, and the seconds that took."""
    from ...training.benchmark.kept import train_once
    from ...training.finetune import finetune
    from ...training.recipe import resolve_path

    folder = Path(recipe.output).expanduser()
    files = [resolve_path(name) for name in (*recipe.data.train, *recipe.data.dev)]
    if recipe.encoder is not None:
        files += sorted(resolve_path(recipe.encoder).glob("*.safetensors"))

    def train() -> None:
        finetune(recipe, overwrite=True, progress=sys.stderr.isatty(), say=say)

    return folder, train_once(
        folder.with_name(f"{folder.name}.json"), recipe.model_dump(), files, train, overwrite
    )


def baseline_systems(recipe: BaselinesRecipe, test: Sequence[Document], overwrite: bool) -> list[System]:
    """Return our model and the baselines with what each predicts, trained now or before.

    Raises:
        RecipeError: when there is none, or our model has other labels.
    """
    systems: list[System] = []
    if recipe.ours is not None:
        _check_labels(recipe.ours.model, recipe.scheme)
        systems.append(("conflictner", _tag(recipe.ours.model, test), None))
    if recipe.bert is not None:
        folder, seconds = finetuned(recipe.bert_recipe(), overwrite)
        systems.append(("BERT without pre-training", _tag(folder, test), seconds))
    for name, train in (("CRF", _crf), ("spaCy NER", _spacy)):
        found = train(recipe, overwrite)
        if found is not None:
            find, seconds = found
            texts = [document.text for document in test]
            systems.append(
                (name, [_prediction(*pair) for pair in zip(texts, find(texts), strict=True)], seconds)
            )
            say(f"{name}: trained in {seconds:.0f} s")
    if not systems:
        from ...training.recipe import RecipeError

        raise RecipeError("all systems of the recipe are null; give one of ours, crf, spacy, bert")
    return systems


def _check_labels(model: str | None, scheme: LabelScheme) -> None:
    """Refuse a model whose spans could not be scored."""
    from ...model.checkpoint import Checkpoint
    from ...training.recipe import RecipeError

    checkpoint = Checkpoint.load(model)
    other = [label for label in checkpoint.scheme.table if label not in scheme.table]
    if other:
        raise RecipeError(
            f"ours.model: {checkpoint.name} has the label {other[0]}, which the recipe's labels lack; name "
            "a model of the same labels, or leave it out: --set ours=null"
        )


def _crf(recipe: BaselinesRecipe, overwrite: bool) -> tuple[_Find, float] | None:
    """Return the conditional random field's way to find spans, and the seconds of its training."""
    if recipe.crf is None:
        return None
    from ...training.benchmark.crf import CrfTagger, train_crf
    from ...training.benchmark.kept import train_once
    from ...training.passages import read_annotated
    from ...training.recipe import resolve_path

    section, scheme = recipe.crf, recipe.scheme
    path = Path(recipe.output).expanduser() / "crf.model"

    def train() -> None:
        train_crf(read_annotated(recipe.data.train, scheme, "data.train"), scheme, section, path)

    settings = [section.model_dump(), scheme.to_dict()]
    files = [resolve_path(name) for name in recipe.data.train]
    seconds = train_once(path.with_suffix(".json"), settings, files, train, overwrite)
    return CrfTagger.load(path, section.context).find, seconds


def _spacy(recipe: BaselinesRecipe, overwrite: bool) -> tuple[_Find, float] | None:
    """Return spaCy's way to find spans, and the seconds of its training."""
    if recipe.spacy is None:
        return None
    from ...training.benchmark.kept import train_once
    from ...training.benchmark.spacy_ner import SpacyTagger, train_spacy
    from ...training.passages import read_annotated
    from ...training.recipe import resolve_path

    section, scheme, data = recipe.spacy, recipe.scheme, recipe.data
    folder = Path(recipe.output).expanduser() / "spacy"

    def train() -> None:
        train_documents = read_annotated(data.train, scheme, "data.train")
        train_spacy(train_documents, read_annotated(data.dev, scheme, "data.dev"), section, folder)

    settings = [section.model_dump(), scheme.to_dict()]
    files = [resolve_path(name) for name in (*data.train, *data.dev)]
    seconds = train_once(folder.with_name("spacy.json"), settings, files, train, overwrite)
    return SpacyTagger.load(folder).find, seconds


def _tag(model: str | Path | None, test: Sequence[Document]) -> list[Prediction]:
    """Tag the test documents with a checkpoint."""
    from ..tagger import Tagger

    return list(Tagger.load(model).predict_batch(document.text for document in test))


def _prediction(text: str, spans: Sequence[Span]) -> Prediction:
    """Return spans as a prediction that read all of the text and says nothing of event types."""
    from ..prediction import PredictedSpan, Prediction

    found = (
        PredictedSpan(s.start, s.end, s.label, s.attribute, s.score, text[s.start : s.end]) for s in spans
    )
    return Prediction(text, tuple(found), (), {}, 1.0)
