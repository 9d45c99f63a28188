"""What a format is: its name, how its files are told from others, and how they are read and written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..documents import Document
from ..lines import OnError
from .peek import Peek
from .report import Report

__all__ = ["Detector", "Format", "Reader", "Writer"]


class Detector(Protocol):
    """Tells from the beginning of a file, or from a folder, whether it is of the format."""

    def __call__(self, peek: Peek) -> bool:
        """Return whether it is; only what no other format looks like may be claimed. Raises nothing."""


class Reader(Protocol):
    """Reads a file or folder of the format."""

    def __call__(self, path: Path, report: Report, on_error: OnError | None = None) -> Iterator[Document]:
        """Yield the documents, in the file's order, and count what is snapped and dropped on the way.

        Args:
            path: The file or folder.
            report: Where that is counted; kept spans are counted by whoever writes them.
            on_error: Called with the error of each bad record, which is then skipped; ``None`` raises it.

        Raises:
            DataError: with file, line and reason; whatever ``on_error`` is, when there is no such file, or it
                is damaged so that no more records can be told apart.
        """


class Writer(Protocol):
    """Writes a file or folder of the format."""

    def __call__(self, path: Path, documents: Iterable[Document], report: Report) -> None:
        """Write the documents, and count them, their spans, and what the format cannot hold.

        The file appears only when all of them are written; one of that name is replaced.

        Raises:
            DataError: when it cannot be written.
        """


@dataclass(frozen=True, slots=True)
class Format:
    """A way in which annotated documents are stored.

    Attributes:
        name: What it is called on the command line.
        title: What it is, in a few words.
        detect: Tells whether a file is of the format.
        read: Reads it.
        write: Writes it; ``None`` when the format is only read.
        endings: File endings that mean this format when a file is to be written, such as ``".spacy"``.
        holds: What of a document it keeps, and what not, in a sentence.
    """

    name: str
    title: str
    detect: Detector
    read: Reader
    write: Writer | None = None
    endings: tuple[str, ...] = ()
    holds: str = ""
