"""Word vectors: word2vec trained on open text, and the rule by which a word finds its vector."""

from __future__ import annotations

import json
import random
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from ...data.errors import ConflictnerError
from ...data.text_files import read_paragraphs
from ...data.words import word_offsets
from ..word2vec import train_word2vec
from .sections import VectorsSection

__all__ = ["VectorsError", "WordVectors", "train_vectors"]

_DIGIT = re.compile(r"\d")
_CHUNK = 500  # neighbouring paragraphs that stay together when a corpus is shuffled
_SCALE = 0.5  # root mean square of a component


class VectorsError(ConflictnerError):
    """Word vectors that cannot be trained or read."""


class WordVectors:
    """Words and their vectors, scaled alike; the two rows behind the last word's are zero (unknown, padding).

    Args:
        words: The vocabulary.
        matrix: A row a word, shape ``[words, size]``.
    """

    def __init__(self, words: Sequence[str], matrix: NDArray[np.float32]) -> None:
        self.words = list(words)
        self._index = {word: row for row, word in enumerate(self.words)}
        centred = matrix - matrix.mean(axis=0)
        norms = np.linalg.norm(centred, axis=1, keepdims=True) + 1e-6
        scaled = centred / norms * (_SCALE * np.sqrt(matrix.shape[1]))
        self.matrix: NDArray[np.float32] = np.vstack(
            [scaled, np.zeros((2, matrix.shape[1]))], dtype=np.float32
        )

    @property
    def unknown(self) -> int:
        """Row of words without a vector."""
        return len(self.words)

    @property
    def padding(self) -> int:
        """Row of no word."""
        return len(self.words) + 1

    def index(self, word: str) -> int:
        """Return the row of a word, digits as 0: as it stands, else in another case, else unknown."""
        plain = _DIGIT.sub("0", word)
        for form in (plain, plain.lower(), plain.title(), plain.upper()):
            if form in self._index:
                return self._index[form]
        return self.unknown

    def save(self, path: Path) -> None:
        """Write a safetensors file."""
        temporary = path.with_name(f"{path.name}.part")
        save_file(
            {"vectors": self.matrix[: len(self.words)].astype(np.float16)},
            temporary,
            metadata={"words": json.dumps(self.words)},
        )
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path) -> WordVectors:
        """Read what :meth:`save` wrote.

        Raises:
            VectorsError: when the file is missing or is something else.
        """
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, "numpy") as file:
                words = json.loads((file.metadata() or {})["words"])
            return cls(words, load_file(path)["vectors"].astype(np.float32))
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise VectorsError(f"{path}: no readable word vectors ({error})") from error


def train_vectors(section: VectorsSection, files: Sequence[Path], workers: int, scratch: Path) -> WordVectors:
    """Train word vectors (Mikolov et al. 2013, continuous bag of words, negative sampling).

    Digits become 0. The same files and seed give the same vectors with one worker; with more, threads race.

    Args:
        section: The recipe's section.
        files: Its corpus files, resolved.
        workers: Threads.
        scratch: Folder in which all of the text is written down for a while.

    Raises:
        DataError: for a corpus file that cannot be read.
        VectorsError: when no word is frequent enough.
    """
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        corpus = Path(folder) / "corpus.txt"
        _write_corpus(corpus, section, files)
        trained = train_word2vec(
            corpus,
            vector_size=section.size,
            window=section.window,
            min_count=section.min_count,
            negative=section.negative,
            epochs=section.epochs,
            seed=section.seed,
            workers=workers,
            alpha=0.04,
            sample=1e-4,
        )
    if trained is None:
        raise VectorsError(
            f"vectors: no word of the corpus occurs {section.min_count} times; lower vectors.min_count"
        )
    return WordVectors(*trained)


def _write_corpus(target: Path, section: VectorsSection, files: Sequence[Path]) -> None:
    """Write all paragraphs as words with spaces between, in shuffled chunks, each as often as its weight."""
    chunks: list[str] = []
    for source, path in zip(section.files, files, strict=True):
        lines: list[str] = []
        for paragraph in read_paragraphs(path):
            lines.append(
                " ".join(_DIGIT.sub("0", paragraph[begin:end]) for begin, end in word_offsets(paragraph))
            )
            if len(lines) == _CHUNK:
                chunks += ["\n".join(lines)] * source.weight
                lines = []
        chunks += ["\n".join(lines)] * source.weight if lines else []
    random.Random(section.seed).shuffle(chunks)  # noqa: S311 - no secret
    with target.open("w", encoding="utf-8") as file:
        file.writelines(f"{chunk}\n" for chunk in chunks)
