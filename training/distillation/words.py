"""Words as a recurrent tagger sees them: vector index, shape and characters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .vectors import WordVectors

__all__ = ["CHARACTERS", "SHAPES", "WORD_LENGTH", "Words", "recase", "see_words"]

WORD_LENGTH = 16  # characters of a word that are looked at: its first 10 and its last 6
CHARACTERS = 0x250  # Latin letters with all their marks; what lies beyond counts as one character
_HEAD = 10
_PUNCTUATION = {mark: 11 + index for index, mark in enumerate(".,-\"'")}
_DIGIT = re.compile(r"\d")
SHAPES = 19


@dataclass(frozen=True)
class Words:
    """The words of a text.

    Attributes:
        surfaces: As they stand in the text.
        indices: Row of each in the word vectors, shape ``[words]``.
        shapes: Its shape, from 1 to ``SHAPES - 1``, shape ``[words]``.
        characters: Its characters, 0 behind the end, shape ``[words, WORD_LENGTH]``.
    """

    surfaces: Sequence[str]
    indices: NDArray[np.int64]
    shapes: NDArray[np.int64]
    characters: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.surfaces)


def see_words(surfaces: Sequence[str], vectors: WordVectors) -> Words:
    """Look words up."""
    characters = np.zeros((len(surfaces), WORD_LENGTH), dtype=np.int64)
    for row, surface in enumerate(surfaces):
        shown = surface if len(surface) <= WORD_LENGTH else surface[:_HEAD] + surface[_HEAD - WORD_LENGTH :]
        characters[row, : len(shown)] = [min(ord(character), CHARACTERS - 1) for character in shown]
    return Words(
        surfaces,
        np.array([vectors.index(surface) for surface in surfaces], dtype=np.int64),
        np.array([_shape(surface) for surface in surfaces], dtype=np.int64),
        characters,
    )


def recase(words: Words, vectors: WordVectors, *, upper: bool) -> Words:
    """Return the words in upper or lower case."""
    return see_words([word.upper() if upper else word.lower() for word in words.surfaces], vectors)


def _shape(word: str) -> int:
    """Return the class of a word's shape."""
    if word.isdigit():
        return 1 + min(len(word), 4)
    if word.isupper():
        return 6 if len(word) == 1 else 7
    if word[0].isupper():
        return 8 if word[1:].islower() else 9
    if word.islower():
        return 10
    if not word[0].isalnum():
        return _PUNCTUATION.get(word, 16)
    return 17 if _DIGIT.search(word) else 18
