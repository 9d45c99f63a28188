"""The student's training loop: the fine-tuning loop with soft targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from ...model.network import NetworkOutput
from ..loop import TaggerTrainer

__all__ = ["SoftTrainer", "soft_losses"]


def soft_losses(output: NetworkOutput, batch: dict[str, Tensor], event_weight: float) -> Tensor:
    """Return the cross entropies of tags and of event types, teachers' distributions against student's.

    Hinton, Vinyals and Dean (2015), "Distilling the knowledge in a neural network", at temperature 1.

    Args:
        output: The student's logits.
        batch: From :class:`SoftCollator`.
        event_weight: Weight of the event loss beside the tag loss.

    Returns:
        A mean over the words, and a weighted mean over the event types; shape ``[2]``.
    """
    logits = output.logits.flatten(0, 1)[batch["places"]].float()
    tag_loss = F.cross_entropy(logits, batch["tags"])
    event_loss = torch.zeros_like(tag_loss)
    if event_weight and batch["events"].shape[1]:
        event_loss = event_weight * F.binary_cross_entropy_with_logits(
            output.event_logits.float(), batch["events"]
        )
    return torch.stack([tag_loss, event_loss])


class SoftTrainer(TaggerTrainer):
    """Trains a :class:`TaggerNetwork` on soft targets.

    Attributes:
        finish: Called when the best weights are in the network.
    """

    finish: Callable[[], None] | None = None

    def run(self, resume: bool) -> dict[str, Any]:
        """Train as :class:`TaggerTrainer` does, then finish."""
        scores = super().run(resume)
        if self.finish is not None:
            self.finish()
        return scores

    def losses(self, model: Any, inputs: dict[str, Tensor]) -> tuple[Tensor, NetworkOutput]:
        """Return tag loss and event loss of a batch, shape ``[2]``."""
        output: NetworkOutput = model(inputs["input_ids"], inputs["attention_mask"])
        return soft_losses(output, inputs, self.network.event_weight), output

    def counts(self, inputs: dict[str, Tensor]) -> Tensor:
        """Return how many words and event types of a batch have an opinion, shape ``[2]``."""
        return torch.tensor(
            [len(inputs["places"]), inputs["events"].numel()],
            dtype=torch.float32,
            device=inputs["places"].device,
        )
