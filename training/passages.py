"""Passages: documents as the windows, tags and event targets that the network is trained on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..data.documents import Document, Span
from ..data.errors import ConflictnerError
from ..data.files import read_documents
from ..data.quotes import quote
from ..model.labels import LabelScheme
from ..model.network import IGNORED
from ..model.windows import WindowEncoder
from .recipe import RecipeError, resolve_path
from .sections import DataSection
from .targets import TargetTable

if TYPE_CHECKING:
    import datasets

__all__ = [
    "Collator",
    "TrainingDataError",
    "TrainingSet",
    "load_split",
    "make_dataset",
    "off_borders",
    "read_annotated",
]


class TrainingDataError(ConflictnerError):
    """Training data from which nothing can be learned, or by which nothing can be selected."""


def load_split(data: DataSection, scheme: LabelScheme, seed: int) -> tuple[list[Document], list[Document]]:
    """Read the training and dev documents of a recipe.

    Raises:
        RecipeError: when a file does not exist.
        DataError: for a malformed line or a label outside the scheme, with file and line.
        TrainingDataError: when a split has no document, or no span, or when a dev document leaves open what
            it has of a label or event type.
    """
    documents = read_annotated(data.train, scheme, "data.train")
    if data.dev:
        train, dev = documents, read_annotated(data.dev, scheme, "data.dev")
    else:
        order = np.random.default_rng(seed).permutation(len(documents)).tolist()
        count = round(data.dev_share * len(documents))
        train, dev = [documents[i] for i in order[count:]], [documents[i] for i in order[:count]]
        if not train or not dev:
            raise TrainingDataError(
                f"data.dev_share {data.dev_share} of {len(documents)} documents leaves {len(train)} to train "
                f"on and {len(dev)} to select on; neither may be empty"
            )
    _check_dev(dev, scheme)
    for what, split in (("training", train), ("dev", dev)):
        if not any(document.spans for document in split):
            raise TrainingDataError(f"none of the {len(split)} {what} documents has a span")
    return train, dev


def _check_dev(documents: Sequence[Document], scheme: LabelScheme) -> None:
    """Refuse documents in which an unmarked span is no mistake: they cannot be scored on."""
    for document in documents:
        annotated = document.annotated
        if annotated is None:
            continue
        lacking = [name for name in (*scheme.table, *scheme.events) if name not in annotated]
        if lacking:
            raise TrainingDataError(
                f"the dev document {quote(document.id)} does not annotate {', '.join(lacking)} "
                "(meta.annotated); give data.dev documents that annotate everything in the scheme"
            )


def read_annotated(names: Sequence[str], scheme: LabelScheme, field: str) -> list[Document]:
    """Read the annotated documents of several files.

    Args:
        names: JSONL or CoNLL files, as a recipe names them.
        scheme: The label scheme.
        field: The recipe's field, for messages.

    Raises:
        RecipeError: when a file does not exist.
        DataError: for a malformed line or a label outside the scheme, with file and line.
        TrainingDataError: when there is no document.
    """
    documents: list[Document] = []
    for name in names:
        path = resolve_path(name)
        if not path.is_file():
            what = "is a folder" if path.is_dir() else f"does not exist (looked for {path.absolute()})"
            raise RecipeError(f"{field}: {name} {what}; give a JSONL or CoNLL file")
        documents += read_documents(path, scheme.table, scheme.events or None)
    if not documents:
        raise TrainingDataError(f"{field}: no documents in {', '.join(names)}; a split cannot be empty")
    return documents


@dataclass(frozen=True)
class TrainingSet:
    """What :func:`make_dataset` makes of documents.

    Attributes:
        rows: One row a window: ``input_ids`` (piece indices), ``labels`` (target of each word at its first
            piece, ``IGNORED`` elsewhere), ``events`` (0.0, 1.0 or ``IGNORED`` for each type), ``length``
            (pieces).
        off_borders: See :func:`off_borders`.
        targets: The fine tags that each target allows, shape ``[targets, tags]``; ``None`` when each target
            is the index of the one tag that is right.
    """

    rows: datasets.Dataset
    off_borders: list[tuple[Document, Span]]
    targets: NDArray[np.bool_] | None = None


def make_dataset(documents: Iterable[Document], encoder: WindowEncoder, scheme: LabelScheme) -> TrainingSet:
    """Encode documents as rows of windows.

    Nothing is learned of what a document leaves open: of labels and event types that it does not annotate
    (:attr:`Document.annotated`) where it marks none, and of the attribute of a span that has none.

    Raises:
        DataError: for a label outside the scheme, or a malformed ``meta.annotated``.
        TrainingDataError: when no document has a word.
    """
    import datasets

    columns: dict[str, list[Any]] = {"input_ids": [], "labels": [], "events": [], "length": []}
    moved: list[tuple[Document, Span]] = []
    targets = TargetTable(len(scheme.tags))
    for document in documents:
        tokens = encoder.tokenize(document.text)
        moved += off_borders(document, tokens.words)
        words = [tuple(word) for word in tokens.words.tolist()]
        tags = targets.indices(scheme.allowed(document.spans, words, document.annotated))
        events = _event_targets(document, scheme)
        for window in encoder.windows(tokens):
            labels = np.full(len(window.ids), IGNORED, dtype=np.int64)
            labels[window.heads] = tags[window.first : window.first + len(window.heads)]
            columns["input_ids"].append(window.ids)
            columns["labels"].append(labels)
            columns["events"].append(events)
            columns["length"].append(len(window.ids))
    if not columns["length"]:
        raise TrainingDataError("the encoder's tokenizer finds no word in any of the training documents")
    return TrainingSet(datasets.Dataset.from_dict(columns), moved, targets.table())


def _event_targets(document: Document, scheme: LabelScheme) -> list[float]:
    """Return 1.0 for each event type the document has, 0.0 or ``IGNORED`` for the others."""
    annotated = document.annotated
    return [
        1.0 if name in document.events else 0.0 if annotated is None or name in annotated else float(IGNORED)
        for name in scheme.events
    ]


def off_borders(document: Document, words: NDArray[np.int64]) -> Iterator[tuple[Document, Span]]:
    """Yield the spans that do not begin and end with a word, and so cannot be tagged as they stand.

    Args:
        document: An annotated document.
        words: Half-open offsets of its words, shape ``[words, 2]``.
    """
    starts, ends = set(words[:, 0].tolist()), set(words[:, 1].tolist())
    for span in document.spans:
        if span.start not in starts or span.end not in ends:
            yield document, span


class Collator:
    """Pads rows into a batch, and hides pieces behind the mask token while training.

    Args:
        pad_id: Fills ``input_ids`` behind the end of a row.
        mask_id: Stands for a hidden piece.
        word_dropout: Share of pieces hidden, in [0, 1).
        special_ids: Pieces that are never hidden.
    """

    def __init__(
        self, pad_id: int, mask_id: int, word_dropout: float = 0.0, special_ids: Collection[int] = ()
    ) -> None:
        self.pad_id = pad_id
        self.mask_id = mask_id
        self.word_dropout = word_dropout
        self._special = torch.tensor(sorted(special_ids), dtype=torch.long)

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
            ids[hidden & ~torch.isin(ids, self._special)] = self.mask_id
        events = torch.from_numpy(np.array([row["events"] for row in rows], dtype=np.float32))
        return {"input_ids": ids, "attention_mask": mask, "labels": labels, "events": events}
