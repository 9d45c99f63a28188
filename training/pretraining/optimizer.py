"""The optimisers: AdamW, or Muon for the matrices of the layers and AdamW for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from .muon import Muon
from .sections import PretrainSection

__all__ = ["Optimizers"]

_BETA1 = 0.9
_EPSILON = 1e-8


class Optimizers:
    """The optimisers of a network, as one.

    Weight decay is for matrices alone, not for biases and norms. Muon takes the matrices that are no
    embeddings.

    Args:
        network: What is trained.
        section: The ``pretrain`` section of a recipe.
    """

    def __init__(self, network: nn.Module, section: PretrainSection) -> None:
        embeddings = {module.weight for module in network.modules() if isinstance(module, nn.Embedding)}
        parameters = [value for value in network.parameters() if value.requires_grad]
        by_muon: set[Tensor] = set()
        if section.optimizer == "muon":
            by_muon = {value for value in parameters if value.ndim == 2 and value not in embeddings}
        decay = [value for value in parameters if value.ndim >= 2 and value not in by_muon]
        groups: list[dict[str, Any]] = [
            {"params": decay, "weight_decay": section.weight_decay},
            {"params": [value for value in parameters if value.ndim < 2], "weight_decay": 0.0},
        ]
        self._all: list[tuple[torch.optim.Optimizer, float]] = [
            (
                torch.optim.AdamW(
                    groups,
                    lr=section.learning_rate,
                    betas=(_BETA1, section.beta2),
                    eps=_EPSILON,
                    fused=True,
                ),
                section.learning_rate,
            )
        ]
        if by_muon:
            rate = section.matrix_learning_rate
            matrices = [value for value in parameters if value in by_muon]
            muon = Muon(matrices, lr=rate, weight_decay=section.weight_decay)
            self._all.append((muon, rate))

    def step(self, factor: float) -> None:
        """Update the weights with ``factor`` times the learning rates, and forget the gradients."""
        for optimizer, rate in self._all:
            for group in optimizer.param_groups:
                group["lr"] = rate * factor
            optimizer.step()
        self.forget()

    def forget(self) -> None:
        """Forget the gradients."""
        for optimizer, _ in self._all:
            optimizer.zero_grad(set_to_none=True)

    def tensors(self) -> dict[str, Tensor]:
        """Return all that is needed to go on, under names."""
        return {
            f"{number}.{index}.{name}": value
            for number, (optimizer, _) in enumerate(self._all)
            for index, state in optimizer.state_dict()["state"].items()
            for name, value in state.items()
        }

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from what :meth:`tensors` returned."""
        states: list[dict[int, dict[str, Tensor]]] = [{} for _ in self._all]
        for key, value in tensors.items():
            number, index, name = key.split(".", 2)
            states[int(number)].setdefault(int(index), {})[name] = value
        for (optimizer, _), state in zip(self._all, states, strict=True):
            optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
