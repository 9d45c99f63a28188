"""A running average of the weights, which generalises better than the last step's and costs one copy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

__all__ = ["WeightAverage"]

_FILE = "average.safetensors"


class WeightAverage(TrainerCallback):
    """Exponential moving average of all parameters (Polyak and Juditsky 1992).

    Args:
        model: The network that is trained.
        decay: Share of the old average kept at each update, in [0, 1); early updates keep less, and 0 makes
            the average equal to the weights.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self._model = model
        self.average = {name: value.detach().clone() for name, value in model.named_parameters()}

    @torch.no_grad()
    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        """Move the average towards the new weights."""
        decay = min(self.decay, (1 + state.global_step) / (10 + state.global_step))
        for name, value in self._model.named_parameters():
            kept = self.average[name] = self.average[name].to(value.device)
            kept.lerp_(value.detach(), 1 - decay)

    def save(self, folder: Path) -> None:
        """Write the average into the folder of a training checkpoint."""
        save_file({name: value.contiguous() for name, value in self.average.items()}, folder / _FILE)

    def load(self, folder: Path) -> None:
        """Go on from the average that was saved with a training checkpoint."""
        for name, value in load_file(folder / _FILE).items():
            self.average[name] = value.to(self.average[name].device)

    @contextmanager
    def applied(self) -> Iterator[dict[str, Tensor]]:
        """Put the average into the network for a while."""
        own = {name: value.detach().clone() for name, value in self._model.named_parameters()}
        self._copy(self.average)
        try:
            yield self.average
        finally:
            self._copy(own)

    @torch.no_grad()
    def _copy(self, weights: dict[str, Tensor]) -> None:
        for name, value in self._model.named_parameters():
            value.copy_(weights[name])
