"""Word2vec (Mikolov et al. 2013), continuous bag of words with negative sampling, by gensim."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["train_word2vec"]


def train_word2vec(corpus: Path, **settings: Any) -> tuple[list[str], NDArray[np.float32]] | None:
    """Train vectors of the words of a text file.

    Args:
        corpus: Words separated by spaces, a context a line.
        settings: gensim's own, such as ``vector_size`` and ``workers``; with more than one worker threads
            race, and vectors differ a little from run to run.

    Returns:
        The words and a row for each, ``[words, vector_size]``; ``None`` when none is frequent enough.
    """
    from gensim.models import Word2Vec

    try:
        vectors = Word2Vec(corpus_file=str(corpus), sg=0, **settings).wv
    except RuntimeError:  # gensim's word for an empty vocabulary
        return None
    return list(vectors.index_to_key), np.asarray(vectors.vectors, dtype=np.float32)
