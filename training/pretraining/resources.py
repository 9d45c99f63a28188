"""Disk and memory: estimates of what a run needs, compared with what there is before time is spent."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...data.text_files import TextFileSize
from ..disk import in_words
from ..recipe import RecipeError
from .sections import PretrainRecipe
from .sequences import piece_type

__all__ = ["Needs", "estimate", "require_memory"]

_BYTES_A_PIECE = 2.5  # of text; English has 4 to 5, so that this is on the safe side
_SAMPLE_COPIES = 6  # what training a tokenizer keeps of a byte of its sample
_WORD = 6  # bytes of a piece in the file that word2vec reads


@dataclass(frozen=True, slots=True)
class Needs:
    """What a run needs, in bytes.

    Attributes:
        disk: In the output's place, beyond what is there already.
        memory: For network, optimiser and one batch on the CPU.
    """

    disk: int
    memory: int


def estimate(
    recipe: PretrainRecipe, model: Any, sizes: Sequence[TextFileSize] | None, vocabulary: int
) -> Needs:
    """Estimate what a run needs.

    Args:
        recipe: The recipe.
        model: The masked language model; tensors without memory will do.
        sizes: How much text each file holds; ``None`` when it is packed already.
        vocabulary: Number of pieces.
    """
    parameters = sum(value.numel() for value in model.parameters())
    pieces = sum(size.bytes for size in sizes or ()) / _BYTES_A_PIECE
    disk = pieces * (piece_type(vocabulary).itemsize + 1 / 8)
    if recipe.vectors.method == "word2vec" and sizes is not None:
        weights = [file.weight for file in recipe.corpus.files]
        read = sum(weight * size.bytes for weight, size in zip(weights, sizes, strict=True)) / _BYTES_A_PIECE
        disk += recipe.vectors.share * read * _WORD
    # Weights and two moments, while a state replaces another; the encoder folder likewise.
    disk += parameters * 4 * (2 * 3 + 2)
    section, encoder = recipe.pretrain, recipe.encoder
    tokens = section.batch_size * recipe.sequences.length
    layer = 16 * encoder.hidden + 3 * encoder.feed_forward + 2 * encoder.heads * recipe.sequences.length
    guesses = recipe.masking.share * tokens * vocabulary * 3
    memory = 4 * (parameters * 4 + tokens * encoder.layers * layer + guesses)
    if sizes is not None and recipe.tokenizer.folder is None and encoder.folder is None:
        sample = min(recipe.tokenizer.sample_megabytes * 1e6, sum(size.bytes for size in sizes))
        memory = max(memory, _SAMPLE_COPIES * sample)
    return Needs(int(disk), int(memory))


def require_memory(needed: int, batch_size: int) -> None:
    """Make sure that the memory of the machine does, where the system tells how much is free.

    Args:
        needed: In bytes.
        batch_size: The recipe's, to advise on.

    Raises:
        RecipeError: when there is too little.
    """
    free = _free_memory()
    if free is not None and free < needed:
        raise RecipeError(
            f"pretrain.batch_size {batch_size} with this encoder needs about {in_words(needed)} of "
            f"memory, {in_words(free)} are free; halve it, and double pretrain.gradient_accumulation"
        )


def _free_memory() -> int | None:
    """Return the free memory in bytes, with what the system would give up at once; ``None`` if unknown."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None
