"""The errors a user's mistake can cause; each says what was received, what is accepted, what to do."""

from __future__ import annotations

__all__ = ["ConflictnerError", "DataError"]


class ConflictnerError(Exception):
    """Base of every error raised for a mistake in the input; the command line prints it in one line."""


class DataError(ConflictnerError):
    """Data that cannot be read as what it claims to be.

    Attributes:
        source: The file's name as the user gave it, or ``None``.
        line: The 1-based line number, or ``None``.
        reason: What is wrong, without the place.
    """

    def __init__(self, reason: str, source: str | None = None, line: int | None = None) -> None:
        self.reason = reason
        self.source = source
        self.line = line
        place = ":".join(str(part) for part in (source, line) if part is not None)
        super().__init__(f"{place}: {reason}" if place else reason)
