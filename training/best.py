"""The weights of the best epoch so far, with their dev scores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

__all__ = ["BestEpoch"]


class BestEpoch:
    """Keeps weights and scores in one file, which is whole at any moment.

    Args:
        folder: Where the file is.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "best.safetensors"

    def offer(self, network: nn.Module, scores: dict[str, Any]) -> None:
        """Save the weights that ``network`` has, unless an earlier epoch's ``f1`` was better.

        Args:
            network: The network.
            scores: Dev scores with ``f1``, and ``epoch``.
        """
        if self._path.is_file() and self.scores()["f1"] > scores["f1"]:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".tmp")
        weights = {name: value.detach().clone().contiguous() for name, value in network.state_dict().items()}
        save_file(weights, temporary, metadata={"scores": json.dumps(scores)})
        temporary.replace(self._path)

    def scores(self) -> dict[str, Any]:
        """Return the scores of the best epoch."""
        with safe_open(self._path, "pt") as file:
            scores: dict[str, Any] = json.loads(file.metadata()["scores"])
        return scores

    def weights(self) -> dict[str, Tensor]:
        """Return the weights of the best epoch, on the CPU."""
        weights: dict[str, Tensor] = load_file(self._path)
        return weights
