"""The recipe of a pre-training run: what each field may hold."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from ..sections import Name, Positive, Section, Share

__all__ = [
    "CorpusSection",
    "EncoderSection",
    "LimitsSection",
    "MaskingSection",
    "PretrainRecipe",
    "PretrainSection",
    "SavingSection",
    "SequencesSection",
    "TextSection",
    "TokenizerSection",
    "VectorsSection",
]

Above0 = Annotated[float, Field(gt=0)]
Probability = Annotated[float, Field(ge=0, le=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
_ROUNDING = 1e-9  # of a sum of shares


class TextSection(Section):
    """A text file, and how often its text is read for each time that text of weight 1 is read."""

    path: Name
    weight: Above0


class CorpusSection(Section):
    """What is learned from, and how much of it is kept back to measure on."""

    files: list[TextSection] = Field(min_length=1)
    held_out_share: Annotated[float, Field(gt=0, lt=1)]
    held_out_sequences: Positive
    held_out_seed: Seed

    @model_validator(mode="after")
    def _each_file_once(self) -> CorpusSection:
        paths = [file.path for file in self.files]
        twice = sorted({path for path in paths if paths.count(path) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} is named twice; give it a higher weight instead")
        return self


class TokenizerSection(Section):
    """An existing tokenizer, or how to train one."""

    folder: Name | None
    vocabulary: Annotated[int, Field(ge=100)]
    characters: Positive
    sample_megabytes: Above0

    @model_validator(mode="after")
    def _characters_fit(self) -> TokenizerSection:
        if self.characters > self.vocabulary // 4:
            raise ValueError(
                f"characters ({self.characters}) must be at most a quarter of vocabulary "
                f"({self.vocabulary}), for each may take two pieces"
            )
        return self


class EncoderSection(Section):
    """The architecture and its size; an existing encoder to go on from, if any, must agree with it."""

    folder: Name | None
    type: Literal["bert", "roberta", "electra", "convbert", "modernbert"]
    layers: Positive
    hidden: Positive
    heads: Positive
    feed_forward: Positive
    settings: dict[str, Any]

    @model_validator(mode="after")
    def _heads_divide_hidden(self) -> EncoderSection:
        if self.hidden % self.heads:
            raise ValueError(f"hidden ({self.hidden}) must be a multiple of heads ({self.heads})")
        return self


class VectorsSection(Section):
    """What the embeddings of the pieces begin with."""

    method: Literal["none", "word2vec", "file"]
    file: Name | None
    share: Annotated[float, Field(gt=0, le=1)]
    epochs: Positive
    window: Positive
    negative: Positive
    least_count: Positive
    subsample: Annotated[float, Field(ge=0)]
    learning_rate: Above0
    workers: Positive

    @model_validator(mode="after")
    def _file_with_its_method(self) -> VectorsSection:
        if (self.method == "file") != (self.file is not None):
            raise ValueError("'file' must be given with method 'file', and null with any other")
        return self


class SequencesSection(Section):
    """How paragraphs are packed into sequences."""

    length: Annotated[int, Field(ge=16, multiple_of=8)]
    borders: Literal["attention", "separator"]


class MaskingSection(Section):
    """What is hidden, to be guessed."""

    share: Annotated[float, Field(gt=0, lt=1)]
    whole_words: bool
    as_mask: Probability
    as_random: Probability

    @model_validator(mode="after")
    def _shares_add_up(self) -> MaskingSection:
        if self.as_mask + self.as_random > 1 + _ROUNDING:
            raise ValueError(
                f"as_mask ({self.as_mask}) and as_random ({self.as_random}) must add up to 1 at most; the "
                "rest stays as it is"
            )
        return self


class LimitsSection(Section):
    """When the run ends: at whichever comes first."""

    tokens: Positive | None
    minutes: Above0 | None

    @model_validator(mode="after")
    def _one_at_least(self) -> LimitsSection:
        if self.tokens is None and self.minutes is None:
            raise ValueError("'tokens' or 'minutes' must be given, or both")
        return self


class PretrainSection(Section):
    """The optimisation."""

    batch_size: Positive
    gradient_accumulation: Positive
    optimizer: Literal["adamw", "muon"]
    learning_rate: Above0
    matrix_learning_rate: Above0
    warmup_share: Share
    decay_share: Annotated[float, Field(gt=0, le=1)]
    weight_decay: Annotated[float, Field(ge=0)]
    beta2: Annotated[float, Field(gt=0, lt=1)]
    gradient_clip: Above0
    dropout: Share
    precision: Literal["auto", "fp32", "bf16"]
    attention: Literal["auto", "sdpa", "eager"]
    compile: bool
    device: Literal["auto", "cpu"]
    seed: Seed

    @model_validator(mode="after")
    def _schedule_fits(self) -> PretrainSection:
        if self.warmup_share + self.decay_share > 1 + _ROUNDING:
            raise ValueError(
                f"warmup_share ({self.warmup_share}) and decay_share ({self.decay_share}) must add up to 1 "
                "at most"
            )
        return self


class SavingSection(Section):
    """How often the encoder is measured and saved, and how."""

    minutes: Annotated[float, Field(ge=0)]
    weights: Literal["fp32", "fp16"]


class PretrainRecipe(Section):
    """A pre-training run; ``configs/pretrain/cpu.yaml`` explains every field."""

    output: Name
    corpus: CorpusSection
    tokenizer: TokenizerSection
    encoder: EncoderSection
    vectors: VectorsSection
    sequences: SequencesSection
    masking: MaskingSection
    limits: LimitsSection
    pretrain: PretrainSection
    saving: SavingSection

    @model_validator(mode="after")
    def _vectors_for_a_new_encoder(self) -> PretrainRecipe:
        if self.encoder.folder is not None and self.vectors.method != "none":
            raise ValueError(
                "'vectors.method' must be 'none' with 'encoder.folder', whose embeddings are trained already"
            )
        return self
