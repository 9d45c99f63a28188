"""Libraries that only some formats need."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..errors import ConflictnerError

__all__ = ["load_library"]


def load_library(name: str, format_title: str) -> Any:
    """Import a library of the extra ``formats``.

    Args:
        name: What it is called, in Python and on the package index.
        format_title: The format that needs it, for the message.

    Raises:
        ConflictnerError: when it is not installed, naming what to type.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise ConflictnerError(f"{format_title} needs {name}: pip install 'conflictner[formats]'") from error
