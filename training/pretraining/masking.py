"""Masking: what is hidden from the network, whole words at a time, for it to guess."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .packing import Bools, SpecialIds
from .sections import MaskingSection

__all__ = ["Masker"]


class Masker:
    """Hides pieces of packed rows.

    Args:
        section: The ``masking`` section of a recipe.
        special: The special pieces, which are never hidden.
        vocabulary: Number of pieces; a hidden one may be replaced by any that is not special.
    """

    def __init__(self, section: MaskingSection, special: SpecialIds, vocabulary: int) -> None:
        self._section = section
        self._mask = special.mask
        self._maskable = np.ones(vocabulary, dtype=np.bool_)
        self._maskable[list(special.all)] = False
        self._ordinary = np.flatnonzero(self._maskable)

    def most(self, rows: int, length: int) -> int:
        """Return the most pieces that are hidden in so many rows."""
        return max(1, math.ceil(self._section.share * rows * length))

    def choose(self, ids: NDArray[np.int64], begins: Bools, random: np.random.Generator) -> Bools:
        """Choose what to hide: as many pieces of all rows together as the share says, or a word less.

        Args:
            ids: Vocabulary indices, ``[rows, length]``.
            begins: Whether a piece begins a word, ``[rows, length]``.
            random: What it is drawn with.

        Returns:
            Whether a piece is hidden, ``[rows, length]``.
        """
        maskable = self._maskable[ids].ravel()
        borders = begins.ravel() | ~maskable if self._section.whole_words else np.ones_like(maskable)
        words = np.cumsum(borders) - 1  # the word of each piece, counted over all rows
        sizes = np.bincount(words[maskable], minlength=words[-1] + 1)
        candidates = np.flatnonzero(sizes)
        if not len(candidates):
            return np.zeros_like(begins)
        order = random.permutation(candidates)
        quota = max(int(self._section.share * maskable.sum()), int(sizes[candidates].min()))
        order = order[sizes[order] <= quota]
        is_chosen = np.zeros(len(sizes), dtype=np.bool_)
        is_chosen[order[np.cumsum(sizes[order]) <= quota]] = True
        chosen: Bools = (is_chosen[words] & maskable).reshape(ids.shape)
        return chosen

    def hide(self, ids: NDArray[np.int64], chosen: Bools, random: np.random.Generator) -> NDArray[np.int64]:
        """Return ``ids`` with the chosen pieces masked, replaced or left, as the section says."""
        hidden = ids.copy()
        count = int(chosen.sum())
        fate = random.random(count)
        others = random.choice(self._ordinary, count)
        new = np.where(fate < self._section.as_mask + self._section.as_random, others, ids[chosen])
        hidden[chosen] = np.where(fate < self._section.as_mask, self._mask, new)
        return hidden
