"""Output files and folders: written under a temporary name and put in place when they are whole."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, TextIO, cast

from .errors import DataError
from .quotes import printable

__all__ = ["open_binary_output", "open_output", "open_output_folder"]


@contextmanager
def open_output(path: str | Path) -> Iterator[TextIO]:
    r"""Open a UTF-8 text file that appears, or replaces the one of its name, only when the block ends well.

    A link stays a link, and a replaced file's permissions stay. What is no regular file (a pipe,
    ``/dev/stdout``) is written to directly. Line breaks are ``\n`` on every system.

    Raises:
        DataError: when the file cannot be written.
    """
    with _open(path, is_text=True) as file:
        yield cast(TextIO, file)


@contextmanager
def open_binary_output(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file of bytes that appears as one of :func:`open_output` does.

    Raises:
        DataError: when the file cannot be written.
    """
    with _open(path, is_text=False) as file:
        yield cast(BinaryIO, file)


@contextmanager
def open_output_folder(path: str | Path) -> Iterator[Path]:
    """Make a folder, under a temporary name, that appears only when the block ends well.

    Yields:
        The folder to write into.

    Raises:
        DataError: when it cannot be written, or there is something of its name that is no empty folder.
    """
    target = Path(path)
    try:
        if target.exists() and not (target.is_dir() and not any(target.iterdir())):
            raise DataError("is there already; name a new folder, or delete it first", printable(str(path)))
        temporary = target.with_name(f".{os.getpid()}-{secrets.token_hex(4)}.tmp")
        temporary.mkdir()
    except (OSError, ValueError) as error:
        raise _failure(path, error) from error
    try:
        yield temporary
        temporary.replace(target)
    except OSError as error:
        raise _failure(path, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def _open(path: str | Path, *, is_text: bool) -> Iterator[IO[Any]]:
    """Open a file that appears when the block ends well."""
    encoding, newline = ("utf-8", "\n") if is_text else (None, None)
    try:
        target = Path(os.path.realpath(path))
        direct = target.exists() and not target.is_file()
        temporary = target if direct else target.with_name(f".{os.getpid()}-{secrets.token_hex(4)}.tmp")
        mode = ("w" if direct else "x") + ("" if is_text else "b")
        file = temporary.open(mode, encoding=encoding, newline=newline)
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the path, or no name at all
        raise _failure(path, error) from error
    try:
        with file:
            yield file
        if not direct:
            if target.exists():
                shutil.copymode(target, temporary)
            temporary.replace(target)
    except BrokenPipeError:
        raise
    except OSError as error:  # a full disk, a folder taken away
        raise _failure(path, error) from error
    finally:
        if not direct:
            temporary.unlink(missing_ok=True)


def _failure(path: str | Path, error: Exception) -> DataError:
    """Say why ``path`` cannot be written."""
    if isinstance(error, FileNotFoundError):
        reason = "cannot be written, for its folder does not exist; create it first"
    elif isinstance(error, IsADirectoryError):
        reason = "is a folder; give the name of a file"
    else:
        reason = f"cannot be written ({getattr(error, 'strerror', None) or error})"
    return DataError(reason, printable(str(path)))
