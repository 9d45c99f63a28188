"""The recipes of the benchmarks: a published split with several seeds, and baselines on our own split."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from ...model.labels import DEFAULT_SCHEME, LabelScheme
from ..recipe import Recipe
from ..sections import (
    DataSection,
    ExportSection,
    FinetuneSection,
    LabelsSection,
    Name,
    NewEncoderSection,
    Section,
    WindowSection,
)

__all__ = [
    "BaselineDataSection",
    "BaselinesRecipe",
    "BertSection",
    "CrfSection",
    "OwnSection",
    "PublishedSection",
    "Re3dRecipe",
    "SpacySection",
]

_Positive = Annotated[int, Field(ge=1)]
_NotNegative = Annotated[float, Field(ge=0)]
_Share = Annotated[float, Field(ge=0, lt=1)]
_Seed = Annotated[int, Field(ge=0, lt=2**32)]


class PublishedSection(Section):
    """A figure that others publish."""

    system: Name
    f1: Annotated[float, Field(ge=0, le=1)]
    spread: Annotated[float, Field(ge=0, le=1)]
    source: Name


class Re3dRecipe(Recipe):
    """Several runs of one recipe on the re3d split; ``configs/benchmark/re3d.yaml`` explains every field."""

    test: list[Name] = Field(min_length=1)
    runs: _Positive
    report: Name
    published: list[PublishedSection]

    def recipes(self) -> Iterator[Recipe]:
        """Yield the fine-tuning recipe of each run: its own seed, and a folder in ``output`` named by it."""
        fields = set(Recipe.model_fields)
        values = {name: value for name, value in self.model_dump().items() if name in fields}
        for seed in range(self.finetune.seed, self.finetune.seed + self.runs):
            yield Recipe.model_validate(
                {
                    **values,
                    "output": f"{self.output}/seed-{seed}",
                    "finetune": {**values["finetune"], "seed": seed},
                }
            )


class BaselineDataSection(Section):
    """Where the documents are."""

    train: list[Name] = Field(min_length=1)
    dev: list[Name] = Field(min_length=1)
    test: list[Name] = Field(min_length=1)


class OwnSection(Section):
    """A model of this project, to compare the baselines with."""

    model: Name | None


class CrfSection(Section):
    """A linear-chain conditional random field."""

    l1: _NotNegative
    l2: _NotNegative
    iterations: _Positive
    context: Annotated[int, Field(ge=0)]


class SpacySection(Section):
    """spaCy's named entity recogniser on a tok2vec layer."""

    max_steps: _Positive
    patience: _Positive
    evaluate_every: _Positive
    dropout: _Share
    seed: _Seed


class BertSection(Section):
    """A transformer of our kind without pre-training."""

    new_encoder: NewEncoderSection
    windows: WindowSection
    finetune: FinetuneSection
    export: ExportSection


class BaselinesRecipe(Section):
    """Baselines on the project's own split; ``configs/benchmark/baselines.yaml`` explains every field."""

    output: Name
    labels: LabelsSection | None
    data: BaselineDataSection
    bootstrap: Annotated[int, Field(ge=1)]
    bootstrap_seed: _Seed
    ours: OwnSection | None
    crf: CrfSection | None
    spacy: SpacySection | None
    bert: BertSection | None

    @property
    def scheme(self) -> LabelScheme:
        """Return the label scheme of the data."""
        return DEFAULT_SCHEME if self.labels is None else self.labels.scheme()

    @property
    def split(self) -> DataSection:
        """Return where the documents to learn from and to select on are."""
        return DataSection(train=self.data.train, dev=self.data.dev, dev_share=0.0)

    def bert_recipe(self) -> Recipe:
        """Return the fine-tuning recipe of the transformer without pre-training, which must be asked for."""
        assert self.bert is not None
        return Recipe.model_validate(
            {
                **self.bert.model_dump(),
                "output": f"{self.output}/bert",
                "encoder": None,
                "augmentation": None,
                "labels": None if self.labels is None else self.labels.model_dump(),
                "data": self.split.model_dump(),
                "card": {
                    "title": "BERT without pre-training",
                    "description": "A baseline: nothing but the training passages has been read.",
                    "licence": "that of the training passages",
                    "sources": [],
                },
            }
        )
