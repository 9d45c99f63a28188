"""Opinions: what teachers think of the words and the event types of many texts, in a few flat arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from ...data.errors import ConflictnerError

__all__ = ["Opinion", "Opinions", "OpinionsError", "gather", "mean_opinion", "spread"]

Floats = NDArray[np.floating[Any]]
_Offsets = NDArray[np.integer[Any]]

#: Distributions of a text's words over the fine tags ``[words, tags]``, and event probabilities ``[events]``.
Opinion = tuple[Floats, Floats]


class OpinionsError(ConflictnerError):
    """A file that holds no opinions, or those on other texts."""


class Opinions(Sequence[Opinion]):
    """An opinion on each of a list of texts.

    Args:
        arrays: ``tags`` (float16, ``[words of all texts, tags]``), ``events`` (float16, ``[texts, events]``),
            ``words_end`` (where each text's words end, ``[texts]``).
    """

    def __init__(self, arrays: dict[str, NDArray[Any]]) -> None:
        self._arrays = arrays
        self._words = np.append(0, arrays["words_end"]).astype(np.int64)

    @classmethod
    def of(cls, opinions: Iterable[Opinion]) -> Opinions:
        """Gather opinions, at least one."""
        tags, events = [], []
        for words, passage in opinions:
            tags.append(words.astype(np.float16))
            events.append(passage.astype(np.float16))
        return cls(
            {
                "tags": np.concatenate(tags),
                "events": np.stack(events),
                "words_end": np.cumsum([len(words) for words in tags]),
            }
        )

    def __len__(self) -> int:
        return len(self._words) - 1

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        begin, end = self._words[index], self._words[index + 1]
        return self._arrays["tags"][begin:end], self._arrays["events"][index]

    def __iter__(self) -> Iterator[Opinion]:
        for index, (begin, end) in enumerate(pairwise(self._words.tolist())):
            yield self._arrays["tags"][begin:end], self._arrays["events"][index]

    def save(self, path: Path) -> None:
        """Write a safetensors file."""
        temporary = path.with_name(f"{path.name}.part")
        save_file({name: np.ascontiguousarray(array) for name, array in self._arrays.items()}, temporary)
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path) -> Opinions:
        """Read what :meth:`save` wrote.

        Raises:
            OpinionsError: when the file is missing or is something else.
        """
        try:
            return cls(load_file(path))
        except (OSError, SafetensorError, KeyError) as error:
            raise OpinionsError(f"{path}: no readable opinions ({error})") from error


def mean_opinion(opinions: Sequence[Opinion], weights: Sequence[float]) -> Opinion:
    """Return the weighted mean of opinions on one text.

    Args:
        opinions: At least one.
        weights: Of each, positive.

    Raises:
        OpinionsError: when they are not on the same text.
    """
    if len({tags.shape for tags, _ in opinions}) > 1:
        raise OpinionsError("the teachers' opinions are on different texts; remove the folder of parts")
    total = sum(weights)
    shares = [weight / total for weight in weights]
    tags = sum(share * tags.astype(np.float64) for share, (tags, _) in zip(shares, opinions, strict=True))
    events = sum(share * seen.astype(np.float64) for share, (_, seen) in zip(shares, opinions, strict=True))
    return np.asarray(tags), np.asarray(events)


def spread(tags: Floats, read: _Offsets, words: _Offsets) -> Floats:
    """Return an opinion on all words of a text, given one on what a tokenizer makes of them.

    A tokenizer may leave out a word or take several for one.

    Args:
        tags: Distributions over the fine tags, ``O`` first, then ``B`` and ``I`` in turns, ``[read, tags]``.
        read: Offsets of what it was read as, ``[read, 2]``.
        words: Offsets of all words, ``[words, 2]``.

    Returns:
        Distributions, ``[words, tags]``: for what was left out all on ``O``, for a later part of what was
        read as one that of its inside.
    """
    nearest, present = _touched(read, words)
    found = np.zeros((len(words), tags.shape[1]), dtype=tags.dtype)
    found[~present, 0] = 1.0
    found[present] = tags[nearest[present]]
    later = present.copy()
    later[present] = words[present, 0] > read[nearest[present], 0]
    found[later, 2::2] += found[later, 1::2]
    found[later, 1::2] = 0.0
    return found


def gather(tags: Floats, words: _Offsets, read: _Offsets) -> Floats:
    """Return the opinion on what a tokenizer makes of the words of a text, each by its first word.

    Args:
        tags: Distributions over the fine tags, ``[words, tags]``.
        words: Offsets of all words, ``[words, 2]``.
        read: Offsets of what they are read as, each of which touches a word, ``[read, 2]``.
    """
    nearest, _ = _touched(words, read)
    found: Floats = tags[nearest]
    return found


def _touched(offsets: _Offsets, others: _Offsets) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return for each of ``others`` the first of ``offsets`` that ends behind its start; if it touches."""
    nearest = np.searchsorted(offsets[:, 1], others[:, 0], side="right")
    present = nearest < len(offsets)
    present[present] = offsets[nearest[present], 0] < others[present, 1]
    return nearest, present
