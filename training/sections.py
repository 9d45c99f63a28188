"""The sections of a recipe: what each field may hold."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..data.quotes import quote
from ..model.labels import LabelScheme, SchemeError

__all__ = [
    "AugmentationSection",
    "CardSection",
    "DataSection",
    "ExportSection",
    "FinetuneSection",
    "LabelSection",
    "LabelsSection",
    "Name",
    "NewEncoderSection",
    "Section",
    "SourceSection",
    "WindowSection",
]

Share = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(min_length=1)]


class Section(BaseModel):
    """Takes its own fields and types alone."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class DataSection(Section):
    """Where the documents are."""

    train: list[Name] = Field(min_length=1)
    dev: list[Name]
    dev_share: Share

    @model_validator(mode="after")
    def _one_dev(self) -> DataSection:
        if bool(self.dev) == bool(self.dev_share):
            raise ValueError("exactly one of 'dev' (files) and 'dev_share' (over 0) must be given")
        return self


class AugmentationSection(Section):
    """Changed variants of the training documents, learned from beside them."""

    copies: Positive
    names: Share
    numbers: Share
    typography: Share
    no_final_stop: Share
    upper_case: Share
    lower_case: Share
    headline_case: Share

    @model_validator(mode="after")
    def _one_case(self) -> AugmentationSection:
        total = self.upper_case + self.lower_case + self.headline_case
        if round(total, 9) > 1:
            raise ValueError(
                f"upper_case, lower_case and headline_case must not sum to more than 1, got {total:g}"
            )
        return self


class LabelSection(Section):
    """A label, with an attribute and its values or without; in YAML a bare name will do."""

    name: Name
    attribute: Name | None = None
    values: list[Name] = []

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"name": value}
        if not isinstance(value, (dict, cls)):
            raise ValueError(
                f"a label is a name, or a section with name, attribute and values, got {quote(value)}; put "
                "quotes around a name such as 'NO', which YAML reads as false"
            )
        return value


class LabelsSection(Section):
    """A user's own label scheme, as ``labels.json`` writes it."""

    labels: list[LabelSection]
    events: list[Name]

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


class NewEncoderSection(Section):
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


class WindowSection(Section):
    """How long texts are cut."""

    max_length: Annotated[int, Field(ge=8)]
    overlap: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _overlap_fits(self) -> WindowSection:
        if self.overlap > self.max_length - 8:
            raise ValueError(
                f"overlap ({self.overlap}) must leave at least 8 of max_length ({self.max_length}) pieces"
            )
        return self


class FinetuneSection(Section):
    """The optimisation."""

    epochs: Positive
    batch_size: Positive
    gradient_accumulation: Positive
    learning_rate: Annotated[float, Field(gt=0)]
    warmup_share: Share
    weight_decay: Annotated[float, Field(ge=0)]
    dropout: Share
    word_dropout: Share
    join_share: Share
    label_smoothing: Share
    event_weight: Annotated[float, Field(ge=0)]
    gradient_clip: Annotated[float, Field(gt=0)]
    average_decay: Share
    layer_decay: Annotated[float, Field(gt=0, le=1)]
    precision: Literal["auto", "fp32", "bf16", "fp16"]
    device: Literal["auto", "cpu"]
    seed: Annotated[int, Field(ge=0, lt=2**32)]


class ExportSection(Section):
    """What is written at the end."""

    onnx: Literal["int8", "fp32", "none"]
    weights: Literal["fp32", "fp16"]
    int8_tolerance: Annotated[float, Field(ge=0, le=1)]


class SourceSection(Section):
    """Something the weights were made from."""

    name: str
    licence: str
    use: str


class CardSection(Section):
    """What the model card says beside the figures."""

    title: str
    description: str
    licence: str
    sources: list[SourceSection]
