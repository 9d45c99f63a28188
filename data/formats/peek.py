"""A first look at a file or folder, by which its format is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import DataError
from ..lines import open_source, source_name

__all__ = ["Peek"]

_HEAD = 1 << 20  # bytes


class Peek:
    """The beginning of a file, read once; a folder has none.

    Attributes:
        path: The file or folder.
        head: The first MiB.
        is_whole: Whether that is all of it.
        ending: The last ending of its name, in lower case, such as ``".jsonl"``; empty when there is none.
    """

    def __init__(self, path: str | Path) -> None:
        """Look at a path.

        Raises:
            DataError: when there is nothing, it cannot be read, or not twice.
        """
        self.path = Path(path)
        if self.path.exists() and not (self.path.is_file() or self.path.is_dir()):
            raise DataError(
                "can be read only once; name its format with --from, or save it", source_name(path)
            )
        self.ending = self.path.suffix.lower()
        self.is_folder = self.path.is_dir()
        self.head = b""
        if not self.is_folder:
            with open_source(self.path) as file:
                self.head = file.read(_HEAD + 1)
        self.is_whole = len(self.head) <= _HEAD
        self.head = self.head[:_HEAD]

    @cached_property
    def text(self) -> str:
        """The first MiB as text, without a byte order mark; what is not UTF-8 is replaced."""
        return self.head.decode("utf-8", "replace").removeprefix("\ufeff")

    @cached_property
    def is_array(self) -> bool:
        """Whether the file begins as a JSON array."""
        return self.text.lstrip().startswith("[")

    @cached_property
    def record(self) -> Mapping[str, Any]:
        """The first JSON object, alone or in an array; empty when there is none."""
        text = self.text.lstrip()
        if self.is_array:
            text = text[1:].lstrip()
        try:
            value, _ = json.JSONDecoder().raw_decode(text)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    def names(self, limit: int = 10_000) -> set[str]:
        """Return the names in the folder, as far as ``limit``; empty for a file."""
        if not self.is_folder:
            return set()
        try:
            return {entry.name for entry, _ in zip(self.path.iterdir(), range(limit), strict=False)}
        except OSError:
            return set()
