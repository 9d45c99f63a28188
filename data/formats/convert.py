"""Conversion: documents are read in one format and written in another, and what happens is counted."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from ..errors import DataError
from ..lines import OnError
from ..quotes import printable
from .format import Format
from .registry import detect_format, find_format, format_to_write
from .report import Report

__all__ = ["Conversion", "convert"]


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a conversion did.

    Attributes:
        source: The format that was read.
        target: The format that was written.
        report: What happened to documents and spans.
    """

    source: Format
    target: Format
    report: Report


def convert(
    source: str | Path,
    target: str | Path,
    *,
    source_format: str | None = None,
    target_format: str | None = None,
    on_error: OnError | None = None,
) -> Conversion:
    """Convert a file or folder.

    Args:
        source: The file or folder to read.
        target: The file or folder to write, which appears only when all is written.
        source_format: A name of :data:`~.registry.FORMATS`; ``None`` tells the format by what is read.
        target_format: Likewise; ``None`` tells the format by the ending of ``target``.
        on_error: Called with the error of each bad record, which is then skipped and counted; ``None`` raises
            the error.

    Raises:
        DataError: with file, line and reason; when a format is not known or not recognised; when there is no
            document to write.
        ConflictnerError: when a format needs a library that is not installed.
    """
    path = Path(source)
    writer = find_format(target_format, to_write=True) if target_format else format_to_write(target)
    reader = find_format(source_format) if source_format else detect_format(path)
    report = Report()

    def skip(error: DataError) -> None:
        report.skipped += 1
        if on_error is not None:
            on_error(error)

    documents = reader.read(path, report, None if on_error is None else skip)
    first = next(documents, None)
    if first is None:
        raise DataError("holds no documents", printable(str(source)))
    assert writer.write is not None
    writer.write(Path(target), chain([first], documents), report)
    return Conversion(reader, writer, report)
