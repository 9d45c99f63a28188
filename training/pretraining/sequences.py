"""Sequences: the packed rows of a corpus on disk, made once and read through memory maps."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from ...data.text_files import TextFileSize
from .corpus import Corpus
from .packing import Bools, Packer, Rows, SpecialIds
from .sections import SequencesSection

__all__ = ["Sequences", "build_sequences", "open_sequences", "piece_type"]

_META = "sequences.json"
_BATCH = 2000  # paragraphs that are tokenised together


@dataclass(frozen=True)
class Sequences:
    """Packed rows on disk.

    Attributes:
        ids: Vocabulary indices, ``[rows, length]``.
        begins: Whether a word, a special piece or padding begins there, eight to a byte,
            ``[rows, length / 8]``.
        lengths: Pieces without padding, ``[rows]``.
        files: Number of rows of each file, those of the first file first.
    """

    ids: NDArray[Any]
    begins: NDArray[np.uint8]
    lengths: NDArray[np.int32]
    files: tuple[int, ...]

    def take(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], Bools]:
        """Return ids and word begins of some rows, both ``[len(rows), length]``."""
        return self.ids[rows].astype(np.int64), np.unpackbits(self.begins[rows], axis=1).astype(np.bool_)


def piece_type(vocabulary: int) -> np.dtype[Any]:
    """Return the smallest type that holds the indices of a vocabulary."""
    return np.dtype(np.uint16 if vocabulary <= 1 << 16 else np.uint32)


def open_sequences(folder: Path, digest: str) -> tuple[Sequences, Sequences] | None:
    """Open the training and the held-out sequences that :func:`build_sequences` made.

    Returns:
        ``None`` when the folder holds none, or those of another corpus or tokenizer than ``digest`` tells.
    """
    try:
        meta = json.loads((folder / _META).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if meta["digest"] != digest:
        return None
    dtype, length = np.dtype(meta["dtype"]), int(meta["length"])
    train, held_out = (
        Sequences(
            _map(folder / f"{part}.ids", dtype).reshape(-1, length),
            _map(folder / f"{part}.begins", np.dtype(np.uint8)).reshape(-1, length // 8),
            np.fromfile(folder / f"{part}.lengths", np.int32),
            tuple(meta[part]),
        )
        for part in ("train", "held_out")
    )
    return train, held_out


def build_sequences(
    folder: Path,
    digest: str,
    corpus: Corpus,
    sizes: Sequence[TextFileSize],
    tokenizer: Tokenizer,
    special: SpecialIds,
    section: SequencesSection,
    watch: Callable[[int], None] = lambda _: None,
) -> None:
    """Tokenise and pack a corpus.

    Args:
        folder: Where to; it appears when it is complete.
        digest: What the sequences are made of.
        corpus: The text.
        sizes: How much each file holds.
        tokenizer: Cuts paragraphs into pieces; special pieces must be switched off for what stands in a text.
        special: Its special pieces.
        section: The ``sequences`` section of a recipe.
        watch: Receives the bytes of text that each step has done.
    """
    temporary = folder.with_name(f".{folder.name}.tmp")
    for old in (temporary, folder):
        shutil.rmtree(old, ignore_errors=True)
    temporary.mkdir(parents=True)
    dtype = piece_type(tokenizer.get_vocab_size())
    counts: dict[str, list[int]] = {"train": [], "held_out": []}
    with _Writer(temporary, "train", dtype) as train, _Writer(temporary, "held_out", dtype) as held_out:
        for index, size in enumerate(sizes):
            writers = (train, held_out)
            before = [writer.rows for writer in writers]
            packers = [
                Packer(section.length, special, borders=section.borders == "attention") for _ in writers
            ]
            kept_back = iter(corpus.held_out(index, size.paragraphs).tolist())
            for batch in _batches(corpus.paragraphs(index)):
                for ids, begins in _encode(tokenizer, batch):
                    packers[next(kept_back)].add(ids, begins)
                for packer, writer in zip(packers, writers, strict=True):
                    writer.write(packer.take())
                watch(sum(len(paragraph.encode()) for paragraph in batch))
            for packer, writer in zip(packers, writers, strict=True):
                writer.write(packer.finish())
            for name, writer, first in zip(counts, writers, before, strict=True):
                counts[name].append(writer.rows - first)
    meta = {"digest": digest, "dtype": dtype.name, "length": section.length, **counts}
    (temporary / _META).write_text(json.dumps(meta, indent=2) + "\n", encoding="utf-8")
    temporary.replace(folder)


def _map(path: Path, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Map a file; one without content cannot be."""
    return np.memmap(path, dtype, "r") if path.stat().st_size else np.zeros(0, dtype)


class _Writer:
    """Appends rows to the files of one part."""

    def __init__(self, folder: Path, part: str, dtype: np.dtype[Any]) -> None:
        self.rows = 0
        self._dtype = dtype
        self._files = [(folder / f"{part}.{name}").open("wb") for name in ("ids", "begins", "lengths")]

    def write(self, blocks: Iterable[Rows]) -> None:
        for block in blocks:
            arrays: tuple[NDArray[Any], ...] = (
                block.ids.astype(self._dtype),
                np.packbits(block.begins, axis=1),
                block.lengths,
            )
            for file, array in zip(self._files, arrays, strict=True):
                array.tofile(file)
            self.rows += len(block.lengths)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files:
            file.close()


def _encode(tokenizer: Tokenizer, paragraphs: list[str]) -> Iterator[tuple[NDArray[np.uint32], Bools]]:
    """Yield the pieces of each paragraph, and whether they begin a word."""
    for encoding in tokenizer.encode_batch(paragraphs, add_special_tokens=False):
        ids = np.array(encoding.ids, dtype=np.uint32)
        words = np.array([-1 if word is None else word for word in encoding.word_ids], dtype=np.int64)
        begins = np.ones(len(ids), dtype=np.bool_)
        begins[1:] = words[1:] != words[:-1]
        yield ids, begins


def _batches(paragraphs: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(paragraphs, _BATCH)):
        yield batch
