"""A shelf: what was made once is kept under a name that tells what it was made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..disk import writing
from ..recipe import RecipeError

__all__ = ["Shelf", "file_digest"]

_LENGTH = 12  # hexadecimal digits of a digest in a name


class Shelf:
    """A folder of things that take long to make.

    Args:
        folder: Where they are kept; made when it does not exist.

    Raises:
        RecipeError: when the folder cannot be made.
    """

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder).expanduser()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RecipeError(
                f"parts: {folder} cannot be made ({error.strerror}); name another folder"
            ) from error

    def get(self, kind: str, ending: str, ingredients: Sequence[Any], make: Callable[[Path], object]) -> Path:
        """Return the file made of the ingredients, making it first when it is not there.

        Args:
            kind: Begins the file's name.
            ending: Ends it, such as ``".safetensors"``.
            ingredients: JSON values that tell all that the content depends on.
            make: Writes the file; it appears only when this has returned.

        Raises:
            OutputError: when it cannot be written.
        """
        digest = hashlib.sha256(json.dumps(ingredients, sort_keys=True).encode()).hexdigest()[:_LENGTH]
        path = self.folder / f"{kind}-{digest}{ending}"
        if not path.exists():
            unfinished = path.with_name(f"unfinished-{path.name}")
            with writing(self.folder, "parts", "once that is mended, run it again: what is done is kept"):
                make(unfinished)
                unfinished.replace(path)
        return path


def file_digest(path: Path) -> str:
    """Return the sha256 sum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
