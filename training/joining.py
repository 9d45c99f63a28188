"""Joining: several passages in one window, as they stand in an article, whose windows are read whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..model.network import IGNORED
from ..model.windows import WindowEncoder

__all__ = ["Joining"]

Row = Mapping[str, Any]


class Joining:
    """Joins rows of a batch by chance, and hands what comes of it to a collator.

    Annotated passages are short, and a network that has read each by itself is worse on articles, where
    others stand before and behind.

    Args:
        collate: Makes a batch of rows.
        share: Chance that a row is joined to the one before it when both fit into one window, in [0, 1).
        encoder: Has made the rows' windows.
    """

    def __init__(
        self,
        collate: Callable[[Sequence[Any]], dict[str, Tensor]],
        share: float,
        encoder: WindowEncoder,
    ) -> None:
        self._collate = collate
        self._share = share
        self._room = encoder.room
        self._prefix, self._suffix = encoder.margins

    def __call__(self, rows: Sequence[Row]) -> dict[str, Tensor]:
        """Return a batch of at most as many rows."""
        return self._collate(self.join(rows) if self._share else rows)

    def join(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows, with neighbours joined."""
        joined: list[Row] = []
        for row in rows:
            if joined and self._fits(joined[-1], row) and float(torch.rand(())) < self._share:
                joined[-1] = self._pair(joined[-1], row)
            else:
                joined.append(row)
        return joined

    def _fits(self, first: Row, second: Row) -> bool:
        margins = 2 * (self._prefix + self._suffix)
        return len(first["input_ids"]) + len(second["input_ids"]) - margins <= self._room

    def _pair(self, first: Row, second: Row) -> Row:
        """Put the pieces of one row behind those of another, between the same special pieces."""
        end = len(first["input_ids"]) - self._suffix
        pair: dict[str, Any] = {"events": _either(np.asarray(first["events"]), np.asarray(second["events"]))}
        for name in ("input_ids", "labels"):  # a value a piece
            if name in first:
                pair[name] = np.concatenate([first[name][:end], second[name][self._prefix :]])
        if "heads" in first:  # positions of words, and a value a word
            pair["heads"] = np.concatenate([first["heads"], second["heads"] + (end - self._prefix)])
            pair["tags"] = np.concatenate([first["tags"], second["tags"]])
        return pair


def _either(first: NDArray[Any], second: NDArray[Any]) -> NDArray[Any]:
    """Return the event types that one of two passages has; not known where one that is not known decides."""
    most = np.maximum(first, second)
    unknown = (first == IGNORED) | (second == IGNORED)
    return np.where(unknown & (most < 1.0), np.float32(IGNORED), most)
