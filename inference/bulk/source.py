"""The source of a bulk run: a file, a folder of files of one kind, or the standard input."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from ...data.errors import DataError
from ...data.quotes import printable, quote
from .errors import BulkError

__all__ = ["InputKind", "Source", "SourceFile", "find_source", "kind_of"]

_STANDARD_INPUT = "-"
_PACKED = (".gz", ".zst")
_EXAMPLES = 3


class InputKind(StrEnum):
    """How the files of a source are read."""

    TEXT = "text"
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


_KINDS = {
    ".txt": InputKind.TEXT,
    ".jsonl": InputKind.JSONL,
    ".ndjson": InputKind.JSONL,
    ".csv": InputKind.CSV,
    ".tsv": InputKind.CSV,
    ".parquet": InputKind.PARQUET,
}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a source.

    Attributes:
        path: Where it is; ``-`` is the standard input.
        name: What messages and rejects call it.
        relative: Its path below the source, with ``/``; for a single file its name.
        before: Bytes of all files before it.
        size: Its bytes; 0 where they are unknown.
    """

    path: Path
    name: str
    relative: str
    before: int
    size: int

    @property
    def is_standard_input(self) -> bool:
        """Whether it is the standard input."""
        return _is_standard_input(self.path)


@dataclass(frozen=True, slots=True)
class Source:
    """What a run reads.

    Attributes:
        path: As it was given.
        kind: How its files are read.
        size: Bytes of all files, or ``None`` for the standard input and pipes.
        every_file: Whether files of any ending belong to it.
        left_out: Number of files in the folder that do not belong to it.
        examples: Names of some of those.
    """

    path: Path
    kind: InputKind
    size: int | None
    every_file: bool = True
    left_out: int = 0
    examples: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The absolute path, or ``-``, by which a run is known again."""
        return _STANDARD_INPUT if _is_standard_input(self.path) else str(self.path.resolve())

    def files(self) -> Iterator[SourceFile]:
        """Yield the files in the order of their names; of a folder's names one level is held at a time."""
        if not self.path.is_dir():
            yield SourceFile(self.path, _shown(self.path), printable(self.path.name), 0, self.size or 0)
            return
        before = 0
        for file in _walk(self.path):
            if self.every_file or kind_of(file) is self.kind:
                relative = printable(file.relative_to(self.path).as_posix())
                size = file.stat().st_size
                yield SourceFile(file, _shown(file), relative, before, size)
                before += size


def find_source(path: Path, kind: InputKind | None = None) -> Source:
    """Look at what a run is to read.

    Files are known by their endings, also with ``.gz`` or ``.zst`` behind. A folder is searched with all
    below it; names that begin with a dot, or with an underscore as those of Spark's and our own notes do, are
    not looked at. It must hold files of one kind; others are left out, and counted.

    Args:
        path: A file, a folder, or ``-`` for the standard input.
        kind: How to read it; ``None`` goes by the endings, and reads the standard input as JSONL.

    Raises:
        DataError: when there is nothing to read.
        BulkError: when the kind is not clear, or impossible for the standard input.
    """
    if _is_standard_input(path):
        if kind is InputKind.PARQUET:
            raise BulkError("Parquet cannot be read from a pipe; save it to a file and give that")
        return Source(path, kind or InputKind.JSONL, None)
    try:
        status = path.stat()
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the path
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"cannot be read ({reason})", _shown(path)) from error
    if S_ISDIR(status.st_mode):
        return _find_in_folder(path, kind)
    kind = kind or kind_of(path)
    if kind is None:
        raise BulkError(
            f"{_shown(path)}: the ending {quote(path.suffix)} is not known; accepted are {_endings()}, "
            "and any with --input-format"
        )
    return Source(path, kind, status.st_size if S_ISREG(status.st_mode) else None)


def _find_in_folder(folder: Path, kind: InputKind | None) -> Source:
    counts: Counter[InputKind | None] = Counter()
    sizes: Counter[InputKind | None] = Counter()
    examples: dict[InputKind | None, list[str]] = {}
    for file in _walk(folder):
        its = kind_of(file)
        counts[its] += 1
        sizes[its] += file.stat().st_size
        if len(some := examples.setdefault(its, [])) < _EXAMPLES:
            some.append(printable(file.name))
    if not counts:
        raise DataError("the folder holds no files", _shown(folder))
    known = [its for its in counts if its is not None]
    if kind is None:
        if len(known) != 1:
            found = " and ".join(f"{its} ({counts[its]})" for its in known) or "none of these"
            raise BulkError(
                f"{_shown(folder)}: a folder must hold files of one kind, of {_endings()}; it holds {found}; "
                "say which to read with --input-format"
            )
        kind = known[0]
    if kind not in counts:
        return Source(folder, kind, sizes.total())
    others = [its for its in counts if its is not kind]
    names = [name for its in others for name in examples[its]]
    left_out = sum(counts[its] for its in others)
    return Source(folder, kind, sizes[kind], False, left_out, tuple(names[:_EXAMPLES]))


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder in a fixed order."""
    try:
        with os.scandir(folder) as entries:
            names = sorted((entry.name, entry.is_dir()) for entry in entries)
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror or error})", _shown(folder)) from error
    for name, is_folder in names:
        if name.startswith((".", "_")):
            continue
        if is_folder:
            yield from _walk(folder / name)
        else:
            yield folder / name


def kind_of(path: Path) -> InputKind | None:
    """Return how a file is read by its ending, also with ``.gz`` or ``.zst`` behind; ``None`` if unknown."""
    name = path.name.lower()
    for packed in _PACKED:
        name = name.removesuffix(packed)
    return _KINDS.get(Path(name).suffix)


def _endings() -> str:
    return ", ".join(_KINDS)


def _shown(path: Path) -> str:
    return "standard input" if _is_standard_input(path) else printable(str(path))


def _is_standard_input(path: Path) -> bool:
    return str(path) == _STANDARD_INPUT
