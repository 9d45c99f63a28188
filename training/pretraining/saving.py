"""The files of an encoder folder."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from ..recipe import dump_recipe
from .sections import PretrainRecipe

__all__ = ["write_encoder"]

_WEIGHT_TYPES = {"fp32": torch.float32, "fp16": torch.float16}


def write_encoder(
    folder: Path, recipe: PretrainRecipe, model: Any, tokenizer: Any, summary: dict[str, Any]
) -> None:
    """Write an encoder in the form that ``encoder:`` of a recipe, and transformers, load.

    Args:
        folder: Where to; what is there is removed.
        recipe: Becomes ``pretraining_config.yaml``.
        model: The masked language model; it is left as it is.
        tokenizer: Its tokenizer.
        summary: Becomes ``pretraining_summary.json``.

    Raises:
        OSError: when it cannot be written.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _write_model(model, folder, _WEIGHT_TYPES[recipe.saving.weights])
    tokenizer.save_pretrained(folder)
    (folder / "pretraining_config.yaml").write_text(dump_recipe(recipe), encoding="utf-8")
    (folder / "pretraining_summary.json").write_text(
        json.dumps(summary, indent=2, allow_nan=False) + "\n", encoding="utf-8"
    )


def _write_model(model: Any, folder: Path, dtype: torch.dtype) -> None:
    """Write ``config.json`` and ``model.safetensors``, weights that are shared once."""
    config = copy.deepcopy(model.config)
    config.dtype = dtype
    config.architectures = [type(model).__name__]
    config.save_pretrained(folder)
    tensors = {
        name: value.detach().to("cpu", dtype, copy=True).contiguous()
        for name, value in model.named_parameters()
    }
    # save_file would keep others from reading it
    (folder / "model.safetensors").write_bytes(save(tensors, metadata={"format": "pt"}))
