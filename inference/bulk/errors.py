"""What can be wrong with a bulk run as a whole, beside single records."""

from __future__ import annotations

from importlib.util import find_spec

from ...data.errors import ConflictnerError

__all__ = ["BulkError", "ColumnError", "StoppedError", "need_arrow"]


class BulkError(ConflictnerError):
    """An input, an output folder or an installation that a run cannot work with."""


class ColumnError(BulkError):
    """A column that does not exist, holds no text, or differs from file to file."""


class StoppedError(BulkError):
    """A run that ended early; what is done is safe, and the message says how to go on."""


def need_arrow(what: str) -> None:
    """Make sure that pyarrow is installed.

    Args:
        what: What needs it, such as ``"Parquet output"``.

    Raises:
        BulkError: when it is not, with what to type.
    """
    if find_spec("pyarrow") is None:
        raise BulkError(f"{what} needs pyarrow: pip install 'conflictner[bulk]'")
