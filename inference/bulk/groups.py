"""Groups of records, each of which becomes a shard."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from ...data.errors import ConflictnerError, DataError
from ...data.jsonl import to_json
from ...data.quotes import printable
from .errors import BulkError
from .manifest import Manifest
from .records import Item, Record

__all__ = ["Group", "gather", "skip_done"]

_LARGEST = 1 << 24  # characters of a shard, which is held in memory


@dataclass(slots=True)
class Group:
    """The records of a shard.

    Attributes:
        items: Records and rejects, in order.
        failure: What ended the reading, behind them.
    """

    items: list[Item] = field(default_factory=list)
    failure: ConflictnerError | None = None

    @property
    def records(self) -> list[Record]:
        """The records to tag."""
        return [item for item in self.items if isinstance(item, Record)]

    @property
    def rejects(self) -> list[DataError]:
        """The others."""
        return [item for item in self.items if isinstance(item, DataError)]

    def digest(self) -> str:
        """Return the sha256 of the texts."""
        return _digest(iter(self.items))

    def reject_lines(self) -> bytes:
        """Return a line of JSON for each reject: source, line (or row) from 1, reason."""
        lines = (
            to_json({"source": error.source, "line": error.line, "reason": error.reason}) + "\n"
            for error in self.rejects
        )
        return "".join(lines).encode()


def gather(items: Iterator[Item], most: int, *, skip: bool) -> Group:
    """Take the records of the next shard.

    Args:
        items: What is read.
        most: Most records; long ones end a shard earlier.
        skip: Whether rejects are among them; otherwise the first ends the reading.
    """
    group = Group()
    size = 0
    try:
        for item in items:
            if isinstance(item, DataError) and not skip:
                group.failure = item
                break
            group.items.append(item)
            size += item.size if isinstance(item, Record) else 0
            if len(group.items) >= most or size >= _LARGEST:
                break
    except ConflictnerError as error:
        group.failure = error
    return group


def skip_done(items: Iterator[Item], manifest: Manifest) -> None:
    """Pass by the records that are done, and make sure that they are the same as then.

    Raises:
        BulkError: when they are not.
    """
    before = 0
    for entry in manifest.shards:
        count = entry.documents + entry.rejected
        if _digest(islice(items, count)) != entry.digest:
            raise BulkError(
                f"{printable(str(manifest.folder))} belongs to another run: of the input's records "
                f"{before + 1} to {before + count} some have changed, or are gone, since they were tagged; "
                "give another folder, or delete this one"
            )
        before += count


def _digest(items: Iterator[Item]) -> str:
    digest = hashlib.sha256()
    for item in items:
        text = item.text.encode("utf-8", "surrogatepass") if isinstance(item, Record) else b""
        digest.update(b"%s%d:" % (b"+" if isinstance(item, Record) else b"-", len(text)))
        digest.update(text)
    return digest.hexdigest()
