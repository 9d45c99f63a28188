"""The manifest of an output folder: whose it is, and which shards of it are done.

A text file of JSON objects, one a line: the run's settings, the columns when they are known, then a line
for each shard, written when the shard is on the disk. Only lines that are whole count, so that a run killed
at any moment has each shard either done or not.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from io import FileIO
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ...data.jsonl import to_json
from ...data.quotes import one_line, printable, quote
from .columns import ColumnType
from .errors import BulkError
from .shards import sync_folder, write_shard

__all__ = ["MANIFEST", "REJECTS", "Manifest", "ShardEntry", "open_manifest"]

#: Names that readers of data folders leave out, for the underscore.
MANIFEST = "_manifest.jsonl"
REJECTS = "_rejects.jsonl"

_SHARD = re.compile(r"part-\d{5,}\.[\w.]+", re.ASCII)
_FORMAT = 1
_ELSE = "give another folder, or delete this one"


@dataclass(frozen=True, slots=True)
class ShardEntry:
    """A shard that is done.

    Attributes:
        file: Its name, or ``None`` when all of its records were rejected.
        bytes: The file's size.
        documents: Records in it.
        rejected: Records that were rejected among those it was made of.
        digest: sha256 of its texts, by which a resumed run knows that its input is the same.
        rejects_bytes: Size of the file of rejects, with the shard's.
        spans: Spans in it, by label.
        coverage: Sum of the documents' coverage.
        partial: Documents of which some part was not read.
    """

    file: str | None
    bytes: int
    documents: int
    rejected: int
    digest: str
    rejects_bytes: int
    spans: Mapping[str, int]
    coverage: float
    partial: int


class Manifest:
    """What is known of an output folder; use :func:`open_manifest`.

    Attributes:
        folder: The output folder.
        shards: Those done, in order.
        columns: The types of the columns that are carried along; ``None`` until there are some.
    """

    def __init__(self, folder: Path, file: FileIO) -> None:
        self.folder = folder
        self.shards: list[ShardEntry] = []
        self.columns: dict[str, ColumnType] | None = None
        self._file = file

    @property
    def rejects(self) -> Path:
        """The file of rejects, which is there when there are some."""
        return self.folder / REJECTS

    @property
    def documents(self) -> int:
        """Documents that are done."""
        return sum(entry.documents for entry in self.shards)

    def next_name(self, ending: str) -> str:
        """Return the name of the next shard."""
        return f"part-{len(self.shards):05}.{ending}"

    def set_columns(self, columns: Mapping[str, ColumnType]) -> None:
        """Note the columns, before the first shard that has them.

        Raises:
            OSError: when that cannot be written.
        """
        self.columns = dict(columns)
        self._append({"columns": self.columns})

    def add(self, content: bytes | None, rejects: bytes, entry: ShardEntry) -> None:
        """Write a shard, its rejects, and then the line that makes it count.

        Args:
            content: The shard's bytes, if it has documents.
            rejects: Lines for the file of rejects.
            entry: What is noted.

        Raises:
            OSError: when one of them cannot be written; the shard then does not count.
        """
        if content is not None and entry.file is not None:
            write_shard(self.folder / entry.file, content)
        if rejects:
            with self.rejects.open("ab") as file:
                file.write(rejects)
                file.flush()
                os.fsync(file.fileno())
        self._append({"shard": asdict(entry)})
        self.shards.append(entry)

    def _append(self, record: Mapping[str, Any]) -> None:
        line = (to_json(record) + "\n").encode()
        end = self._file.seek(0, os.SEEK_END)
        try:
            if self._file.write(line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._file.fileno())
        except OSError:
            with contextlib.suppress(OSError):
                self._file.truncate(end)
            raise


@contextmanager
def open_manifest(folder: Path, settings: Mapping[str, Any]) -> Iterator[Manifest]:
    """Open an output folder for a run, made if need be, for this process alone.

    What an interrupted run left unfinished is removed.

    Args:
        folder: The output folder.
        settings: What the run is; plain JSON types.

    Raises:
        BulkError: when the folder belongs to another run, with the difference; when it holds other files;
            when a shard is missing or changed; when another process is writing to it.
        OSError: when it cannot be written.
    """
    path = folder / MANIFEST
    if folder.exists() and not folder.is_dir():
        raise BulkError(f"{_shown(folder)} is a file; the output is a folder of shards")
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists() and (strangers := sorted(item.name for item in folder.iterdir())):
        raise BulkError(
            f"{_shown(folder)} is not empty and no output of a run, it holds "
            f"{printable(', '.join(strangers[:3]))}; give a new folder or an empty one"
        )
    with path.open("a+b", buffering=0) as file:
        _lock(file, folder)
        manifest = Manifest(folder, file)
        if not _read(manifest, file, settings):
            manifest._append({"conflictner": _FORMAT, "settings": dict(settings)})
            sync_folder(folder)
        _clear(manifest)
        yield manifest


def _read(manifest: Manifest, file: FileIO, settings: Mapping[str, Any]) -> bool:
    """Take over the shards that the file names, and tell whether there are any.

    A last line that was cut off is removed. Without a shard the folder is nobody's, and the file is emptied.
    """
    file.seek(0)
    content = file.read()
    whole = content.rfind(b"\n") + 1
    try:
        records = [json.loads(line) for line in content[:whole].splitlines()]
        if not any("shard" in record for record in records):
            file.truncate(0)
            return False
        file.truncate(whole)
        _compare(manifest.folder, records[0], settings)
        for record in records[1:]:
            if "columns" in record:
                manifest.columns = {name: ColumnType(kind) for name, kind in record["columns"].items()}
            else:
                manifest.shards.append(_entry(record["shard"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BulkError(
            f"{_shown(manifest.folder / MANIFEST)} is damaged ({one_line(error)}); {_ELSE}"
        ) from error
    for entry in manifest.shards:
        _check_file(manifest.folder, entry)
    return True


def _entry(record: Any) -> ShardEntry:
    """Read what is noted of a shard.

    Raises:
        ValueError: when it is something else.
    """
    entry = _checked().validate_json(json.dumps(record), strict=True)
    if entry.file is not None and not _SHARD.fullmatch(entry.file):
        raise ValueError(f"{quote(entry.file)} is not the name of a shard")
    if min(entry.bytes, entry.documents, entry.rejected, entry.rejects_bytes, entry.partial) < 0:
        raise ValueError("a count is below 0")
    return entry


@cache
def _checked() -> TypeAdapter[ShardEntry]:
    """Return what checks the types of an entry."""
    return TypeAdapter(ShardEntry)


def _compare(folder: Path, first: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Make sure that the folder is this run's."""
    if first["conflictner"] != _FORMAT:
        raise BulkError(
            f"{_shown(folder)} was written by another version of conflictner, whose manifest has the form "
            f"{quote(first['conflictner'])}, not {_FORMAT}; {_ELSE}"
        )
    before = first["settings"]
    differing = [name for name in {**before, **settings} if before.get(name) != settings.get(name)]
    if differing:
        told = "; ".join(
            f"{printable(name)} was {_value(before.get(name))}, is now {_value(settings.get(name))}"
            for name in differing
        )
        raise BulkError(f"{_shown(folder)} belongs to another run: {told}; {_ELSE}")


def _check_file(folder: Path, entry: ShardEntry) -> None:
    if entry.file is None:
        return
    try:
        size = (folder / entry.file).stat().st_size
    except OSError as error:
        raise BulkError(
            f"{_shown(folder / entry.file)}, which was done, cannot be found ({error.strerror}); put it "
            f"back, or {_ELSE}"
        ) from error
    if size != entry.bytes:
        raise BulkError(
            f"{_shown(folder / entry.file)} has {size} bytes, and had {entry.bytes} when it was done; put it "
            f"back, or {_ELSE}"
        )


def _clear(manifest: Manifest) -> None:
    """Remove what is of shards that were not finished."""
    done = {entry.file for entry in manifest.shards}
    for pattern in ("part-*", ".part-*.tmp"):
        for path in manifest.folder.glob(pattern):
            if path.name not in done:
                path.unlink()
    size = manifest.shards[-1].rejects_bytes if manifest.shards else 0
    if not size:
        manifest.rejects.unlink(missing_ok=True)
    elif not manifest.rejects.exists() or manifest.rejects.stat().st_size < size:
        raise BulkError(f"{_shown(manifest.rejects)} is gone or cut short; put it back, or {_ELSE}")
    else:
        os.truncate(manifest.rejects, size)


def _lock(file: FileIO, folder: Path) -> None:
    """Keep other processes out for as long as the file is open, where the system can."""
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BulkError(
            f"another process is writing to {_shown(folder)}; wait for it, or give another folder"
        ) from error


def _value(value: Any) -> str:
    return "nothing" if value is None else printable(value) if isinstance(value, str) else quote(value)


def _shown(path: Path) -> str:
    return printable(str(path))
