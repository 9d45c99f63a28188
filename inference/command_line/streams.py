"""Standard output and error, and the files that may stand in for them."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from ...data.output import open_output

__all__ = ["drop_output", "open_results", "use_utf8"]


@contextlib.contextmanager
def open_results(path: Path | None) -> Iterator[TextIO]:
    """Open the file that takes the results, or the standard output where ``path`` is ``None`` or ``-``.

    Raises:
        DataError: when the file cannot be written.
    """
    if path is None or str(path) == "-":
        yield sys.stdout
    else:
        with open_output(path) as stream:
            yield stream


def use_utf8() -> None:
    """Make standard output and error UTF-8 whatever the locale says, and unable to fail on any character."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)  # a replaced stream may be of another kind
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def drop_output() -> None:
    """Send what is still to be written nowhere, once the reader of the standard output has gone away."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with contextlib.suppress(OSError, ValueError):  # replaced by a stream without a descriptor
        os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
