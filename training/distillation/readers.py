"""Readers: fine-tuned checkpoints as teachers, beside the recurrent ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...data.documents import Document
from ...data.words import word_offsets
from ...model.checkpoint import Checkpoint, CheckpointError
from ...model.decoding import softmax
from ...model.labels import LabelScheme
from ...model.network_files import load_network
from ...model.reading import NetworkResult, NetworkRun, read
from ..recipe import RecipeError
from .opinions import Opinion, spread

__all__ = ["Reader", "open_checkpoint"]

_BATCH_TOKENS = {"cpu": 2048, "cuda": 32768}  # pieces in one run of the network


def open_checkpoint(folder: str, scheme: LabelScheme) -> Checkpoint:
    """Open the checkpoint of a teacher.

    Raises:
        CheckpointError: when it cannot be read.
        RecipeError: when it has other labels.
    """
    try:
        checkpoint = Checkpoint.load(folder)
    except CheckpointError as error:
        raise CheckpointError(f"teachers.checkpoints: {error}") from error
    if checkpoint.scheme != scheme:
        raise RecipeError(f"teachers.checkpoints: {folder} has other labels than the recipe")
    return checkpoint


class Reader:
    """A token classifier that gives its opinion on texts.

    Args:
        checkpoint: Its folder; its temperature makes the probabilities honest.
        device: Where it runs.
    """

    def __init__(self, checkpoint: Checkpoint, device: torch.device) -> None:
        self._checkpoint = checkpoint
        self._encoder = checkpoint.window_encoder()
        self._run = _network_run(load_network(checkpoint).to(device), device)
        self._batch_tokens = _BATCH_TOKENS[device.type]

    def opinions(self, documents: Sequence[Document]) -> Iterator[Opinion]:
        """Yield an opinion on each document."""
        scheme = self._checkpoint.scheme
        texts = [self._encoder.tokenize(document.text) for document in documents]
        reading = read(
            self._run,
            texts,
            [list(self._encoder.windows(text)) for text in texts],
            scheme,
            batch_tokens=self._batch_tokens,
            pad_id=self._checkpoint.pad_id,
        )
        tags = softmax(reading.logits, self._checkpoint.calibration.temperature)
        events = reading.event_probabilities()
        for index, (begin, end) in enumerate(pairwise(reading.begins.tolist())):
            words = np.array(word_offsets(documents[index].text), dtype=np.int64).reshape(-1, 2)
            yield spread(tags[begin:end], texts[index].words, words), events[index]


def _network_run(network: Any, device: torch.device) -> NetworkRun:
    """Return a network as a function of numpy arrays; on a GPU in bf16 where it has it."""
    use_bf16 = device.type == "cuda" and torch.cuda.is_bf16_supported()

    def run(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NetworkResult:
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=use_bf16):
            output = network(torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device))
        return output.logits.float().cpu().numpy(), output.event_logits.float().cpu().numpy()

    return run
