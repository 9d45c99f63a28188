"""Random numbers that follow from the seed, what they are for, and where in the run they are drawn.

Nothing depends on what was drawn before, so a run that goes on after an interruption draws the same.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

__all__ = ["Draw", "generator", "torch_seed"]


class Draw(IntEnum):
    """What numbers are drawn for."""

    HELD_OUT = 1
    SAMPLE = 2
    ORDER = 3
    MASKS = 4
    HELD_OUT_MASKS = 5
    DROPOUT = 6
    HELD_OUT_ROWS = 7


def generator(seed: int, what: Draw, *place: int) -> np.random.Generator:
    """Return a generator for one purpose at one place, such as an epoch's or a batch's number."""
    return np.random.default_rng([seed, what, *place])


def torch_seed(seed: int, what: Draw, *place: int) -> int:
    """Return a seed for torch, in [0, 2**32)."""
    return int(np.random.SeedSequence([seed, what, *place]).generate_state(1)[0])
