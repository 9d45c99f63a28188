"""Batches of a pre-training run: which rows are learned from, and what is hidden in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .draws import Draw, generator
from .masking import Masker
from .packing import Bools, SpecialIds
from .sequences import Sequences
from .stream import Stream

__all__ = ["NOT_GUESSED", "Batch", "BatchMaker", "held_out_batches"]

NOT_GUESSED = -100  # label of a place that only fills the batch


@dataclass(frozen=True, slots=True)
class Batch:
    """What the network reads at a time.

    Attributes:
        ids: Vocabulary indices with some hidden, ``[rows, length]``.
        segments: Number of the paragraph that a piece belongs to, from 1, 0 for padding; 1 for all paragraphs
            where they may see each other, ``[rows, length]``.
        positions: Of each piece in its paragraph, ``[rows, length]``.
        places: Flat positions of the pieces to guess, always as many, ``[most]``.
        labels: What stood there; ``NOT_GUESSED`` where the place only fills the batch, ``[most]``.
    """

    ids: Tensor
    segments: Tensor
    positions: Tensor
    places: Tensor
    labels: Tensor

    def to(self, device: torch.device) -> tuple[Tensor, ...]:
        """Return the tensors in the order above, on a device."""
        tensors = (self.ids, self.segments, self.positions, self.places, self.labels)
        if device.type == "cpu":
            return tensors
        return tuple(tensor.pin_memory().to(device, non_blocking=True) for tensor in tensors)


class BatchMaker:
    """Makes the batches of a run; each follows from its place in the stream alone.

    Args:
        sequences: The training rows.
        stream: Their order.
        masker: Hides pieces.
        special: The special pieces.
        borders: Whether paragraphs are kept apart.
        seed: Of the whole run.
    """

    def __init__(
        self,
        sequences: Sequences,
        stream: Stream,
        masker: Masker,
        special: SpecialIds,
        *,
        borders: bool,
        seed: int,
    ) -> None:
        self._sequences = sequences
        self._stream = stream
        self._masker = masker
        self._special = special
        self._borders = borders
        self._seed = seed

    def tokens(self, first: int, rows: int) -> int:
        """Return the number of pieces, without padding, in a part of the stream."""
        return int(self._sequences.lengths[self._stream.rows(first, rows)].sum())

    def batch(self, first: int, rows: int) -> Batch:
        """Make a batch of the rows at positions ``first`` to ``first + rows`` of the stream."""
        ids, begins = self._sequences.take(self._stream.rows(first, rows))
        random = generator(self._seed, Draw.MASKS, first)
        return _make(ids, begins, self._masker, self._special, self._borders, random)


def held_out_batches(
    sequences: Sequences,
    masker: Masker,
    special: SpecialIds,
    *,
    borders: bool,
    seed: int,
    most: int,
    rows: int,
    part: int = 0,
    parts: int = 1,
) -> Iterator[Batch]:
    """Yield batches of held-out rows, the same at every call, with the same pieces hidden.

    Args:
        sequences: The held-out rows.
        masker: Hides pieces.
        special: The special pieces.
        borders: Whether paragraphs are kept apart.
        seed: Of the whole run.
        most: Most rows, drawn by seed.
        rows: Of a batch; the last is filled with padding.
        part: Which of the batches: every ``parts``-th from this one on.
        parts: How many processes share them.
    """
    order = generator(seed, Draw.HELD_OUT_ROWS).permutation(len(sequences.lengths))[:most]
    for number in count(part, parts):
        chosen = order[number * rows : (number + 1) * rows]
        if not len(chosen):
            return
        ids, begins = sequences.take(chosen)
        filling = ((0, rows - len(chosen)), (0, 0))
        ids = np.pad(ids, filling, constant_values=special.pad)
        begins = np.pad(begins, filling, constant_values=True)
        random = generator(seed, Draw.HELD_OUT_MASKS, number)
        yield _make(ids, begins, masker, special, borders, random)


def _make(
    ids: NDArray[np.int64],
    begins: Bools,
    masker: Masker,
    special: SpecialIds,
    borders: bool,
    random: np.random.Generator,
) -> Batch:
    most = masker.most(*ids.shape)
    chosen = masker.choose(ids, begins, random)
    places = np.zeros(most, dtype=np.int64)
    labels = np.full(most, NOT_GUESSED, dtype=np.int64)
    found = np.flatnonzero(chosen)[:most]
    places[: len(found)] = found
    labels[: len(found)] = ids.ravel()[found]
    segments, positions = _segments(ids, special, borders)
    arrays: tuple[NDArray[Any], ...] = (masker.hide(ids, chosen, random), segments, positions, places, labels)
    return Batch(*map(torch.from_numpy, arrays))


def _segments(
    ids: NDArray[np.int64], special: SpecialIds, borders: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the paragraph of each piece, and the piece's position in it."""
    real = ids != special.pad
    columns = np.broadcast_to(np.arange(ids.shape[1]), ids.shape)
    if not borders:
        return real.astype(np.int64), columns.copy()
    starts = ids == special.cls
    begin = np.maximum.accumulate(np.where(starts, columns, 0), axis=1)
    positions = np.where(real, columns - begin, 0)
    return np.where(real, np.cumsum(starts, axis=1), 0), positions
