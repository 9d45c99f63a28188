"""Networks on disk: built on an encoder, saved to a checkpoint folder and loaded from there."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save
from torch import nn
from transformers import AutoConfig, AutoModelForTokenClassification

from ..data.quotes import one_line
from .checkpoint import FORMAT, Checkpoint, CheckpointError
from .integrity import COPY
from .labels import LabelScheme
from .network import TaggerNetwork

__all__ = ["build_network", "load_encoder", "load_network", "read_config", "save_network"]

_DROPOUTS = (
    # BERT, RoBERTa, ELECTRA, ...
    *("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"),
    *("dropout", "attention_dropout", "seq_classif_dropout"),  # DistilBERT
    *("embedding_dropout", "mlp_dropout"),  # ModernBERT
)


def build_network(
    encoder: str | Path,
    scheme: LabelScheme,
    *,
    dropout: float,
    event_weight: float = 0.0,
    label_smoothing: float = 0.0,
) -> TaggerNetwork:
    """Put heads on an encoder: those it has, where it is a tagger of the same labels, else new ones.

    Args:
        encoder: A folder or hub id that transformers can load.
        scheme: The label scheme.
        dropout: Dropout probability in [0, 1) for every dropout the architecture names.
        event_weight: Weight of the event loss beside the tag loss.
        label_smoothing: Share of probability spread over all tags, in [0, 1).

    Raises:
        CheckpointError: when transformers cannot load it; the message says why.
    """
    try:
        config = read_config(encoder)
    except Exception as error:  # transformers and the hub each raise their own kind
        raise CheckpointError(f"encoder {encoder} cannot be loaded: {one_line(error)}") from error
    config.id2label = dict(enumerate(scheme.tags))
    config.label2id = {tag: index for index, tag in enumerate(scheme.tags)}
    for name in _DROPOUTS:
        if hasattr(config, name):
            setattr(config, name, dropout)
    # A tagger of other labels keeps its encoder and gets a new head.
    tagger = load_encoder(AutoModelForTokenClassification, encoder, config, ignore_mismatched_sizes=True)
    network = TaggerNetwork(tagger, scheme, event_weight, label_smoothing)
    _take_event_head(network, Path(encoder))
    return network


def load_encoder(kind: Any, source: str | Path, config: Any, **settings: Any) -> Any:
    """Load an encoder in fp32 under a head, never executing code of its own; a head may be without weights.

    Args:
        kind: transformers' class for the head.
        source: A folder or hub id.
        config: Its configuration, as it is to be.
        settings: More for ``from_pretrained``.

    Raises:
        CheckpointError: when transformers cannot load it, or weights of the encoder are missing.
    """
    try:
        model, found = kind.from_pretrained(
            source,
            config=config,
            dtype=torch.float32,
            trust_remote_code=False,
            use_safetensors=True,
            output_loading_info=True,
            **settings,
        )
    except Exception as error:  # transformers, safetensors and the hub each raise their own kind
        raise CheckpointError(f"encoder {source} cannot be loaded: {one_line(error)}") from error
    body = f"{model.base_model_prefix}."
    absent = sorted(name for name in found["missing_keys"] if name.startswith(body))
    absent += sorted(name for name, *_ in found["mismatched_keys"] if name.startswith(body))
    if absent:
        raise CheckpointError(
            f"encoder {source} has no weights, or none of the size its config.json tells, for "
            f"{len(absent)} of its tensors, such as {absent[0]}; take a complete one"
        )
    return model


def read_config(source: str | Path) -> Any:
    """Read the configuration of an encoder, and of it what says which network it is.

    How attention and experts are computed is for transformers to choose: a file could name code on the hub.

    Args:
        source: A folder or hub id.
    """
    config = AutoConfig.from_pretrained(source, trust_remote_code=False)
    for name in ("_attn_implementation", "_experts_implementation"):
        if hasattr(config, name):
            setattr(config, name, None)
    return config


def _take_event_head(network: TaggerNetwork, folder: Path) -> None:
    """Go on with the event head of a checkpoint of the same label scheme, where the encoder is one."""
    path = folder / "event_head.safetensors"
    if network.event_head is None or not path.is_file():
        return
    try:
        if LabelScheme.load(folder / "labels.json").events == network.scheme.events:
            network.event_head.load_state_dict(load_file(path))
    except Exception as error:  # safetensors and torch each raise their own kind
        raise CheckpointError(f"{path}: cannot be read ({one_line(error)}); {COPY}") from error


def save_network(
    network: TaggerNetwork, folder: Path, *, max_length: int, overlap: int, dtype: torch.dtype = torch.float32
) -> None:
    """Write ``config.json``, ``model.safetensors``, ``event_head.safetensors`` and ``labels.json``.

    Args:
        network: What to save; it is left as it is.
        folder: An existing folder.
        max_length: Longest window, in pieces with special tokens.
        overlap: Least number of pieces shared by neighbouring windows.
        dtype: Type of the stored weights.
    """
    tagger = network.tagger
    config = copy.deepcopy(tagger.config)
    config.conflictner = {"format": FORMAT, "max_length": max_length, "overlap": overlap}
    config.dtype = dtype
    config.architectures = [type(tagger).__name__]
    config.save_pretrained(folder)
    _write(tagger, folder / "model.safetensors", dtype)
    if network.event_head is not None:
        _write(network.event_head, folder / "event_head.safetensors", dtype)
    (folder / "labels.json").write_text(
        json.dumps(network.scheme.to_dict(), indent=2) + "\n", encoding="utf-8"
    )


def load_network(checkpoint: Checkpoint) -> TaggerNetwork:
    """Load the network of a checkpoint in fp32.

    Raises:
        CheckpointError: when its files are missing, changed, or of another architecture.
    """
    checkpoint.file("config.json")
    path = checkpoint.file("model.safetensors")
    try:
        config = read_config(checkpoint.folder)
        _check_stored(config, path)
        with torch.random.fork_rng(devices=[]):  # the weights are random at first; the caller's numbers stay
            tagger = AutoModelForTokenClassification.from_config(config, dtype=torch.float32)
            network = TaggerNetwork(tagger, checkpoint.scheme)
        network.tagger.load_state_dict(load_file(path))
        if network.event_head is not None:
            path = checkpoint.file("event_head.safetensors")
            network.event_head.load_state_dict(load_file(path))
    except CheckpointError:
        raise
    except Exception as error:  # safetensors, torch and transformers each raise their own kind
        raise CheckpointError(
            f"{path}: the weights do not fit config.json or cannot be read ({one_line(error)}); {COPY}"
        ) from error
    return network.eval()


def _check_stored(config: Any, path: Path) -> None:
    """Make sure that weights are there for all of a network before it takes memory of its own.

    Raises:
        ValueError: naming what is missing or of another shape.
    """
    with safe_open(path, framework="pt") as file:
        names = file.keys()
        stored = {name: tuple(file.get_slice(name).get_shape()) for name in names}
    layers = getattr(config, "num_hidden_layers", 0)
    if layers > len(stored):
        raise ValueError(f"{layers} layers, {len(stored)} tensors")
    with torch.device("meta"):
        tagger = AutoModelForTokenClassification.from_config(config, dtype=torch.float32)
    for name, tensor in tagger.state_dict().items():
        if stored.get(name) != tuple(tensor.shape):
            raise ValueError(f"{name} has shape {stored.get(name)}, expected {tuple(tensor.shape)}")


def _write(module: nn.Module, path: Path, dtype: torch.dtype) -> None:
    """Store the parameters in ``dtype``, each with memory of its own, as transformers does."""
    tensors = {
        name: tensor.to("cpu", dtype if tensor.is_floating_point() else tensor.dtype, copy=True).contiguous()
        for name, tensor in module.state_dict().items()
    }
    path.write_bytes(save(tensors, metadata={"format": "pt"}))  # save_file would keep others from reading it
