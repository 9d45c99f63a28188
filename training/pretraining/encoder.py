"""The encoder of a pre-training run: a new one of the recipe's size, or an existing one of the same size."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModelForMaskedLM

from ...data.quotes import one_line, quote
from ...model.checkpoint import CheckpointError
from ...model.network_files import load_encoder, read_config
from ..parts import find_encoder
from ..recipe import RecipeError
from .packing import SpecialIds
from .sections import PretrainRecipe

__all__ = ["check_positions", "existing_config", "load_model", "new_config", "new_model", "position_offset"]

_SIZES = {
    "layers": "num_hidden_layers",
    "hidden": "hidden_size",
    "heads": "num_attention_heads",
    "feed_forward": "intermediate_size",
}
_FROM_TOKENIZER = (
    "vocab_size",
    "pad_token_id",
    "bos_token_id",
    "eos_token_id",
    "cls_token_id",
    "sep_token_id",
)
_DROPOUTS = (
    *("hidden_dropout_prob", "attention_probs_dropout_prob"),
    *("attention_dropout", "embedding_dropout", "mlp_dropout"),
)


def new_config(recipe: PretrainRecipe, vocabulary: int, special: SpecialIds) -> Any:
    """Return the configuration of a new encoder.

    Args:
        recipe: The recipe.
        vocabulary: Number of pieces.
        special: The tokenizer's special pieces.

    Raises:
        RecipeError: for a setting that the architecture does not have, or does not take.
    """
    section = recipe.encoder
    known = AutoConfig.for_model(section.type)
    values: dict[str, Any] = {
        "vocab_size": vocabulary,
        "type_vocab_size": 1,
        "embedding_size": section.hidden,
    }
    values["max_position_embeddings"] = recipe.sequences.length
    ids = {
        "pad": special.pad,
        "bos": special.cls,
        "cls": special.cls,
        "eos": special.sep,
        "sep": special.sep,
    }
    values |= {f"{name}_token_id": index for name, index in ids.items()}
    values |= dict.fromkeys(_DROPOUTS, recipe.pretrain.dropout)
    values = {name: value for name, value in values.items() if hasattr(known, name)}
    values |= {name: getattr(section, field) for field, name in _SIZES.items()}
    for name, value in section.settings.items():
        _check_setting(name, known)
        values[name] = value
    try:
        return AutoConfig.for_model(section.type, **values)
    except Exception as error:  # each configuration has checks of its own
        raise RecipeError(
            f"encoder.settings: {section.type} does not take them: {one_line(error)}"
        ) from error


def new_model(recipe: PretrainRecipe, config: Any) -> Any:
    """Return an untrained masked language model; the same seed gives the same weights.

    Raises:
        RecipeError: when the architecture cannot have this size or these settings.
    """
    torch.manual_seed(recipe.pretrain.seed)
    try:
        return AutoModelForMaskedLM.from_config(config, dtype=torch.float32, **_attention(recipe))
    except Exception as error:  # each architecture has checks of its own
        raise RecipeError(f"encoder: no {recipe.encoder.type} can be built so: {one_line(error)}") from error


def existing_config(recipe: PretrainRecipe) -> Any:
    """Return the configuration of the encoder to go on from, made sure to be what the recipe says.

    Raises:
        CheckpointError: when it cannot be read, or is of another architecture or size.
        RecipeError: for a setting that the architecture does not have.
    """
    section = recipe.encoder
    source = find_encoder(str(section.folder))
    try:
        config = read_config(source)
    except Exception as error:  # transformers and the hub each raise their own kind
        raise CheckpointError(f"encoder {source} cannot be loaded: {one_line(error)}") from error
    if config.model_type != section.type:
        raise CheckpointError(
            f"encoder.type is {section.type}, but {section.folder} holds a {config.model_type}; set "
            "encoder.type, or name another folder"
        )
    for name in section.settings:
        _check_setting(name, config)
    told = {f"encoder.{field}": (getattr(section, field), name) for field, name in _SIZES.items()}
    told |= {f"encoder.settings.{name}": (value, name) for name, value in section.settings.items()}
    differing = [
        f"{field} is {quote(value)}, there {quote(getattr(config, name))}"
        for field, (value, name) in told.items()
        if getattr(config, name) != value
    ]
    if differing:
        raise CheckpointError(
            f"{section.folder} is of another size or kind than the recipe's encoder: {'; '.join(differing)}"
        )
    for name in _DROPOUTS:
        if hasattr(config, name):
            setattr(config, name, recipe.pretrain.dropout)
    return config


def load_model(recipe: PretrainRecipe, config: Any) -> Any:
    """Load the encoder to go on from, with its head for masked language modelling if it has one.

    Raises:
        CheckpointError: when weights are missing or do not fit.
    """
    source = find_encoder(str(recipe.encoder.folder))
    torch.manual_seed(recipe.pretrain.seed)  # of a head that is not there
    return load_encoder(AutoModelForMaskedLM, source, config, **_attention(recipe))


def position_offset(model: nn.Module) -> int:
    """Return the number of the first position: RoBERTa counts from behind the padding's."""
    for name, module in model.named_modules():
        if name.endswith("position_embeddings") and isinstance(module, nn.Embedding):
            return 0 if module.padding_idx is None else module.padding_idx + 1
    return 0


def check_positions(model: Any, length: int) -> None:
    """Make sure that the encoder tells the positions of a sequence apart.

    Raises:
        RecipeError: when it has too few.
    """
    limit = getattr(model.config, "max_position_embeddings", length) - position_offset(model)
    if limit < length:
        raise RecipeError(
            f"sequences.length is {length}, but the encoder has {limit} positions; lower it, or for a new "
            f"encoder set encoder.settings.max_position_embeddings={length + position_offset(model)}"
        )


def _check_setting(name: str, config: Any) -> None:
    """Refuse a setting that the architecture does not have, or that is given elsewhere."""
    fields = {own: field for field, own in _SIZES.items()}
    if name in fields:
        raise RecipeError(f"encoder.settings.{name} is given by encoder.{fields[name]}; leave it out")
    if name in _DROPOUTS:
        raise RecipeError(f"encoder.settings.{name} is given by pretrain.dropout; leave it out")
    if name in _FROM_TOKENIZER:
        raise RecipeError(f"encoder.settings.{name} is given by the tokenizer; leave it out")
    if name not in config.to_dict():
        raise RecipeError(f"encoder.settings.{name} is not a field of {config.model_type}'s configuration")


def _attention(recipe: PretrainRecipe) -> dict[str, str]:
    attention = recipe.pretrain.attention
    return {} if attention == "auto" else {"attn_implementation": attention}
