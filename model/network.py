"""The network: a transformers token classifier over fine tags, with an event head on its pooled states."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .labels import LabelScheme

__all__ = [
    "IGNORED",
    "EventHead",
    "NetworkOutput",
    "TaggerNetwork",
]

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
