"""How long single texts take: percentiles for some lengths, and how time grows with length."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .sample_texts import long_text
from .tagger import Tagger

__all__ = ["Growth", "Latency", "measure_growth", "measure_latency"]

_PERCENTILES = (50, 95, 99)


@dataclass(frozen=True, slots=True)
class Latency:
    """Times of single texts of one length.

    Attributes:
        words: Words of each text.
        texts: How many were timed.
        seconds: The 50th, 95th and 99th percentile.
    """

    words: int
    texts: int
    seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Growth:
    """How time grows with the length of a text.

    Attributes:
        bytes: Lengths of the texts, ASCII, increasing.
        seconds: The best time of each.
        exponent: Slope of log time against log length, weighed alike for each length: 1 is linear.
        fit: Coefficient of determination of that line, at most 1.
    """

    bytes: tuple[int, ...]
    seconds: tuple[float, ...]
    exponent: float
    fit: float


def measure_latency(tagger: Tagger, texts: Sequence[str], words: int, count: int) -> Latency:
    """Time texts of ``words`` words, one after the other.

    Args:
        tagger: What is timed, with all its threads.
        texts: Gives the words; at least one.
        words: Words of each text.
        count: How many texts are timed, after some for warming up.
    """
    source = itertools.cycle(word for text in texts for word in text.split())
    taken = []
    for _ in range(count + 3):
        text = " ".join(itertools.islice(source, words))
        taken.append(_time(tagger, text))
    percentiles = np.percentile(taken[3:], _PERCENTILES)
    return Latency(words, count, tuple(percentiles.tolist()))


def measure_growth(tagger: Tagger, texts: Sequence[str], longest: int, rounds: int) -> Growth:
    """Time texts of 1 KB, 10 KB, and so on.

    Args:
        tagger: What is timed, with all its threads.
        texts: Repeated to the length that is needed; at least one with words.
        longest: Bytes of the longest text, at least 10,000.
        rounds: How often each text is timed, of which the best counts; texts of a megabyte once.
    """
    sizes = [10**power for power in range(3, len(str(longest)))]
    seconds = [
        min(_time(tagger, long_text(texts, size)) for _ in range(rounds if size < 10**6 else 1))
        for size in sizes
    ]
    lengths, times = np.log10(sizes), np.log10(seconds)
    slope, offset = np.polyfit(lengths, times, 1)
    spread = ((times - times.mean()) ** 2).sum()
    fit = 1 - ((times - slope * lengths - offset) ** 2).sum() / spread if spread else 1.0
    return Growth(tuple(sizes), tuple(seconds), float(slope), float(fit))


def _time(tagger: Tagger, text: str) -> float:
    begin = time.perf_counter()
    tagger.predict(text)
    return time.perf_counter() - begin
