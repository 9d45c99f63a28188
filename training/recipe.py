"""Recipes: typed, commented YAML files that hold every value of a training run."""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..data.errors import ConflictnerError
from ..model.labels import DEFAULT_SCHEME, LabelScheme, SchemeError

__all__ = [
    "CardSection",
    "DataSection",
    "ExportSection",
    "FinetuneSection",
    "LabelsSection",
    "NewEncoderSection",
    "Recipe",
    "RecipeError",
    "SourceSection",
    "WindowSection",
    "dump_recipe",
    "load_recipe",
    "resolve_path",
]

_PACKAGE_PREFIX = "conflictner:"

Share = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[int, Field(ge=1)]


class RecipeError(ConflictnerError):
    """A recipe that cannot be used; the message lists every problem."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class DataSection(_Section):
    """Where the documents are."""

    train: list[str] = Field(min_length=1)
    dev: list[str]
    dev_share: Share


class LabelsSection(_Section):
    """A user's own label scheme, as ``labels.json`` writes it."""

    labels: list[str | dict[str, Any]]
    events: list[str]

    @model_validator(mode="after")
    def _is_a_scheme(self) -> LabelsSection:
        try:
            self.scheme()
        except SchemeError as error:
            raise ValueError(str(error)) from error
        return self

    def scheme(self) -> LabelScheme:
        """Return the label scheme."""
        return LabelScheme.from_dict(self.model_dump())


class NewEncoderSection(_Section):
    """An untrained BERT encoder and tokenizer, built from the training texts."""

    vocabulary: Annotated[int, Field(ge=100)]
    layers: Positive
    hidden: Positive
    heads: Positive
    feed_forward: Positive

    @model_validator(mode="after")
    def _heads_divide_hidden(self) -> NewEncoderSection:
        if self.hidden % self.heads:
            raise ValueError(f"hidden ({self.hidden}) must be a multiple of heads ({self.heads})")
        return self


class WindowSection(_Section):
    """How long texts are cut."""

    max_length: Annotated[int, Field(ge=8)]
    overlap: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _overlap_fits(self) -> WindowSection:
        if self.overlap > self.max_length - 8:
            raise ValueError(f"overlap ({self.overlap}) must leave at least 8 of max_length ({self.max_length}) pieces")
        return self


class FinetuneSection(_Section):
    """The optimisation."""

    epochs: Positive
    batch_size: Positive
    gradient_accumulation: Positive
    learning_rate: Annotated[float, Field(gt=0)]
    warmup_share: Share
    weight_decay: Annotated[float, Field(ge=0)]
    dropout: Share
    word_dropout: Share
    label_smoothing: Share
    event_weight: Annotated[float, Field(ge=0)]
    gradient_clip: Annotated[float, Field(gt=0)]
    average_decay: Share
    precision: Literal["auto", "fp32", "bf16", "fp16"]
    device: Literal["auto", "cpu"]
    seed: Annotated[int, Field(ge=0)]


class ExportSection(_Section):
    """What is written at the end."""

    onnx: Literal["int8", "fp32"]
    weights: Literal["fp32", "fp16"]
    int8_tolerance: Annotated[float, Field(ge=0, le=1)]


class SourceSection(_Section):
    """Something the weights were made from."""

    name: str
    licence: str
    use: str


class CardSection(_Section):
    """What the model card says beside the figures."""

    title: str
    description: str
    licence: str
    sources: list[SourceSection]


class Recipe(_Section):
    """A fine-tuning run; ``configs/finetune/default.yaml`` explains every field."""

    output: str
    encoder: str | None
    new_encoder: NewEncoderSection | None
    labels: LabelsSection | None
    data: DataSection
    windows: WindowSection
    finetune: FinetuneSection
    export: ExportSection
    card: CardSection

    @model_validator(mode="after")
    def _one_encoder(self) -> Recipe:
        if (self.encoder is None) == (self.new_encoder is None):
            raise ValueError("exactly one of 'encoder' and 'new_encoder' must be given, the other null")
        if bool(self.data.dev) == bool(self.data.dev_share):
            raise ValueError("exactly one of 'data.dev' (files) and 'data.dev_share' (over 0) must be given")
        return self

    @property
    def scheme(self) -> LabelScheme:
        """Return the label scheme of the run."""
        return DEFAULT_SCHEME if self.labels is None else self.labels.scheme()


def load_recipe(path: str | Path, overrides: Iterable[str] = ()) -> Recipe:
    """Read a recipe and apply overrides such as ``"finetune.learning_rate=3.0e-4"``.

    Args:
        path: A YAML file; ``conflictner:configs/...`` names one that comes with the package.
        overrides: ``dotted.path=value`` items; the value is read as YAML.

    Raises:
        RecipeError: listing every problem with its dotted path, the value received and what is accepted.
    """
    file = resolve_path(str(path))
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(f"{path}: cannot be read ({error.strerror})") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise RecipeError(f"{path}: not readable as YAML ({' '.join(str(error).split())})") from error
    if not isinstance(values, dict):
        raise RecipeError(f"{path}: expected sections such as 'data:' and 'finetune:', got {type(values).__name__}")
    for override in overrides:
        _override(values, override)
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        problems = "; ".join(_problem(item) for item in error.errors(include_url=False))
        count = error.error_count()
        raise RecipeError(f"{path}: {count} problem{'s' if count > 1 else ''}: {problems}") from error


def dump_recipe(recipe: Recipe) -> str:
    """Return the recipe as YAML that :func:`load_recipe` reads back equal."""
    return yaml.safe_dump(recipe.model_dump(), sort_keys=False, allow_unicode=True)


def resolve_path(name: str) -> Path:
    """Return the file a recipe names: relative to the current folder, or in the package after ``conflictner:``.

    Raises:
        RecipeError: for a package file that does not exist.
    """
    if not name.startswith(_PACKAGE_PREFIX):
        return Path(name).expanduser()
    folder, _, rest = name.removeprefix(_PACKAGE_PREFIX).partition("/")
    try:
        path = Path(str(importlib.resources.files(f"{__package__.rpartition('.')[0]}.{folder}"))) / rest
    except (ModuleNotFoundError, ValueError):
        path = Path(folder) / rest
    if not path.exists():
        raise RecipeError(f"{name}: no such file in the package; its recipes are under {_PACKAGE_PREFIX}configs/")
    return path


def _override(values: dict[str, Any], override: str) -> None:
    dotted, equals, raw = override.partition("=")
    keys = dotted.strip().split(".")
    if not equals or not all(keys):
        raise RecipeError(f"--set {override!r}: expected dotted.path=value, such as finetune.learning_rate=3.0e-4")
    try:
        value = yaml.safe_load(raw)
    except yaml.YAMLError as error:
        raise RecipeError(f"--set {override!r}: the value is not readable as YAML") from error
    target: Any = values
    for depth, key in enumerate(keys):
        if not isinstance(target, dict):
            raise RecipeError(f"--set {override!r}: {'.'.join(keys[:depth])} is not a section of the recipe")
        if depth == len(keys) - 1:
            target[key] = value
        else:
            if target.get(key) is None:
                target[key] = {}
            target = target[key]


def _problem(item: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in item["loc"]) or "recipe"
    message = str(item["msg"]).removeprefix("Value error, ")
    if item["type"] == "missing":
        return f"{where} is missing"
    if item["type"] == "extra_forbidden":
        return f"{where} is not a field of a recipe"
    received = item.get("input")
    hint = ""
    if isinstance(received, str) and item["type"].startswith(("float", "int")):
        hint = " (YAML reads 1e-5 as text: write 1.0e-5)"
    shown = "" if isinstance(received, dict) else f", got {received!r:.60}"
    return f"{where}: {message}{shown}{hint}"
