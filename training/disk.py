"""Disk: whether there is room for a run before time is spent, and what to say when there is none left."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..data.errors import ConflictnerError
from .run_folder import OutputError

__all__ = ["in_words", "require_disk", "writing"]

_FULL = 2**20  # bytes that are free when a write has failed for lack of room


def in_words(size: float) -> str:
    """Return a number of bytes in a unit that suits it.

    >>> [in_words(size) for size in (999, 15_300, 2_500_000, 1_234_000_000)]
    ['1.0 kB', '15.3 kB', '2.5 MB', '1.2 GB']
    """
    for unit, factor in (("GB", 1e9), ("MB", 1e6)):
        if size >= factor:
            return f"{size / factor:,.1f} {unit}"
    return f"{size / 1e3:.1f} kB"


def require_disk(output: Path, needed: int) -> None:
    """Make sure that there is room for a run.

    Args:
        output: The folder that it makes; it need not exist.
        needed: In bytes.

    Raises:
        OutputError: when there is too little.
    """
    free = shutil.disk_usage(_existing(output)).free
    if free < needed:
        raise OutputError(
            f"output {output} needs about {in_words(needed)} of disk, {in_words(free)} are free "
            "there; free some, or name another: --set output=FOLDER"
        )


@contextmanager
def writing(
    folder: Path, field: str = "output", advice: str = "once that is mended, go on with --resume"
) -> Iterator[None]:
    """Let a failed write in the block end in one line, whatever kind of error the writing library raises.

    Args:
        folder: Where the block writes.
        field: The recipe's field that names it, for messages.
        advice: What to do then.

    Raises:
        OutputError: for a full disk, or a folder that was taken away.
    """
    try:
        yield
    except (ConflictnerError, BrokenPipeError):
        raise
    except Exception as error:
        is_full = shutil.disk_usage(_existing(folder)).free < _FULL
        if not is_full and not isinstance(error, OSError):
            raise
        reason = "No space left on device" if is_full else getattr(error, "strerror", None) or error
        raise OutputError(f"{field} {folder} cannot be written ({reason}); {advice}") from error


def _existing(path: Path) -> Path:
    """Return the nearest folder that exists."""
    path = path.absolute()
    while not path.exists():
        path = path.parent
    return path
