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

__all__ = ["Opinion", "Opinions", "OpinionsError", "mean_opinion"]

Floats = NDArray[np.floating[Any]]

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
        OpinionsError: when they are not on the same words.
    """
    if len({tags.shape for tags, _ in opinions}) > 1:
        raise OpinionsError("the teachers' opinions are on different words; remove the folder of parts")
    total = sum(weights)
    shares = [weight / total for weight in weights]
    tags = sum(share * tags.astype(np.float64) for share, (tags, _) in zip(shares, opinions, strict=True))
    events = sum(share * seen.astype(np.float64) for share, (_, seen) in zip(shares, opinions, strict=True))
    return np.asarray(tags), np.asarray(events)
