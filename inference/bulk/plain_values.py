"""Values of columns in the types that JSON has."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

__all__ = ["plain"]


def plain(value: Any) -> Any:
    """Return a value in plain JSON types.

    Times are written as ISO 8601, decimals and others as text, bytes in hexadecimal; NaN and the infinities
    are null.

    >>> plain({"share": float("nan"), "blob": b"ab"})
    {'share': None, 'blob': '6162'}
    """
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
