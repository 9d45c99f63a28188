"""The state of a run: what it needs to go on after an interruption, whole at any moment, never pickled."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save
from torch import nn

from .optimizer import Optimizers

__all__ = ["Progress", "last_state", "load_state", "save_state"]

_PROGRESS = "progress.json"
_WEIGHTS = "network.safetensors"
_OPTIMIZERS = "optimizers.safetensors"


@dataclass
class Progress:
    """How far a run is.

    Attributes:
        updates: Updates of the weights.
        rows: Position in the stream of packed rows.
        tokens: Pieces read, without padding.
        seconds: Time taken.
        history: A row of figures for each time the encoder was saved.
    """

    updates: int = 0
    rows: int = 0
    tokens: int = 0
    seconds: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list)


def save_state(folder: Path, progress: Progress, network: nn.Module, optimizers: Optimizers) -> None:
    """Save a state, and remove those before it.

    Args:
        folder: Holds the states; the new one appears when it is complete.
        progress: How far the run is.
        network: Its weights are saved; shared ones once.
        optimizers: Their moments are saved.
    """
    target = folder / f"checkpoint-{progress.updates}"
    temporary = folder / f".{target.name}.tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    if not target.exists():  # after as many updates it is the same
        temporary.mkdir(parents=True)
        weights = {name: value.detach() for name, value in network.named_parameters()}
        (temporary / _WEIGHTS).write_bytes(save(weights))
        (temporary / _OPTIMIZERS).write_bytes(save(optimizers.tensors()))
        (temporary / _PROGRESS).write_text(json.dumps(asdict(progress)), encoding="utf-8")
        temporary.replace(target)
    for other in folder.iterdir():
        if other != target:
            shutil.rmtree(other, ignore_errors=True)


def last_state(folder: Path) -> Path | None:
    """Return the newest state, or ``None``."""
    found = folder.glob("checkpoint-*")
    return max(found, key=lambda path: int(path.name.rpartition("-")[2]), default=None)


def load_state(path: Path, network: nn.Module, optimizers: Optimizers) -> Progress:
    """Put a saved state into network and optimisers, and return how far the run was."""
    parameters = dict(network.named_parameters())
    for name, value in load_file(path / _WEIGHTS).items():
        parameters[name].data.copy_(value)
    optimizers.load(load_file(path / _OPTIMIZERS))
    return Progress(**json.loads((path / _PROGRESS).read_text(encoding="utf-8")))
