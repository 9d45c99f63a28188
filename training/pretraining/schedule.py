"""The schedule: how much of a run is over, by text or by time, and the learning rate that goes with it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from .sections import LimitsSection, PretrainSection

__all__ = ["Clock", "Schedule"]


class Clock:
    """Measures the time a run has taken, over all its interruptions.

    Args:
        before: Seconds that it took until it was interrupted.
    """

    def __init__(self, before: float = 0.0) -> None:
        self._began = time.monotonic() - before

    def seconds(self) -> float:
        """Return the seconds so far."""
        return time.monotonic() - self._began


@dataclass(frozen=True, slots=True)
class Schedule:
    """Limits, and a learning rate that rises, stays and falls to 0 between them.

    >>> schedule = Schedule(tokens=1000, minutes=None, warmup=0.1, decay=0.5)
    >>> [schedule.factor(share) for share in (0.0, 0.05, 0.1, 0.5, 0.75, 1.0)]
    [0.0, 0.5, 1.0, 1.0, 0.5, 0.0]

    Attributes:
        tokens: Most pieces to read, or ``None``.
        minutes: Most time to take, or ``None``.
        warmup: Share of the run in which the learning rate rises to its peak.
        decay: Share of the run, at its end, in which it falls.
    """

    tokens: int | None
    minutes: float | None
    warmup: float
    decay: float

    @classmethod
    def of(cls, limits: LimitsSection, section: PretrainSection) -> Schedule:
        """Return the schedule of a recipe."""
        return cls(limits.tokens, limits.minutes, section.warmup_share, section.decay_share)

    def share(self, tokens: float, seconds: float) -> float:
        """Return how much of the run is over, in [0, 1]: the larger of the shares used of both limits."""
        read = 0.0 if self.tokens is None else tokens / self.tokens
        taken = 0.0 if self.minutes is None else seconds / (60 * self.minutes)
        return min(1.0, max(read, taken))

    def factor(self, share: float) -> float:
        """Return the learning rate when a share of the run is over, as a share of its peak."""
        rise = share / self.warmup if self.warmup else 1.0
        fall = (1.0 - share) / self.decay
        return max(0.0, min(1.0, rise, fall))
