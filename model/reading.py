"""Reading: run the network over the windows of several texts and gather one row of logits a word."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..data.documents import Span
from ..data.errors import ConflictnerError
from .decoding import Floats, SpanConfidence, decode, softmax
from .labels import LabelScheme
from .windows import TokenizedText, Window

__all__ = ["NetworkResult", "NetworkRun", "Reading", "ReadingError", "ReadingInProgress", "Rest", "read"]

_Owned = tuple[int, Window]  # the index of a text, and one of its windows
_LEAST_WASTE, _WASTE_SHARE = 16, 64  # padding in a batch that costs less than another run of the network

#: Tag logits ``[batch, length, tags]`` and event logits ``[batch, events]``.
NetworkResult = tuple[NDArray[np.float32], NDArray[np.float32]]

#: Takes ids and mask ``[batch, length]``.
NetworkRun = Callable[[NDArray[np.int64], NDArray[np.int64]], NetworkResult]


class ReadingError(ConflictnerError):
    """A network whose outputs are not numbers."""


@dataclass(frozen=True, slots=True)
class Rest:
    """What cannot be decoded yet of a text of which more is to be read.

    Attributes:
        words: Character offsets of its words, shape ``[words, 2]``.
        logits: Their fine tag logits, shape ``[words, tags]``.
        event_logits: The largest over all windows of the text so far, shape ``[events]``.
    """

    words: NDArray[np.int64]
    logits: NDArray[np.float32]
    event_logits: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the network says about several texts.

    Attributes:
        texts: The texts, tokenised.
        begins: Row of each text's first word in ``logits``, and at the end their number, ``[texts + 1]``.
        logits: Fine tag logits, shape ``[words of all texts, tags]``.
        event_logits: The largest over a text's windows, ``-inf`` without words, shape ``[texts, events]``.
    """

    texts: Sequence[TokenizedText]
    begins: NDArray[np.int64]
    logits: NDArray[np.float32]
    event_logits: NDArray[np.float32]

    def event_probabilities(self) -> NDArray[np.float64]:
        """Return the probability of each event type, shape ``[texts, events]``."""
        return 0.5 * (1.0 + np.tanh(0.5 * self.event_logits.astype(np.float64)))

    def spans(
        self, scheme: LabelScheme, temperature: float, confidence: SpanConfidence | None = None
    ) -> list[list[Span]]:
        """Decode the spans of each text, all texts at once; see :func:`decode`."""
        fine: Floats = softmax(self.logits, temperature)
        words = np.concatenate([text.words for text in self.texts])
        first = np.zeros(len(words), dtype=np.bool_)
        first[self.begins[:-1][np.diff(self.begins) > 0]] = True
        spans, positions = decode(scheme, fine, words, first, confidence)
        borders = np.searchsorted(positions, self.begins).tolist()
        return [spans[begin:end] for begin, end in pairwise(borders)]

    def following(self, rest: Rest) -> Reading:
        """Return the reading with what was left of the first text in front of it."""
        first = self.texts[0]
        first = replace(first, words=np.concatenate([rest.words, first.words]))
        begins = self.begins + len(rest.words)
        begins[0] = 0
        events = self.event_logits.copy()
        np.maximum(events[0], rest.event_logits, out=events[0])
        return Reading([first, *self.texts[1:]], begins, np.concatenate([rest.logits, self.logits]), events)

    def without_rest(self, scheme: LabelScheme, temperature: float) -> tuple[Reading, Rest]:
        """Cut off the end of the last text, whose spans depend on the words that follow it.

        The best tags before a word whose every ``B-x`` is at least as probable as its ``I-x`` do not depend
        on that word or on any behind it; see :func:`viterbi`. So the last such word begins the rest. It also
        stays behind as the last word, because a span's score depends on the word behind it: spans that begin
        there are to be left out.
        """
        begin = int(self.begins[-2])
        coarse = scheme.coarse_probabilities(softmax(self.logits[begin:], temperature))
        cuts = np.flatnonzero(np.all(coarse[:, 1::2] >= coarse[:, 2::2], axis=1))
        cut = int(cuts[-1]) if len(cuts) else 0
        end = cut + 1 if cut else 0
        last = self.texts[-1]
        rest = Rest(last.words[cut:], self.logits[begin + cut :].copy(), self.event_logits[-1])
        begins = self.begins.copy()
        begins[-1] = begin + end
        texts = [*self.texts[:-1], replace(last, words=last.words[:end])]
        return Reading(texts, begins, self.logits[: begin + end], self.event_logits), rest


class ReadingInProgress:
    """Texts that are being read, in batches of windows of similar length.

    Args:
        run: The network.
        texts: At least one tokenised text.
        windows: The windows of each text.
        scheme: Gives the widths of the network's outputs.
        batch_tokens: Most pieces in one run, padding included; at least one window runs.
        pad_id: Fills shorter rows of a batch.
        workers: How many batches run at a time, each in a thread.
        pool: Begins at once to run them; without one they run when the result is asked for.
    """

    def __init__(
        self,
        run: NetworkRun,
        texts: Sequence[TokenizedText],
        windows: Sequence[Sequence[Window]],
        scheme: LabelScheme,
        *,
        batch_tokens: int,
        pad_id: int,
        workers: int = 1,
        pool: Executor | None = None,
    ) -> None:
        self.texts = texts
        self._run = run
        self._scheme = scheme
        self._pad_id = pad_id
        self._workers = workers
        owned = [(index, window) for index, own in enumerate(windows) for window in own]
        owned.sort(key=lambda pair: len(pair[1].ids))
        pieces = sum(len(window.ids) for _, window in owned)
        most = min(batch_tokens, max(1, -(-pieces // workers)))  # work for every worker
        self._batches = list(_batches(owned, most))
        self._process = os.getpid()
        self._begun: list[Future[NetworkResult]] = []
        if pool is not None:
            self._begun = [pool.submit(self._run_batch, batch) for batch in self._batches]

    def is_ready(self) -> bool:
        """Tell whether :meth:`result` waits for no thread of the pool."""
        return all(future.done() for future in self._begun)

    def result(self) -> Reading:
        """Wait for the network and gather what it says.

        Raises:
            ReadingError: when an output is not a number, as after a training that diverged.
        """
        texts, scheme = self.texts, self._scheme
        begins = np.concatenate([[0], np.cumsum([len(text.words) for text in texts])]).astype(np.int64)
        logits = np.zeros((int(begins[-1]), len(scheme.tags)), dtype=np.float32)
        events = np.full((len(texts), len(scheme.events)), -np.inf, dtype=np.float32)
        for batch, (batch_logits, batch_events) in zip(self._batches, self._results(), strict=True):
            for row, (index, window) in enumerate(batch):
                begin = begins[index] + window.first
                logits[begin : begin + len(window.heads)] = batch_logits[row, window.heads]
                np.maximum(events[index], batch_events[row], out=events[index])
        if not np.isfinite(logits).all() or np.isnan(events).any():
            raise ReadingError(
                "the network's outputs are not numbers: its weights are damaged or its training diverged; "
                "copy the checkpoint folder again, or train with a lower learning rate"
            )
        return Reading(texts, begins, logits, events)

    def _results(self) -> Iterator[NetworkResult]:
        """Yield the results of the batches, in order."""
        if self._begun and self._process == os.getpid():  # a forked child has none of the pool's threads
            yield from (future.result() for future in self._begun)
        elif self._workers == 1 or len(self._batches) < 2:
            yield from map(self._run_batch, self._batches)
        else:
            with ThreadPoolExecutor(min(self._workers, len(self._batches))) as pool:
                yield from pool.map(self._run_batch, self._batches)

    def _run_batch(self, batch: list[_Owned]) -> NetworkResult:
        return self._run(*_pad([window.ids for _, window in batch], self._pad_id))


def read(
    run: NetworkRun,
    texts: Sequence[TokenizedText],
    windows: Sequence[Sequence[Window]],
    scheme: LabelScheme,
    *,
    batch_tokens: int,
    pad_id: int,
    workers: int = 1,
) -> Reading:
    """Run the network over texts and wait for it; see :class:`ReadingInProgress` for the arguments.

    Raises:
        ReadingError: when an output is not a number, as after a training that diverged.
    """
    return ReadingInProgress(
        run, texts, windows, scheme, batch_tokens=batch_tokens, pad_id=pad_id, workers=workers
    ).result()


def _batches(owned: list[_Owned], batch_tokens: int) -> Iterator[list[_Owned]]:
    """Cut windows, sorted by length, into batches that keep the budget and hardly need padding."""
    waste = max(_LEAST_WASTE, batch_tokens // _WASTE_SHARE)
    batch: list[_Owned] = []
    for pair in owned:
        length = len(pair[1].ids)
        if batch and (
            (len(batch) + 1) * length > batch_tokens or len(batch) * (length - len(batch[-1][1].ids)) > waste
        ):
            yield batch
            batch = []
        batch.append(pair)
    if batch:
        yield batch


def _pad(rows: list[NDArray[np.int64]], pad_id: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return ids and mask, both ``[batch, length]``."""
    length = max(len(row) for row in rows)
    ids = np.full((len(rows), length), pad_id, dtype=np.int64)
    mask = np.zeros((len(rows), length), dtype=np.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return ids, mask
