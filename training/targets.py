"""Targets: what each word may be, numbered, so that a row of training data holds whole numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["TargetTable"]


class TargetTable:
    """Sets of fine tags, numbered as they are met; the single tags come first and keep their index.

    Args:
        tags: Number of fine tags.
    """

    def __init__(self, tags: int) -> None:
        self._rows = list(np.eye(tags, dtype=np.bool_))
        self._index = {row.tobytes(): index for index, row in enumerate(self._rows)}

    def indices(self, allowed: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the number of each row of ``allowed``, shape ``[words, tags]``."""
        return np.array([self._number(row) for row in allowed], dtype=np.int64)

    def table(self) -> NDArray[np.bool_] | None:
        """Return the sets, shape ``[targets, tags]``, or ``None`` when all targets are single tags."""
        table = np.stack(self._rows)
        return table if len(table) > table.shape[1] else None

    def _number(self, row: NDArray[np.bool_]) -> int:
        key = row.tobytes()
        if key not in self._index:
            self._index[key] = len(self._rows)
            self._rows.append(row.copy())
        return self._index[key]
