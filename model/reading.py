"""Reading: run the network over the windows of several texts and gather one row of logits a word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..data.documents import Span
from ..data.errors import ConflictnerError
from .decoding import Floats, SpanConfidence, decode, softmax
from .labels import LabelScheme
from .windows import TokenizedText, Window

__all__ = ["NetworkResult", "NetworkRun", "Reading", "ReadingError", "read"]

#: Tag logits ``[batch, length, tags]`` and event logits ``[batch, events]``.
NetworkResult = tuple[NDArray[np.float32], NDArray[np.float32]]

#: Takes ids and mask ``[batch, length]``.
NetworkRun = Callable[[NDArray[np.int64], NDArray[np.int64]], NetworkResult]


class ReadingError(ConflictnerError):
    """A network whose outputs are not numbers."""


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
    """Run the network over texts in batches of windows of similar length.

    Args:
        run: The network.
        texts: At least one tokenised text.
        windows: The windows of each text.
        scheme: Gives the widths of the network's outputs.
        batch_tokens: Most pieces in one run, padding included; at least one window runs.
        pad_id: Fills shorter rows of a batch.
        workers: How many batches run at a time, each in a thread.

    Raises:
        ReadingError: when an output is not a number, as after a training that diverged.
    """
    begins = np.concatenate([[0], np.cumsum([len(text.words) for text in texts])]).astype(np.int64)
    logits = np.zeros((int(begins[-1]), len(scheme.tags)), dtype=np.float32)
    events = np.full((len(texts), len(scheme.events)), -np.inf, dtype=np.float32)
    owned = [(index, window) for index, own in enumerate(windows) for window in own]
    owned.sort(key=lambda pair: len(pair[1].ids))
    pieces = sum(len(window.ids) for _, window in owned)
    batches = list(_batches(owned, min(batch_tokens, max(1, -(-pieces // workers)))))  # work for every worker

    def run_batch(batch: list[tuple[int, Window]]) -> NetworkResult:
        return run(*_pad([window.ids for _, window in batch], pad_id))

    for batch, (batch_logits, batch_events) in zip(batches, _map(run_batch, batches, workers), strict=True):
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


def _map(
    run: Callable[[list[tuple[int, Window]]], NetworkResult],
    batches: list[list[tuple[int, Window]]],
    workers: int,
) -> Iterator[NetworkResult]:
    """Yield the results of ``batches`` in order, ``workers`` of them being worked on at a time."""
    if workers == 1 or len(batches) < 2:
        yield from map(run, batches)
        return
    with ThreadPoolExecutor(min(workers, len(batches))) as pool:
        yield from pool.map(run, batches)


def _batches(owned: list[tuple[int, Window]], batch_tokens: int) -> Iterator[list[tuple[int, Window]]]:
    """Cut windows, sorted by length, into batches whose padded size keeps the budget."""
    batch: list[tuple[int, Window]] = []
    for pair in owned:
        if batch and (len(batch) + 1) * len(pair[1].ids) > batch_tokens:
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
