"""The order in which packed rows are learned from: an endless stream that follows from seed and position."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .draws import Draw, generator

__all__ = ["Stream"]


class Stream:
    """Rows of several files, each row as often in an epoch as its file's weight says.

    With weight 2.5 a row is in each epoch twice, and in half of them a third time. Each epoch has an order of
    its own.

    Args:
        rows: Number of rows of each file; those of the first file come first.
        weights: Of each file.
        seed: Of the whole run.

    Attributes:
        epoch_rows: Rows in an epoch.
    """

    def __init__(self, rows: Sequence[int], weights: Sequence[float], seed: int) -> None:
        self._rows = list(rows)
        self._whole = [int(weight) for weight in weights]
        self._extra = [
            round(count * (weight - whole))
            for count, weight, whole in zip(rows, weights, self._whole, strict=True)
        ]
        self._seed = seed
        self._order_of = lru_cache(maxsize=2)(self._order)  # two, for a thread may be an epoch ahead
        files = zip(rows, self._whole, self._extra, strict=True)
        self.epoch_rows: int = sum(count * whole + extra for count, whole, extra in files)

    def rows(self, first: int, count: int) -> NDArray[np.int64]:
        """Return the rows at positions ``first`` to ``first + count`` of the stream: ``[count]``."""
        found = []
        while count:
            epoch, offset = divmod(first, self.epoch_rows)
            part = self._order_of(epoch)[offset : offset + count]
            found.append(part)
            first += len(part)
            count -= len(part)
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)

    def _order(self, epoch: int) -> NDArray[np.int64]:
        """Return the rows of an epoch in its order: ``[epoch_rows]``."""
        random = generator(self._seed, Draw.ORDER, epoch)
        parts = []
        begin = 0
        for count, whole, extra in zip(self._rows, self._whole, self._extra, strict=True):
            own = np.arange(begin, begin + count, dtype=np.int64)
            parts += [own] * whole
            parts.append(random.permutation(own)[:extra])
            begin += count
        return random.permutation(np.concatenate(parts))
