"""Recipes: typed, commented YAML files that hold every value of a training run."""

from __future__ import annotations

import importlib.resources
import importlib.util
from collections.abc import Collection, Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar, overload

import yaml
from pydantic import ValidationError, model_validator

from ..data.errors import ConflictnerError
from ..data.quotes import printable, quote
from ..model.labels import DEFAULT_SCHEME, LabelScheme
from .sections import (
    AugmentationSection,
    CardSection,
    DataSection,
    ExportSection,
    FinetuneSection,
    LabelsSection,
    Name,
    NewEncoderSection,
    Section,
    WindowSection,
)

__all__ = ["Recipe", "RecipeError", "dump_recipe", "load_recipe", "resolve_path"]

_PACKAGE_PREFIX = "conflictner:"
_LONGEST_NAME = 60  # characters of a field, in messages
_MOST_PROBLEMS = 100  # told at once
_Kind = TypeVar("_Kind", bound=Section)


class RecipeError(ConflictnerError):
    """A recipe that cannot be used; the message lists every problem."""


class Recipe(Section):
    """A fine-tuning run; ``configs/finetune/default.yaml`` explains every field."""

    output: Name
    encoder: Name | None
    new_encoder: NewEncoderSection | None
    labels: LabelsSection | None
    data: DataSection
    augmentation: AugmentationSection | None
    windows: WindowSection
    finetune: FinetuneSection
    export: ExportSection
    card: CardSection

    @model_validator(mode="after")
    def _one_encoder(self) -> Recipe:
        if (self.encoder is None) == (self.new_encoder is None):
            raise ValueError("exactly one of 'encoder' and 'new_encoder' must be given, the other null")
        return self

    @property
    def scheme(self) -> LabelScheme:
        """Return the label scheme of the run."""
        return DEFAULT_SCHEME if self.labels is None else self.labels.scheme()


@overload
def load_recipe(path: str | Path, overrides: Iterable[str] = ()) -> Recipe: ...
@overload
def load_recipe(path: str | Path, overrides: Iterable[str], kind: type[_Kind]) -> _Kind: ...
def load_recipe(path: str | Path, overrides: Iterable[str] = (), kind: type[Any] = Recipe) -> Any:
    """Read a recipe and apply overrides such as ``"finetune.learning_rate=3.0e-4"``.

    Args:
        path: A YAML file; ``conflictner:configs/...`` names one that comes with the package.
        overrides: ``dotted.path=value`` items; the value is read as YAML.
        kind: The kind of recipe, a :class:`Section` with all of its sections.

    Raises:
        RecipeError: listing every problem, up to 100, with its dotted path, the value received and what is
            accepted.
    """
    file = resolve_path(str(path))
    try:
        values = _read_yaml(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(f"{path}: cannot be read ({error.strerror}); give a YAML recipe") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = printable(" ".join(str(error).split()))
        raise RecipeError(f"{path}: not readable as YAML ({reason})") from error
    if not isinstance(values, dict):
        raise RecipeError(f"{path}: expected sections such as 'data:' and 'finetune:', got {quote(values)}")
    problems = [problem for override in overrides if (problem := _override(values, override))]
    try:
        recipe = kind.model_validate(values)
    except ValidationError as error:
        problems += [_problem(item) for item in error.errors(include_url=False)]
    if problems:
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        shown = problems[:_MOST_PROBLEMS] + ["and so on"] * (len(problems) > _MOST_PROBLEMS)
        raise RecipeError(f"{path}: {count}: {'; '.join(shown)}")
    return recipe


def dump_recipe(recipe: Section, without: Collection[str] = ()) -> str:
    """Return the recipe as YAML that :func:`load_recipe` reads back equal, or without some sections."""
    return yaml.safe_dump(recipe.model_dump(exclude=set(without)), sort_keys=False, allow_unicode=True)


def resolve_path(name: str) -> Path:
    """Return the file a recipe names: relative to the current folder, or in the package after a prefix.

    Args:
        name: A path, or ``conflictner:`` and the path of a file that comes with the package.

    Raises:
        RecipeError: for a package file that does not exist.
    """
    if not name.startswith(_PACKAGE_PREFIX):
        try:
            return Path(name).expanduser()
        except RuntimeError:  # a name behind ~ that is none of a user
            return Path(name)
    folder, _, rest = name.removeprefix(_PACKAGE_PREFIX).partition("/")
    package = f"{__package__.rpartition('.')[0]}.{folder}"
    if folder.isidentifier() and importlib.util.find_spec(package) is not None:
        path = Path(str(importlib.resources.files(package))) / rest
        if path.exists():
            return path
    raise RecipeError(
        f"{name}: the package has no such file; one of its recipes is "
        f"{_PACKAGE_PREFIX}configs/finetune/sample.yaml"
    )


class _Loader(yaml.SafeLoader):
    """Reads YAML without letting the second of two equal keys win silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        problem=f"the key {key.value!r} stands twice in a section",
                        problem_mark=key.start_mark,
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def _read_yaml(text: str) -> Any:
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader


def _override(values: dict[str, Any], override: str) -> str | None:
    """Put one override into ``values``; return what is wrong with it, if anything is."""
    dotted, equals, raw = override.partition("=")
    keys = dotted.strip().split(".")
    what = f"--set {quote(override)}"
    if not equals or not all(keys):
        return f"{what}: expected dotted.path=value, such as finetune.learning_rate=3.0e-4"
    try:
        value = _read_yaml(raw)
    except (yaml.YAMLError, ValueError, RecursionError):
        return f"{what}: the value is not readable as YAML"
    target = values
    for depth, key in enumerate(keys[:-1], start=1):
        if target.get(key) is None:
            target[key] = {}
        target = target[key]
        if not isinstance(target, dict):
            return f"{what}: {'.'.join(keys[:depth])} is not a section of the recipe"
    target[keys[-1]] = value
    return None


def _problem(item: Mapping[str, Any]) -> str:
    """Say in words what pydantic found."""
    where = ".".join(_name(part) for part in item["loc"]) or "recipe"
    if item["type"] == "missing":
        return f"{where} is missing"
    if item["type"] == "extra_forbidden":
        return f"{where} is not a field of a recipe"
    message = str(item["msg"]).removeprefix("Value error, ")
    message = message[0].lower() + message[1:]
    received = item["input"]
    shown = "" if item["type"] == "value_error" else f", got {quote(received)}"
    return f"{where}: {message}{shown}{_number_hint(item['type'], received)}"


def _name(part: Any) -> str:
    """Return a part of a dotted path in one line, shortened at its end."""
    name = printable(str(part))
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 3] + "..."


def _number_hint(kind: str, received: Any) -> str:
    """Help with a number that YAML read as text, such as 1e-5."""
    if not isinstance(received, str) or not kind.startswith(("float", "int")):
        return ""
    try:
        value = float(received)
    except ValueError:
        return ""
    mantissa, _, exponent = repr(value).partition("e")
    if exponent and "." not in mantissa:
        mantissa += ".0"
    written = f"{mantissa}e{exponent}" if exponent else mantissa
    return f" (YAML reads {_name(received)} as text: write {written})"
