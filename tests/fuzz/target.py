"""Targets: what is fuzzed, how its files are made, and what must hold when they are read."""

import io
import json
import random
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from conflictner.data import ConflictnerError, Document
from conflictner.data.jsonl import to_json_line

from .mutation import mutate

__all__ = ["Change", "Files", "Make", "Read", "Target", "check_error", "lines", "packed", "plain"]
__all__ += ["several", "tarred", "zipped"]

#: Name below a folder -> content.
Files = dict[str, bytes]
#: What a piece of a file is given to before it is packed.
Change = Callable[[bytes], bytes]
Make = Callable[[Change], Files]
Read = Callable[[Path], object]


@dataclass(frozen=True)
class Target:
    """A loader and files for it.

    Attributes:
        name: What it is called, unique.
        make: Makes files, given what each of their pieces is to pass through.
        path: What is read of them.
        reads: Ways to read it. A :class:`ConflictnerError` refuses it; anything else is a finding.
        cases: How many cases an input holds.
        change: Changes a piece.
    """

    name: str
    make: Make
    path: str
    reads: tuple[Read, ...]
    cases: int = 1
    change: Callable[[bytes, random.Random, list[bytes]], bytes] = mutate

    def files(self, draw: random.Random | None) -> Files:
        """Make files of which one piece is changed, or none without ``draw``."""
        pieces: list[bytes] = []

        def note(content: bytes) -> bytes:
            pieces.append(content)
            return content

        files = self.make(note)
        if draw is None:
            return files
        chosen, number = draw.randrange(len(pieces)), -1

        def change_one(content: bytes) -> bytes:
            nonlocal number
            number += 1
            return self.change(content, draw, pieces) if number == chosen else content

        return self.make(change_one)

    def check(self, folder: Path) -> bool:
        """Read the files in a folder in all ways; return whether one could read them.

        Raises:
            Exception: of any kind, when a promise does not hold.
        """
        is_read = False
        for read in self.reads:
            try:
                consume(read(folder / self.path))
            except ConflictnerError as error:
                check_error(error)
            else:
                is_read = True
        return is_read


def check_error(error: Exception) -> None:
    """Make sure that an error is one line, not too long."""
    message = str(error)
    assert message, "an error without a message"
    assert message.isprintable(), f"not one printable line: {ascii(message)[:300]}"
    assert len(message) < 20_000, f"{len(message)} characters: {message[:300]}"


def consume(result: object) -> None:
    """Read to the end; documents are valid and can be written."""
    if not isinstance(result, Iterator):
        return
    for item in result:
        if isinstance(item, Document):
            assert Document.from_dict(item.to_dict()) == item
            to_json_line(item)


def lines(*records: object) -> bytes:
    """Return JSON Lines."""
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def plain(name: str, content: bytes) -> Make:
    """Make one file."""
    return lambda change: {name: change(content)}


def packed(name: str, content: bytes, pack: Callable[[bytes], bytes]) -> Make:
    """Make one file that is packed; changed before or after that."""
    return lambda change: {name: change(pack(change(content)))}


def several(files: Files) -> Make:
    """Make several files."""
    return lambda change: {name: change(content) for name, content in files.items()}


def tarred(name: str, pack: Callable[[bytes], bytes], members: Files) -> Make:
    """Make a packed tar archive."""

    def make(change: Change) -> Files:
        inner = io.BytesIO()
        with tarfile.open(fileobj=inner, mode="w:") as archive:
            for member_name, content in members.items():
                member = tarfile.TarInfo(member_name)
                changed = change(content)
                member.size = len(changed)
                archive.addfile(member, io.BytesIO(changed))
        return {name: change(pack(change(inner.getvalue())))}

    return make


def zipped(name: str, members: Files) -> Make:
    """Make a zip archive."""

    def make(change: Change) -> Files:
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
            for member_name, content in members.items():
                archive.writestr(member_name, change(content))
        return {name: change(inner.getvalue())}

    return make
