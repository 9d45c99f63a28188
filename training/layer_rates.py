"""Learning rates by layer: what pre-training has settled most, the lower layers, may move more slowly."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["layer_depths", "lower_rates"]


def layer_depths(encoder: nn.Module) -> dict[Tensor, int]:
    """Return the depth of an encoder's parameters: 0 for embeddings, then 1 for the first layer and so on.

    The layers are the encoder's largest list of modules. What stands before them counts as embeddings; what
    stands behind them, such as a last norm, is left out, as belonging to the heads.

    Args:
        encoder: The base model of any network of transformers.
    """
    lists = [module for module in encoder.modules() if isinstance(module, nn.ModuleList)]
    layers = max(lists, key=lambda each: sum(p.numel() for p in each.parameters()), default=nn.ModuleList())
    depths: dict[Tensor, int] = {}
    for depth, layer in enumerate(layers, start=1):
        depths.update(dict.fromkeys(layer.parameters(), depth))
    embeddings = list(takewhile(lambda parameter: parameter not in depths, encoder.parameters()))
    depths.update(dict.fromkeys(embeddings, 0))
    return depths


def lower_rates(optimizer: torch.optim.Optimizer, depths: Mapping[Tensor, int], decay: float) -> None:
    """Give each layer the rate of the one above it times ``decay``; the heads keep the full rate.

    As Clark et al. (2020) fine-tune ELECTRA, after the discriminative rates of Howard and Ruder (2018).

    Args:
        optimizer: Its groups are parted by depth; before the first update, and before a schedule is made.
        depths: From :func:`layer_depths`; parameters that it lacks are those of the heads.
        decay: In (0, 1]; with 1 nothing changes.
    """
    if decay == 1:
        return
    top = max(depths.values(), default=-1) + 1
    parted: list[dict[str, Any]] = []
    for group in optimizer.param_groups:
        for depth in range(top + 1):
            chosen = [p for p in group["params"] if depths.get(p, top) == depth]
            if chosen:
                parted.append({**group, "params": chosen, "lr": group["lr"] * decay ** (top - depth)})
    optimizer.param_groups = parted
