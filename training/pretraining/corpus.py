"""The corpus of a pre-training run: its files, what they hold, and samples of them by weight."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...data.text_files import TextFileSize, check_text_file, read_paragraphs
from ..recipe import RecipeError, resolve_path
from .draws import Draw, generator
from .sections import CorpusSection

__all__ = ["Corpus"]


class Corpus:
    """Text files with their weights.

    Args:
        section: The ``corpus`` section of a recipe.
        seed: Of the whole run.

    Attributes:
        paths: The files.
        weights: Of each file.

    Raises:
        RecipeError: for a file of the package that does not exist.
    """

    def __init__(self, section: CorpusSection, seed: int) -> None:
        self.paths: list[Path] = [resolve_path(file.path) for file in section.files]
        self.weights: list[float] = [file.weight for file in section.files]
        self._held_out_share = section.held_out_share
        self._held_out_seed = section.held_out_seed
        self._seed = seed

    def require_files(self) -> None:
        """Make sure, quickly, that all files are there.

        Raises:
            RecipeError: naming every file that is not.
        """
        lacking = [str(path) for path in self.paths if not path.exists()]
        if lacking:
            raise RecipeError(
                f"corpus.files: {', '.join(lacking)}: no such file (paths are relative to {Path.cwd()})"
            )

    def is_away(self) -> bool:
        """Tell whether none of the files is there, as on a machine that only the packed text was taken to."""
        return not any(path.exists() for path in self.paths)

    def check(self) -> list[TextFileSize]:
        """Read all files to their ends, so that nothing is wrong with them later.

        Returns:
            How much text each file holds.

        Raises:
            DataError: see :func:`conflictner.data.text_files.read_paragraphs`.
            RecipeError: when a file is missing, or there is nothing to learn from or to measure on.
        """
        self.require_files()
        sizes = [check_text_file(path) for path in self.paths]
        held_out = sum(int(self.held_out(index, size.paragraphs).sum()) for index, size in enumerate(sizes))
        paragraphs = sum(size.paragraphs for size in sizes)
        if held_out in (0, paragraphs):
            lack, advice = ("learn from", "lower") if held_out else ("measure on", "raise")
            raise RecipeError(
                f"corpus.held_out_share {self._held_out_share} leaves none of the {paragraphs} paragraphs to "
                f"{lack}; {advice} it"
            )
        return sizes

    def digest(self) -> str:
        """Return a sha256 sum over the content of all files, as they are on disk.

        Raises:
            RecipeError: when a file cannot be read.
        """
        with ThreadPoolExecutor(len(self.paths)) as pool:
            sums = list(pool.map(_sha256, self.paths))
        return hashlib.sha256("".join(sums).encode()).hexdigest()

    def paragraphs(self, index: int) -> Iterator[str]:
        """Read the paragraphs of a file."""
        return read_paragraphs(self.paths[index])

    def held_out(self, index: int, paragraphs: int) -> NDArray[np.bool_]:
        """Tell which paragraphs of a file are kept back, by seed: ``[paragraphs]``."""
        return generator(self._held_out_seed, Draw.HELD_OUT, index).random(paragraphs) < self._held_out_share

    def sample(self, sizes: Sequence[TextFileSize], size: float) -> Iterator[str]:
        """Draw paragraphs, more often from files of a higher weight, each at most once.

        Args:
            sizes: How much each file holds.
            size: About how many bytes are wanted.
        """
        rate = size / sum(weight * file.bytes for weight, file in zip(self.weights, sizes, strict=True))
        for index, (weight, file) in enumerate(zip(self.weights, sizes, strict=True)):
            drawn = generator(self._seed, Draw.SAMPLE, index).random(file.paragraphs) < rate * weight
            for paragraph, is_drawn in zip(self.paragraphs(index), drawn.tolist(), strict=True):
                if is_drawn:
                    yield paragraph


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RecipeError(f"corpus.files: {path} cannot be read ({error.strerror})") from error
