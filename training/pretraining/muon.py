"""Muon, an optimiser for matrices: each step is the nearest orthogonal matrix to the momentum."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

__all__ = ["Muon"]

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # of the Newton-Schulz iteration, whose slope at 0 is the steepest
_ITERATIONS = 5
_EPSILON = 1e-7
_RMS = 0.2  # of a step's entries, as AdamW's have it


class Muon(torch.optim.Optimizer):
    """Muon (Jordan et al. 2024) with steps as long as AdamW's (Liu et al. 2025), so that rates are alike.

    torch has one too, from 2.9 on; it computes in bf16 everywhere, which many CPUs have to imitate at a
    twentieth of the speed. This one computes in fp32 on the CPU.

    Args:
        parameters: Matrices.
        lr: Learning rate.
        weight_decay: Share of the weights, times the learning rate, that a step takes away.
        momentum: Share of the old momentum that stays, with Nesterov's look ahead.
    """

    def __init__(
        self, parameters: Iterable[Tensor], lr: float, weight_decay: float, momentum: float = 0.95
    ) -> None:
        super().__init__(parameters, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Update all matrices that have a gradient."""
        for group in self.param_groups:
            for matrix in group["params"]:
                if matrix.grad is not None:
                    self._update(matrix, matrix.grad, group)

    def _update(self, matrix: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        state = self.state[matrix]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(gradient)
        momentum = state["momentum"]
        momentum.lerp_(gradient, 1 - group["momentum"])
        direction = _orthogonal(gradient.lerp(momentum, group["momentum"]))
        matrix.mul_(1 - group["lr"] * group["weight_decay"])
        length = group["lr"] * _RMS * math.sqrt(max(matrix.shape))
        matrix.add_(direction.to(matrix.dtype), alpha=-length)


def _orthogonal(matrix: Tensor) -> Tensor:
    """Return about the orthogonal matrix nearest to ``matrix``: its singular values become 0.7 to 1.2."""
    first, second, third = _COEFFICIENTS
    is_tall = matrix.shape[0] > matrix.shape[1]
    found = (matrix.T if is_tall else matrix).to(
        torch.float32 if matrix.device.type == "cpu" else torch.bfloat16
    )
    found = found / found.norm().clamp(min=_EPSILON)
    for _ in range(_ITERATIONS):
        gram = found @ found.T
        gram = torch.addmm(gram, gram, gram, beta=second, alpha=third)
        found = torch.addmm(found, gram, found, beta=first)
    return found.T if is_tall else found
