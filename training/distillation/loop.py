"""The student's training loop: the fine-tuning loop with soft targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch.nn import functional as F

from ...model.network import NetworkOutput
from ..loop import DivergedError, TaggerTrainer

__all__ = ["SoftTrainer", "soft_loss"]


def soft_loss(output: NetworkOutput, batch: dict[str, Tensor], event_weight: float) -> Tensor:
    """Return the cross entropy between the teachers' distributions and the student's.

    Hinton, Vinyals and Dean (2015), "Distilling the knowledge in a neural network", at temperature 1.

    Args:
        output: The student's logits.
        batch: From :class:`SoftCollator`.
        event_weight: Weight of the event loss beside the tag loss.
    """
    logits = output.logits.flatten(0, 1)[batch["places"]].float()
    loss = F.cross_entropy(logits, batch["tags"])
    if event_weight and batch["events"].shape[1]:
        loss = loss + event_weight * F.binary_cross_entropy_with_logits(
            output.event_logits.float(), batch["events"]
        )
    return loss


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

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Return the loss; stop at once when it is not finite."""
        output: NetworkOutput = model(inputs["input_ids"], inputs["attention_mask"])
        loss = soft_loss(output, inputs, self.network.event_weight)
        value = float(loss.detach())
        if not abs(value) <= 1000.0:
            raise DivergedError(f"the loss is {value:.4g}", self.state.global_step + 1)
        return (loss, output) if return_outputs else loss
