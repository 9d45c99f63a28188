"""The network: a transformers token classifier over fine tags, with an event head on its pooled states."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import AutoConfig, AutoModelForTokenClassification

from ..data.quotes import one_line
from .checkpoint import FORMAT, Checkpoint, CheckpointError
from .integrity import COPY
from .labels import LabelScheme

__all__ = [
    "IGNORED",
    "EventHead",
    "NetworkOutput",
    "TaggerNetwork",
    "build_network",
    "load_network",
    "read_config",
    "save_network",
]

_DROPOUTS = (
    # BERT, RoBERTa, ELECTRA, ...
    *("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"),
    *("dropout", "attention_dropout", "seq_classif_dropout"),  # DistilBERT
    *("embedding_dropout", "mlp_dropout"),  # ModernBERT
)
IGNORED = -100  # tag index of positions without a label, as everywhere in torch and transformers


class NetworkOutput(NamedTuple):
    """What the network returns.

    Attributes:
        logits: Fine tag logits, shape ``[batch, length, tags]``.
        event_logits: Event type logits, shape ``[batch, events]`` (``events`` may be 0).
        losses: The tag loss, a mean over the words with a target, and the weighted event loss, a mean over
            the event types that are known; shape ``[2]``, or ``None`` when no targets were given.
    """

    logits: Tensor
    event_logits: Tensor
    losses: Tensor | None = None

    @property
    def loss(self) -> Tensor | None:
        """The sum of the losses, a scalar."""
        return None if self.losses is None else self.losses.sum()


class EventHead(nn.Module):
    """Multi-label classification of a passage from its token states.

    Attention pooling with one learned query, then a linear layer.

    Args:
        hidden: Width of the token states.
        events: Number of event types.
    """

    def __init__(self, hidden: int, events: int) -> None:
        super().__init__()
        self.query = nn.Linear(hidden, 1)
        self.output = nn.Linear(2 * hidden, events)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Score states ``[batch, length, hidden]`` under mask ``[batch, length]``: ``[batch, events]``."""
        scores = self.query(states).squeeze(-1)  # under autocast of another type than the states
        weights = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min).softmax(dim=-1)
        attended = (weights.unsqueeze(-1) * states).sum(dim=1)
        logits: Tensor = self.output(torch.cat([attended, states[:, 0]], dim=-1))
        return logits


class TaggerNetwork(nn.Module):
    """Any ``AutoModelForTokenClassification`` with ``len(scheme.tags)`` outputs, and an event head beside it.

    The token classifier is kept whole, so what is saved is a standard transformers checkpoint that
    ``transformers.pipeline`` loads.

    Args:
        tagger: The token classifier.
        scheme: The label scheme.
        event_weight: Weight of the event loss beside the tag loss.
        label_smoothing: Share of probability spread over all tags, in [0, 1).

    Attributes:
        targets: The fine tags that each target in ``labels`` allows, booleans ``[targets, tags]``, the single
            tags first; ``None`` when targets are fine tag indices.
    """

    def __init__(
        self, tagger: Any, scheme: LabelScheme, event_weight: float = 0.0, label_smoothing: float = 0.0
    ) -> None:
        super().__init__()
        self.tagger = tagger
        self.scheme = scheme
        self.event_weight = event_weight
        self.label_smoothing = label_smoothing
        self.targets: Tensor | None
        self.register_buffer("targets", None, persistent=False)
        self.event_head = EventHead(tagger.config.hidden_size, len(scheme.events)) if scheme.events else None

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        labels: Tensor | None = None,
        events: Tensor | None = None,
    ) -> NetworkOutput:
        """Run the network.

        Args:
            input_ids: Piece indices, ``[batch, length]``.
            attention_mask: 1 for pieces, 0 for padding, ``[batch, length]``.
            labels: Targets, ``IGNORED`` where there is none, ``[batch, length]``: indices of fine tags, or of
                rows of :attr:`targets`.
            events: 0 or 1 for each event type, ``IGNORED`` where that is not known, ``[batch, events]``.
        """
        output = self.tagger(
            input_ids=input_ids,
            attention_mask=attention_mask,
            output_hidden_states=self.event_head is not None,
        )
        logits = output.logits
        if self.event_head is None:
            event_logits = logits.new_zeros((logits.shape[0], 0))
        else:
            event_logits = self.event_head(output.hidden_states[-1], attention_mask)
        losses = None
        if labels is not None:
            tag_loss = _tag_loss(logits, labels, self.targets, self.label_smoothing)
            event_loss = torch.zeros_like(tag_loss)
            if events is not None and self.event_weight and self.event_head is not None:
                event_loss = self.event_weight * _event_loss(event_logits, events)
            losses = torch.stack([tag_loss, event_loss])
        return NetworkOutput(logits, event_logits, losses)


def _tag_loss(logits: Tensor, labels: Tensor, targets: Tensor | None, smoothing: float) -> Tensor:
    """Return the mean over all words of ``-log`` of the summed probability of the tags their target allows.

    Where a target allows one tag, that is its cross entropy.
    """
    logits, labels = logits.flatten(0, 1).float(), labels.flatten()
    if targets is None:
        return F.cross_entropy(logits, labels, ignore_index=IGNORED, label_smoothing=smoothing)
    known = labels != IGNORED
    log_probabilities = logits[known].log_softmax(dim=-1)
    allowed = targets[labels[known]]
    losses = -log_probabilities.masked_fill(~allowed, -torch.inf).logsumexp(dim=-1)
    return ((1 - smoothing) * losses - smoothing * log_probabilities.mean(dim=-1)).mean()


def _event_loss(logits: Tensor, events: Tensor) -> Tensor:
    """Return the mean binary cross entropy over the event types that are known."""
    known = (events != IGNORED).to(torch.float32)
    loss = F.binary_cross_entropy_with_logits(logits.float(), events.clamp(min=0), weight=known)
    return loss * (known.numel() / known.sum().clamp(min=1))


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
        config.id2label = dict(enumerate(scheme.tags))
        config.label2id = {tag: index for index, tag in enumerate(scheme.tags)}
        for name in _DROPOUTS:
            if hasattr(config, name):
                setattr(config, name, dropout)
        tagger, found = AutoModelForTokenClassification.from_pretrained(
            encoder,
            config=config,
            dtype=torch.float32,
            trust_remote_code=False,
            use_safetensors=True,
            ignore_mismatched_sizes=True,  # a tagger of other labels keeps its encoder and gets a new head
            output_loading_info=True,
        )
    except Exception as error:  # transformers, safetensors and the hub each raise their own kind
        raise CheckpointError(f"encoder {encoder} cannot be loaded: {one_line(error)}") from error
    body = f"{tagger.base_model_prefix}."
    absent = sorted(name for name in found["missing_keys"] if name.startswith(body))
    absent += sorted(name for name, *_ in found["mismatched_keys"] if name.startswith(body))
    if absent:
        raise CheckpointError(
            f"encoder {encoder} has no weights, or none of the size its config.json tells, for "
            f"{len(absent)} of its tensors, such as {absent[0]}; take a complete one"
        )
    network = TaggerNetwork(tagger, scheme, event_weight, label_smoothing)
    _take_event_head(network, Path(encoder))
    return network


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
