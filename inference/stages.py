"""Where the time of a prediction goes: each stage on its own, in one thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .engines import Engine
from .stream import PredictionStream
from .tagger import Tagger

__all__ = ["Stage", "measure_stages"]

_Batch = tuple[NDArray[np.int64], NDArray[np.int64]]
_Result = tuple[NDArray[np.float32], NDArray[np.float32]]
_BATCH_TOKENS = 1024
_LONGEST = 20_000  # characters of a passage that are read, so that none is longer than a round


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of prediction.

    Attributes:
        name: What it does; the network's stages end in the engine's name.
        seconds: The best time over all passages.
        pieces: Word pieces that it worked on: with special tokens, overlap and padding in the network.
    """

    name: str
    seconds: float
    pieces: int


class _Record:
    """An engine that answers from memory what another one was asked before."""

    workers = 1

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._answers: dict[tuple[tuple[int, ...], bytes], _Result] = {}
        self.batches: list[_Batch] = []

    def run(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> _Result:
        key = ids.shape, ids.tobytes()
        if key not in self._answers:
            self._answers[key] = self._engine.run(ids, mask)
            self.batches.append((ids, mask))
        return self._answers[key]


def measure_stages(
    tagger: Tagger, engines: dict[str, Engine], passages: Sequence[str], rounds: int
) -> tuple[Stage, ...]:
    """Time each stage over all passages.

    Args:
        tagger: Gives the checkpoint.
        engines: The engines whose network stage is timed, by name; the first one's results are decoded.
        passages: Texts.
        rounds: How often each stage is timed, of which the best counts.
    """
    checkpoint, encoder = tagger.checkpoint, tagger.checkpoint.window_encoder()
    record = _Record(next(iter(engines.values())))
    stream = PredictionStream(checkpoint, record, encoder, _BATCH_TOKENS, tagger.least_scores(None))
    passages = [text[:_LONGEST] for text in passages]
    sections = [section for text in passages for section in stream.sections(text)]
    begun = stream.begin(sections, None)
    reading = begun.reading.result()  # which fills the record
    calibration = checkpoint.calibration
    pieces = sum(len(section.tokens.ids) for section in sections)
    padded = sum(ids.size for ids, _ in record.batches)

    def best(work: Callable[[], object]) -> float:
        return min(_time(work) for _ in range(rounds))

    tokenised = best(lambda: [encoder.tokenize(text) for text in passages])
    cut = best(lambda: [list(encoder.windows(section.tokens)) for section in sections])
    batched = best(lambda: stream.begin(sections, None).reading.result())
    decoded = best(lambda: reading.spans(checkpoint.scheme, calibration.temperature, calibration.confidence))
    finished = best(lambda: list(stream.finish(begun)))
    network = [
        Stage(f"network, {name}", best(lambda engine=engine: _run(engine, record.batches)), padded)  # type: ignore[misc]
        for name, engine in engines.items()
    ]
    return (
        Stage("tokenisation", tokenised, pieces),
        Stage("windows", cut, pieces),
        Stage("batches", batched, pieces),
        *network,
        Stage("decoding", decoded, pieces),
        Stage("objects", max(0.0, finished - batched - decoded), pieces),
    )


def _run(engine: Engine, batches: Sequence[_Batch]) -> None:
    for ids, mask in batches:
        engine.run(ids, mask)


def _time(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin
