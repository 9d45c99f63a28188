"""Timing: how much time grouping into incidents adds to tagging."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..prediction import Prediction
    from ..tagger import Tagger

__all__ = ["AddedTime", "measure_added_time"]


@dataclass(frozen=True, slots=True)
class AddedTime:
    """Processor time over some texts, all threads together.

    Attributes:
        texts: Number of texts.
        words: Their words, separated by white space.
        tagging: Seconds for tagging.
        grouping: Seconds for normalising and grouping what was tagged.
    """

    texts: int
    words: int
    tagging: float
    grouping: float

    @property
    def share(self) -> float:
        """What grouping adds, as a share of the time for tagging."""
        return self.grouping / self.tagging


def measure_added_time(
    tagger: Tagger, texts: Sequence[str], published: date | None = None, rounds: int = 3
) -> AddedTime:
    """Measure both, in turns, after a run that warms up; medians count.

    Names and dates that were looked up are remembered, as in a corpus, where they come again.

    Args:
        tagger: Any tagger.
        texts: The texts, not empty.
        published: The day of publication; ``None`` resolves no relative date.
        rounds: Timed runs of each.
    """
    predictions = list(tagger.predict_batch(texts))

    def tag() -> None:
        list(tagger.predict_batch(texts))

    def group() -> None:
        _group(predictions, published)

    group()
    timed = [(_seconds(tag), _seconds(group)) for _ in range(rounds)]
    tagging, grouping = (statistics.median(times) for times in zip(*timed, strict=True))
    return AddedTime(len(texts), sum(len(text.split()) for text in texts), tagging, grouping)


def _group(predictions: Sequence[Prediction], published: date | None) -> None:
    for prediction in predictions:
        prediction.incidents(published)


def _seconds(work: Callable[[], None]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin
