"""A study: variants of one fine-tuning recipe, each with several seeds, compared on the dev documents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated, Any

import numpy as np
from pydantic import Field, model_validator

from ...data.errors import ConflictnerError
from ...data.jsonl import write_jsonl
from ..recipe import Recipe, RecipeError, load_recipe
from ..sections import Name, Section

__all__ = [
    "StudyRecipe",
    "StudyRow",
    "StudyRun",
    "VariantSection",
    "check_inputs",
    "study_markdown",
    "study_row",
]

_SCORES = ("f1", "attribute_accuracy", "event_f1")


class VariantSection(Section):
    """One choice: what differs from the base recipe."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
    share: Annotated[float, Field(gt=0, le=1)]
    set: list[Name]


class StudyRecipe(Section):
    """Variants of one recipe, each with several seeds; ``configs/benchmark/study.yaml`` explains it."""

    output: Name
    base: Name
    set: list[Name]
    seeds: list[Annotated[int, Field(ge=0, lt=2**32)]] = Field(min_length=1)
    variants: list[VariantSection] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_differ(self) -> StudyRecipe:
        names = [variant.name for variant in self.variants]
        for what, values in (("variants", names), ("seeds", self.seeds)):
            if len(set(values)) < len(values):
                raise ValueError(f"no two {what} may be the same, got {', '.join(map(str, values))}")
        return self

    def runs(self) -> Iterator[StudyRun]:
        """Yield all runs, a variant's seeds one after the other.

        Raises:
            RecipeError: for a value that the base recipe does not take, before anything is trained.
        """
        for variant in self.variants:
            for seed in self.seeds:
                folder = f"{self.output}/{variant.name}/seed-{seed}"
                own = [f"output={json.dumps(folder)}", f"finetune.seed={seed}"]
                try:
                    recipe = load_recipe(self.base, [*self.set, *variant.set, *own])
                except RecipeError as error:
                    raise RecipeError(f"variant {variant.name}: {error}") from error
                yield StudyRun(variant.name, seed, variant.share, recipe)


@dataclass(frozen=True)
class StudyRun:
    """A variant with one seed.

    Attributes:
        variant: Its name.
        seed: Of every random draw, the share's too.
        share: Share of the training documents to learn from, in (0, 1].
        recipe: What :func:`finetune` takes; its training files hold all documents.
    """

    variant: str
    seed: int
    share: float
    recipe: Recipe

    def with_share(self) -> Recipe:
        """Return the recipe with the share of its documents, which is written beside the run's folder.

        A smaller share of the same seed is part of a larger one.

        Raises:
            ConflictnerError: for training files that cannot be read.
        """
        from ..passages import read_annotated

        if self.share == 1:
            return self.recipe
        data = self.recipe.data
        documents = read_annotated(data.train, self.recipe.scheme, "data.train")
        count = max(1, round(self.share * len(documents)))
        order = np.random.default_rng(self.seed).permutation(len(documents)).tolist()
        path = Path(f"{self.recipe.output}.jsonl").expanduser()
        path.parent.mkdir(parents=True, exist_ok=True)
        write_jsonl(path, [documents[index] for index in sorted(order[:count])])
        changed = data.model_copy(update={"train": [str(path)]})
        return self.recipe.model_copy(update={"data": changed})


@dataclass(frozen=True)
class StudyRow:
    """What the runs of a variant gave.

    Attributes:
        variant: Its name.
        seeds: How many runs.
        documents: Training documents of a run.
        parameters: Of the network.
        minutes: Mean training time of a run, which depends on what else the machine did.
        scores: Mean over the seeds and sample standard deviation (``None`` for one run), both in [0, 1], of
            ``f1`` (micro, exact spans and labels), ``attribute_accuracy`` (on matched spans) and ``event_f1``
            (micro) on the dev documents, at the best epoch of each run.
    """

    variant: str
    seeds: int
    documents: int
    parameters: int
    minutes: float
    scores: dict[str, tuple[float, float | None]]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return asdict(self)


def check_inputs(runs: Iterable[StudyRun]) -> None:
    """Make sure that what all runs learn from is there, so that a study does not end in its middle.

    Raises:
        RecipeError: naming the first variant that cannot be trained, and why.
    """
    from ..parts import find_encoder, load_tokenizer
    from ..passages import load_split

    seen: set[tuple[str | None, str]] = set()
    for run in runs:
        recipe = run.recipe
        inputs = (recipe.encoder, recipe.data.model_dump_json())
        if inputs in seen:
            continue
        seen.add(inputs)
        try:
            load_split(recipe.data, recipe.scheme, run.seed)
            if recipe.encoder is not None:
                load_tokenizer(find_encoder(recipe.encoder))
        except ConflictnerError as error:
            raise RecipeError(f"variant {run.variant}: {error}") from error


def study_row(variant: str, finished: Sequence[tuple[Path, float]]) -> StudyRow:
    """Sum up the runs of a variant.

    Args:
        variant: Its name.
        finished: Checkpoint folder and seconds of training of each run, at least one.
    """
    summaries = [
        json.loads((folder / "training_summary.json").read_text(encoding="utf-8")) for folder, _ in finished
    ]
    scores: dict[str, tuple[float, float | None]] = {}
    for name in _SCORES:
        values = [summary["dev"][name] for summary in summaries if name in summary["dev"]]
        if values:
            scores[name] = (mean(values), stdev(values) if len(values) > 1 else None)
    return StudyRow(
        variant,
        len(finished),
        summaries[0]["documents"]["train"],
        summaries[0]["parameters"],
        mean(seconds for _, seconds in finished) / 60,
        scores,
    )


def study_markdown(rows: Sequence[StudyRow]) -> str:
    """Return the table of a study, scores as mean and standard deviation over the seeds."""
    lines = [
        "| variant | seeds | documents | parameters | minutes | dev F1 | attributes | event types |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = [
            row.variant,
            str(row.seeds),
            f"{row.documents:,}",
            f"{row.parameters / 1e6:.1f} M",
            f"{row.minutes:.1f}",
            *(_score(row.scores.get(name)) for name in _SCORES),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _score(score: tuple[float, float | None] | None) -> str:
    if score is None:
        return ""
    middle, spread = score
    return f"{middle:.3f}" if spread is None else f"{middle:.3f} +- {spread:.3f}"
