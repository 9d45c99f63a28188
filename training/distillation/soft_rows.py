"""Rows with soft targets: windows of pieces, and what the teachers think of the words in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from torch import Tensor

from ...data.errors import ConflictnerError
from ...model.windows import TokenizedText, WindowEncoder

__all__ = ["SoftCollator", "SoftRows", "SoftRowsError"]

Floats = NDArray[np.floating[Any]]


class SoftRowsError(ConflictnerError):
    """A file that holds no soft targets, or those of other labels."""


class SoftRows:
    """Windows in a few flat arrays, so that hundreds of thousands fit in memory.

    ``rows[7]`` is a window; ``rows["length"]`` are the lengths of all in pieces, as in a dataset.

    Args:
        arrays: ``ids`` (pieces of all windows), ``heads`` (positions of their words), ``tags`` (float16,
            ``[words, tags]``), ``events`` (float16, ``[windows, events]``), ``ids_end`` and ``words_end``
            (where each window ends).
    """

    def __init__(self, arrays: dict[str, NDArray[Any]]) -> None:
        self._arrays = arrays
        self._ids = np.append(0, arrays["ids_end"])
        self._words = np.append(0, arrays["words_end"])

    @classmethod
    def of(cls, encoder: WindowEncoder, texts: Iterable[tuple[TokenizedText, Floats, Floats]]) -> SoftRows:
        """Encode texts.

        Args:
            encoder: Cuts them into windows.
            texts: For each the tokenised text, the distribution of its words over the fine tags
                ``[words, tags]``, and the probability of each event type ``[events]``.
        """
        ids, heads, tags, events = [], [], [], []
        for text, probabilities, passage in texts:
            for window in encoder.windows(text):
                ids.append(window.ids.astype(np.int32))
                heads.append(window.heads.astype(np.int16))
                tags.append(probabilities[window.first : window.first + len(window.heads)].astype(np.float16))
                events.append(passage.astype(np.float16))
        return cls(
            {
                "ids": np.concatenate(ids),
                "heads": np.concatenate(heads),
                "tags": np.concatenate(tags),
                "events": np.stack(events),
                "ids_end": np.cumsum([len(row) for row in ids]),
                "words_end": np.cumsum([len(row) for row in heads]),
            }
        )

    def __len__(self) -> int:
        return len(self._ids) - 1

    def __getitem__(self, key: int | str) -> Any:
        if key == "length":
            return np.diff(self._ids)
        if not isinstance(key, (int, np.integer)):
            raise KeyError(key)
        words = slice(self._words[key], self._words[key + 1])
        return {
            "input_ids": self._arrays["ids"][self._ids[key] : self._ids[key + 1]],
            "heads": self._arrays["heads"][words],
            "tags": self._arrays["tags"][words],
            "events": self._arrays["events"][key],
        }

    def __add__(self, other: SoftRows) -> SoftRows:
        """Return the rows of both."""
        joined = {name: np.concatenate([self._arrays[name], other._arrays[name]]) for name in self._arrays}
        joined["ids_end"] = np.append(self._ids[1:], self._ids[-1] + other._ids[1:])
        joined["words_end"] = np.append(self._words[1:], self._words[-1] + other._words[1:])
        return SoftRows(joined)

    def save(self, path: Path) -> None:
        """Write a safetensors file."""
        temporary = path.with_name(f"{path.name}.part")
        save_file({name: np.ascontiguousarray(array) for name, array in self._arrays.items()}, temporary)
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path) -> SoftRows:
        """Read what :meth:`save` wrote.

        Raises:
            SoftRowsError: when the file is missing or is something else.
        """
        try:
            return cls(load_file(path))
        except (OSError, SafetensorError, KeyError) as error:
            raise SoftRowsError(f"{path}: no readable soft targets ({error})") from error


class SoftCollator:
    """Pads rows into a batch.

    Args:
        pad_id: Fills ``input_ids`` behind the end of a row.
        mask_id: Stands for a hidden piece.
        word_dropout: Share of pieces hidden, in [0, 1).
        special_ids: Pieces that are never hidden.
    """

    def __init__(self, pad_id: int, mask_id: int, word_dropout: float, special_ids: Sequence[int]) -> None:
        self._pad_id = pad_id
        self._mask_id = mask_id
        self._word_dropout = word_dropout
        self._special = torch.tensor(sorted(special_ids), dtype=torch.long)

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, Tensor]:
        """Return ``input_ids`` and ``attention_mask`` (``[batch, length]``), and targets.

        The targets are ``places`` (flat positions of all words in the batch, ``[words]``), ``tags``
        (``[words, tags]``) and ``events`` (``[batch, events]``).
        """
        length = max(len(row["input_ids"]) for row in rows)
        ids = torch.full((len(rows), length), self._pad_id, dtype=torch.long)
        mask = torch.zeros((len(rows), length), dtype=torch.long)
        places = []
        for index, row in enumerate(rows):
            end = len(row["input_ids"])
            ids[index, :end] = torch.from_numpy(row["input_ids"].astype(np.int64))
            mask[index, :end] = 1
            places.append(torch.from_numpy(row["heads"].astype(np.int64)) + index * length)
        if self._word_dropout:
            hidden = (torch.rand(ids.shape) < self._word_dropout) & (mask == 1)
            ids[hidden & ~torch.isin(ids, self._special)] = self._mask_id
        return {
            "input_ids": ids,
            "attention_mask": mask,
            "places": torch.cat(places),
            "tags": torch.from_numpy(np.concatenate([row["tags"] for row in rows]).astype(np.float32)),
            "events": torch.from_numpy(np.stack([row["events"] for row in rows]).astype(np.float32)),
        }
