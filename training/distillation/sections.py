"""The sections of a distillation recipe, beside those of a fine-tuning recipe."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from ..sections import Name, Positive, Section, Share

__all__ = [
    "EventStageSection",
    "RetypingSection",
    "SilverFileSection",
    "SilverSection",
    "TeacherSection",
    "VectorFileSection",
    "VectorsSection",
]

_Range = Annotated[list[Positive], Field(min_length=2, max_length=2)]
_Seed = Annotated[int, Field(ge=0, lt=2**32)]


class VectorFileSection(Section):
    """A corpus file, read ``weight`` times."""

    path: Name
    weight: Positive


class VectorsSection(Section):
    """Word vectors (word2vec, continuous bag of words) from open text."""

    files: list[VectorFileSection] = Field(min_length=1)
    size: Positive
    window: Positive
    negative: Positive
    min_count: Positive
    epochs: Positive
    seed: _Seed


class TeacherSection(Section):
    """The ensemble: recurrent taggers, and checkpoints that were fine-tuned before."""

    checkpoints: list[Name]
    checkpoint_weight: Annotated[float, Field(gt=0)]
    count: Annotated[int, Field(ge=0)]
    hidden: Positive
    layers: Positive
    dropout: Share
    word_dropout: Share
    recase_share: Share
    epochs: Positive
    batch_size: Positive
    learning_rate: Annotated[float, Field(gt=0)]
    average_decay: Share
    seed: _Seed

    @model_validator(mode="after")
    def _some(self) -> TeacherSection:
        if not self.count and not self.checkpoints:
            raise ValueError("without checkpoints count must be at least 1, got 0")
        return self


class RetypingSection(Section):
    """How the student sees passages that are typed in another way than the teachers saw them."""

    upper_case: Share
    lower_case: Share
    dateline: Share
    seed: _Seed

    @model_validator(mode="after")
    def _one_way(self) -> RetypingSection:
        total = self.upper_case + self.lower_case + self.dateline
        if round(total, 9) > 1:
            raise ValueError(
                f"upper_case, lower_case and dateline must not sum to more than 1, got {total:g}"
            )
        return self


class EventStageSection(Section):
    """The last stage, in which the event head learns alone."""

    epochs: Annotated[int, Field(ge=0)]
    batch_size: Positive
    learning_rate: Annotated[float, Field(gt=0)]


class SilverFileSection(Section):
    """Passages of a corpus file."""

    path: Name
    count: Positive
    sentences: _Range
    join_lines: bool

    @model_validator(mode="after")
    def _ordered(self) -> SilverFileSection:
        _check_range("sentences", self.sentences)
        return self


class SilverSection(Section):
    """The passages that the teachers label."""

    files: list[SilverFileSection] = Field(min_length=1)
    words: _Range
    keywords: list[Name] = Field(min_length=1)
    off_topic_share: Share
    exclude: list[Name]
    gold_repeats: Annotated[int, Field(ge=0)]
    seed: _Seed

    @model_validator(mode="after")
    def _ordered(self) -> SilverSection:
        _check_range("words", self.words)
        return self


def _check_range(name: str, values: list[int]) -> None:
    if values[0] > values[1]:
        raise ValueError(f"{name} must be the least and the most, got {values}")
