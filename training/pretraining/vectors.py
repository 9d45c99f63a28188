"""Word vectors of the pieces, as the embeddings that pre-training begins with."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...data.quotes import one_line
from ..recipe import RecipeError
from ..word2vec import train_word2vec
from .packing import SpecialIds
from .sections import VectorsSection
from .sequences import Sequences
from .stream import Stream

__all__ = ["check_vectors", "make_vectors", "read_vectors", "start_embeddings"]

Vectors = NDArray[np.float32]

_BLOCK = 1024  # rows that are read together


def check_vectors(section: VectorsSection) -> None:
    """Make sure that the library, or the file, is there.

    Raises:
        RecipeError: when it is not.
    """
    if section.method == "word2vec" and find_spec("gensim") is None:
        raise RecipeError(
            "vectors.method word2vec needs gensim: pip install 'conflictner[train]', or set "
            "vectors.method=none"
        )
    if section.file is not None:
        _load(section.file)


def read_vectors(name: str, shape: tuple[int, int]) -> Vectors:
    """Read vectors from a ``.npy`` file.

    Args:
        name: The file.
        shape: What it must hold: a vector for each piece, as wide as the embeddings.

    Raises:
        RecipeError: when it does not.
    """
    found = _load(name)
    if found.shape != shape:
        raise RecipeError(
            f"vectors.file {name} holds vectors of shape {list(found.shape)}, but the pieces and the "
            f"embeddings need {list(shape)}; vectors belong to one tokenizer and one width"
        )
    vectors = np.asarray(found, dtype=np.float32)
    if not np.isfinite(vectors).all():
        raise RecipeError(f"vectors.file {name} holds values that are no numbers; make it again")
    return vectors


def make_vectors(
    section: VectorsSection,
    sequences: Sequences,
    stream: Stream,
    special: SpecialIds,
    shape: tuple[int, int],
    seed: int,
    path: Path,
) -> None:
    """Train word2vec (Mikolov et al. 2013, CBOW) on the pieces of a share of the training rows.

    Args:
        section: The ``vectors`` section of a recipe.
        sequences: The training rows.
        stream: Their order; the first epoch's share of it is read, so files count by their weight.
        special: The special pieces, which are left out.
        shape: Pieces, and width of a vector.
        seed: Of the whole run.
        path: The ``.npy`` file to write; pieces that are too rare have zeros. It appears when it is complete.
    """
    text = path.with_suffix(".txt.tmp")
    with text.open("w", encoding="ascii") as file:
        for line in _lines(sequences, stream, special, max(1, round(section.share * stream.epoch_rows))):
            file.write(" ".join(map(str, line.tolist())) + "\n")
    try:
        trained = train_word2vec(
            text,
            vector_size=shape[1],
            window=section.window,
            min_count=section.least_count,
            negative=section.negative,
            sample=section.subsample,
            alpha=section.learning_rate,
            epochs=section.epochs,
            workers=section.workers,
            seed=seed,
        )
    finally:
        text.unlink()
    if trained is None:
        raise RecipeError(
            "vectors: word2vec learns nothing from so little text; lower vectors.least_count, or give more"
        )
    words, rows = trained
    vectors = np.zeros(shape, dtype=np.float32)
    vectors[np.array([int(word) for word in words], dtype=np.int64)] = rows
    temporary = path.with_suffix(".npy.tmp")
    with temporary.open("wb") as binary:
        np.save(binary, vectors, allow_pickle=False)
    temporary.replace(path)


@torch.no_grad()
def start_embeddings(embeddings: Tensor, vectors: Vectors, special: SpecialIds) -> int:
    """Put vectors in place of untrained embeddings, with mean 0 and the spread that these had.

    Args:
        embeddings: Of the pieces, ``[pieces, width]``.
        vectors: A row of zeros leaves a piece as it is, ``[pieces, width]``.
        special: The special pieces, which stay as they are.

    Returns:
        How many pieces have a vector now.
    """
    known = np.abs(vectors).sum(axis=1) > 0
    known[list(special.all)] = False
    if not known.any():
        return 0
    own = vectors[known] - vectors[known].mean(axis=0)
    rows = torch.from_numpy(np.flatnonzero(known))
    spread = float(embeddings[[index for index in range(len(embeddings)) if index != special.pad]].std())
    embeddings[rows] = torch.from_numpy(own * (spread / max(float(own.std()), 1e-12)))
    return len(rows)


def _load(name: str) -> NDArray[np.floating]:
    """Open a file of floating-point vectors without reading them."""
    path = Path(name).expanduser()
    if not path.is_file():
        raise RecipeError(
            f"vectors.file {name}: no such file; give a .npy file, or set vectors.method=word2vec"
        )
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # numpy raises several kinds for what is no array
        raise RecipeError(f"vectors.file {name} is no .npy file: {one_line(error)}") from error
    if not isinstance(found, np.ndarray) or not np.issubdtype(found.dtype, np.floating):
        raise RecipeError(f"vectors.file {name} holds no floating-point array; give one of [pieces, width]")
    return found


def _lines(
    sequences: Sequences, stream: Stream, special: SpecialIds, rows: int
) -> Iterator[NDArray[np.int64]]:
    """Yield the paragraphs of the first rows of the stream, without special pieces."""
    hidden = np.array([special.pad, special.cls, special.sep])
    for first in range(0, rows, _BLOCK):
        ids, _ = sequences.take(stream.rows(first, min(_BLOCK, rows - first)))
        for row in ids:
            ends = np.flatnonzero(row == special.sep)
            for part in np.split(row, ends):
                line = part[~np.isin(part, hidden)]
                if len(line):
                    yield line
