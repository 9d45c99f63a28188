"""Option values that several commands share."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["EngineName", "OnError"]


class EngineName(StrEnum):
    """What runs the network."""

    ONNX = "onnx"
    TORCH = "torch"


class OnError(StrEnum):
    """What to do with a record or file that cannot be read."""

    RAISE = "raise"
    SKIP = "skip"
