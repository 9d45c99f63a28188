"""The command line, which loads all that it needs when it runs."""

from __future__ import annotations

import sys

__all__ = ["INTERRUPTED", "main"]

#: Exit code of a command that was interrupted: 128 + SIGINT, as shells report it.
INTERRUPTED = 130


def main() -> None:
    """Run the command line and leave the process with its exit code."""
    try:
        from .commands import app
        from .streams import use_utf8

        use_utf8()
        app(prog_name="conflictner")
    except KeyboardInterrupt:  # before a command runs, which takes its own
        sys.exit(INTERRUPTED)
