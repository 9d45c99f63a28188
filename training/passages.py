"""Passages: documents as the windows, tags and event targets that the network is trained on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from ..data.documents import Document
from ..data.errors import ConflictnerError
from ..data.files import read_documents
from ..model.labels import LabelScheme
from ..model.network import IGNORED
from ..model.windows import WindowEncoder
from .recipe import DataSection, RecipeError, resolve_path

if TYPE_CHECKING:
    import datasets

__all__ = ["Collator", "TrainingDataError", "load_split", "make_dataset"]


class TrainingDataError(ConflictnerError):
    """Training data that is missing, empty or of another scheme."""


def load_split(data: DataSection, scheme: LabelScheme, seed: int) -> tuple[list[Document], list[Document]]:
    """Read the training and dev documents of a recipe.

    Raises:
        RecipeError: when a file does not exist.
        DataError: for a malformed line or a label outside the scheme, with file and line.
        TrainingDataError: when a split is empty.
    """
    train = _read(data.train, scheme, "data.train")
    if data.dev:
        return train, _read(data.dev, scheme, "data.dev")
    order = np.random.default_rng(seed).permutation(len(train))
    count = round(data.dev_share * len(train))
    if not 0 < count < len(train):
        raise TrainingDataError(
            f"data.dev_share {data.dev_share} of {len(train)} documents leaves a split empty; give more documents"
        )
    return [train[i] for i in order[count:]], [train[i] for i in order[:count]]


def _read(names: Sequence[str], scheme: LabelScheme, field: str) -> list[Document]:
    documents: list[Document] = []
    for name in names:
        path = resolve_path(name)
        if not path.is_file():
            raise RecipeError(f"{field}: no file {name!r} (looked for {path.absolute()}); give a JSONL or CoNLL file")
        documents += read_documents(path, scheme.table, scheme.events)
    if not documents:
        raise TrainingDataError(f"{field}: {', '.join(names)} holds no documents; a split cannot be empty")
    return documents


def make_dataset(documents: Iterable[Document], encoder: WindowEncoder, scheme: LabelScheme) -> datasets.Dataset:
    """Encode documents as a ``datasets.Dataset``, one row a window.

    Columns: ``input_ids`` (piece indices), ``labels`` (fine tag of each word at its first piece, ``IGNORED``
    elsewhere), ``events`` (0.0 or 1.0 for each type), ``length`` (pieces).

    Raises:
        TrainingDataError: when no document has a word.
    """
    import datasets

    columns: dict[str, list[Any]] = {"input_ids": [], "labels": [], "events": [], "length": []}
    for document in documents:
        tokens = encoder.tokenize(document.text)
        tags = scheme.encode(document.spans, [tuple(word) for word in tokens.words.tolist()])
        events = [float(name in document.events) for name in scheme.events]
        for window in encoder.windows(tokens):
            labels = np.full(len(window.ids), IGNORED, dtype=np.int64)
            labels[window.heads] = tags[window.first : window.first + len(window.heads)]
            columns["input_ids"].append(window.ids)
            columns["labels"].append(labels)
            columns["events"].append(events)
            columns["length"].append(len(window.ids))
    if not columns["length"]:
        raise TrainingDataError("none of the training documents has a word in it")
    return datasets.Dataset.from_dict(columns)


class Collator:
    """Pads rows into a batch, and hides pieces behind the mask token while training.

    Args:
        pad_id: Fills ``input_ids`` behind the end of a row.
        mask_id: Stands for a hidden piece.
        word_dropout: Share of pieces hidden, in [0, 1).
    """

    def __init__(self, pad_id: int, mask_id: int, word_dropout: float = 0.0) -> None:
        self.pad_id = pad_id
        self.mask_id = mask_id
        self.word_dropout = word_dropout

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, Tensor]:
        """Return ``input_ids``, ``attention_mask``, ``labels`` (``[batch, length]``) and ``events``."""
        length = max(len(row["input_ids"]) for row in rows)
        shape = (len(rows), length)
        ids = torch.full(shape, self.pad_id, dtype=torch.long)
        mask = torch.zeros(shape, dtype=torch.long)
        labels = torch.full(shape, IGNORED, dtype=torch.long)
        for index, row in enumerate(rows):
            end = len(row["input_ids"])
            ids[index, :end] = torch.as_tensor(row["input_ids"])
            labels[index, :end] = torch.as_tensor(row["labels"])
            mask[index, :end] = 1
        if self.word_dropout:
            hidden = (torch.rand(shape) < self.word_dropout) & (mask == 1)
            hidden[:, 0] = False
            ids[hidden] = self.mask_id
        events = torch.tensor([row["events"] for row in rows], dtype=torch.float32)
        return {"input_ids": ids, "attention_mask": mask, "labels": labels, "events": events}
