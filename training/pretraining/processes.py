"""The processes of a run: one, or several that ``torchrun`` or ``accelerate launch`` started, as one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta

import torch
from accelerate import PartialState
from accelerate.utils import broadcast, reduce
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

__all__ = ["Processes"]

_PATIENCE = timedelta(hours=12)  # while the first process prepares the corpus


class Processes:
    """This process among those that share a run.

    Args:
        on_cpu: Whether to compute on the CPU, whatever else there is.

    Attributes:
        device: Where this process computes.
        count: Number of processes.
        index: Of this process, from 0.
    """

    def __init__(self, on_cpu: bool) -> None:
        self._state = PartialState(cpu=on_cpu, timeout=_PATIENCE)
        self.device: torch.device = torch.device("cpu") if on_cpu else self._state.device
        self.count: int = self._state.num_processes
        self.index: int = self._state.process_index

    @property
    def is_first(self) -> bool:
        """Whether this process writes and reports."""
        return self.index == 0

    @contextmanager
    def first_goes_first(self) -> Iterator[None]:
        """Let the others wait at the beginning of a block until the first process is at its end."""
        with self._state.main_process_first():
            yield

    def wait(self) -> None:
        """Wait for all processes."""
        self._state.wait_for_everyone()

    def share(self, network: nn.Module) -> nn.Module:
        """Return a network whose gradients are the mean over all processes."""
        if self.count == 1:
            return network
        devices = None if self.device.type == "cpu" else [self.device]
        return DistributedDataParallel(network, device_ids=devices)

    def apart(self, network: nn.Module) -> AbstractContextManager[None]:
        """Return a block in which gradients are not exchanged yet."""
        if isinstance(network, DistributedDataParallel):
            return network.no_sync()
        return nullcontext()

    def agree(self, value: float) -> float:
        """Return the first process's value in all processes."""
        if self.count == 1:
            return value
        return float(broadcast(torch.tensor(value, dtype=torch.float64, device=self.device)))

    def total(self, values: Tensor) -> Tensor:
        """Return the sum over all processes."""
        if self.count == 1:
            return values
        summed: Tensor = reduce(values, reduction="sum")
        return summed
