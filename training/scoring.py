"""Scoring on the dev documents while training: the same windows, decoding and counts as everywhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from ..data.counts import Counts, count_items
from ..data.documents import Document, Span
from ..model.calibration import Calibration
from ..model.labels import LabelScheme
from ..model.network import TaggerNetwork
from ..model.reading import NetworkRun, Reading, read
from ..model.windows import WindowEncoder
from .passages import TrainingDataError, off_borders

__all__ = ["Scorer", "Scores", "torch_run"]


@dataclass(frozen=True)
class Scores:
    """Counts on a set of documents.

    Attributes:
        labels: Exact spans, by coarse label.
        attributes: Right and all attributes on exactly matched spans that have one in the gold documents;
            ``None`` when no label has attributes.
        events: Event types over all documents; ``None`` when the scheme has none.
    """

    labels: dict[str, Counts] = field(default_factory=dict)
    attributes: tuple[int, int] | None = None
    events: Counts | None = None

    @property
    def micro(self) -> Counts:
        """Counts over all labels."""
        return sum(self.labels.values(), Counts())

    def to_dict(self) -> dict[str, float]:
        """Return the figures that the training log keeps, all in [0, 1]."""
        figures = {"f1": self.micro.f1, "precision": self.micro.precision, "recall": self.micro.recall}
        figures |= {f"f1_{label}": counts.f1 for label, counts in self.labels.items()}
        if self.attributes is not None:
            right, matched = self.attributes
            figures["attribute_accuracy"] = right / matched if matched else 0.0
        if self.events is not None:
            figures["event_f1"] = self.events.f1
        return figures


class Scorer:
    """Reads a fixed set of documents with a network and scores it.

    Args:
        documents: Gold documents.
        encoder: Cuts them into windows.
        scheme: The label scheme.
        pad_id: Fills batches.
        batch_tokens: Most pieces in one run of the network.

    Attributes:
        texts: The documents' texts, tokenised.
        off_borders: The gold spans that cannot be found, see :func:`off_borders`.

    Raises:
        TrainingDataError: when no document has a word.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        encoder: WindowEncoder,
        scheme: LabelScheme,
        pad_id: int,
        batch_tokens: int = 4096,
    ) -> None:
        self.documents = documents
        self.scheme = scheme
        self.texts = [encoder.tokenize(document.text) for document in documents]
        self._windows = [list(encoder.windows(text)) for text in self.texts]
        self._pad_id = pad_id
        self._batch_tokens = batch_tokens
        if not any(self._windows):
            raise TrainingDataError("the encoder's tokenizer finds no word in any of the dev documents")
        self.off_borders = [
            found
            for document, text in zip(documents, self.texts, strict=True)
            for found in off_borders(document, text.words)
        ]

    def read(self, run: NetworkRun) -> Reading:
        """Run the network over the documents."""
        return read(
            run, self.texts, self._windows, self.scheme, batch_tokens=self._batch_tokens, pad_id=self._pad_id
        )

    def gold_tags(self) -> NDArray[np.intp]:
        """Return the fine tag of every word, in the order of :attr:`Reading.logits`."""
        return np.concatenate(
            [
                self.scheme.encode(document.spans, [tuple(word) for word in text.words.tolist()])
                for document, text in zip(self.documents, self.texts, strict=True)
            ]
        )

    def gold_events(self) -> NDArray[np.bool_]:
        """Return which event types each document has, shape ``[documents, events]``."""
        rows = [[name in document.events for name in self.scheme.events] for document in self.documents]
        return np.array(rows, dtype=np.bool_).reshape(len(rows), len(self.scheme.events))

    def score(self, reading: Reading, calibration: Calibration | None = None) -> Scores:
        """Decode a reading and compare it with the gold documents.

        Args:
            reading: What :meth:`read` gave.
            calibration: Temperature and thresholds; ``None`` for logits as they are, every span, and events
                from a probability of 0.5.
        """
        calibration = calibration or Calibration()
        decoded = [
            [span for span in spans if span.score is None or span.score >= calibration.span_threshold]
            for spans in reading.spans(self.scheme, calibration.temperature, calibration.confidence)
        ]
        labels = dict.fromkeys(self.scheme.table, Counts())
        right = matched = 0
        for document, spans in zip(self.documents, decoded, strict=True):
            for label in labels:
                labels[label] += count_items(_borders(document.spans, label), _borders(spans, label))
            gold = {(s.start, s.end, s.label): s.attribute for s in document.spans if s.attribute is not None}
            pairs = [(gold[key], s.attribute) for s in spans if (key := (s.start, s.end, s.label)) in gold]
            right += sum(a == b for a, b in pairs)
            matched += len(pairs)
        has_attributes = any(self.scheme.table.values())
        return Scores(
            labels,
            (right, matched) if has_attributes else None,
            self._events(reading, calibration.event_thresholds),
        )

    def _events(self, reading: Reading, thresholds: Mapping[str, float]) -> Counts | None:
        if not self.scheme.events:
            return None
        limits = np.array([thresholds.get(name, 0.5) for name in self.scheme.events])
        predicted, gold = reading.event_probabilities() >= limits, self.gold_events()
        return Counts(
            int((gold & predicted).sum()), int((~gold & predicted).sum()), int((gold & ~predicted).sum())
        )


def torch_run(network: TaggerNetwork, device: torch.device) -> NetworkRun:
    """Return ``network`` as a function of numpy arrays, in evaluation mode and in fp32 while it runs.

    Mixed-precision training replaces the instance's ``forward`` by one that casts; the class's own is taken
    here.
    """

    def run(
        ids: NDArray[np.int64], mask: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        training = network.training
        network.eval()
        try:
            with torch.inference_mode():
                output = type(network).forward(
                    network, torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device)
                )
        finally:
            network.train(training)
        return output.logits.float().cpu().numpy(), output.event_logits.float().cpu().numpy()

    return run


def _borders(spans: Sequence[Span], label: str) -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in spans if span.label == label]
