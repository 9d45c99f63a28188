"""The order in which passages are trained on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch.utils.data import Sampler

__all__ = ["LengthSampler"]

_CHUNK = 50  # batches that are sorted by length together


class LengthSampler(Sampler[int]):
    """Shuffles passages so that those of a batch are of similar length, which saves padding.

    A random order is cut into chunks of many batches, each chunk is sorted by length and cut into batches,
    and the batches are shuffled. The order of an epoch follows from the seed and the epoch's number alone, so
    it is the same after an interruption, and in every one of several processes.

    Args:
        lengths: Length of each passage, in pieces.
        batch_size: Passages in a batch.
        seed: Of the whole run.
    """

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        self._lengths = torch.tensor(list(lengths))
        self._batch_size = batch_size
        self._seed = seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that the next iteration is for, from 0."""
        self._epoch = epoch

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[int]:
        # A generator for each (seed, epoch); the factor keeps neighbouring seeds from sharing orders.
        generator = torch.Generator().manual_seed(self._seed * 100_003 + self._epoch)
        order = torch.randperm(len(self), generator=generator)
        batches: list[torch.Tensor] = []
        for chunk in order.split(_CHUNK * self._batch_size):
            by_length = chunk[self._lengths[chunk].argsort(stable=True)]
            batches += by_length.split(self._batch_size)
        last = [batches.pop()] if batches and len(batches[-1]) < self._batch_size else []
        shuffled = torch.randperm(len(batches), generator=generator).tolist()
        for batch in [*(batches[index] for index in shuffled), *last]:
            yield from batch.tolist()
