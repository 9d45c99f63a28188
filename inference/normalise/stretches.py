"""Stretches of a text: what begins in one, of spans, figures, dates and whatever else has a start."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter
from typing import Protocol, TypeVar

__all__ = ["within"]

_START = attrgetter("start")


class _Placed(Protocol):
    @property
    def start(self) -> int: ...


_Item = TypeVar("_Item", bound=_Placed)


def within(items: Sequence[_Item], begin: int, end: int) -> Sequence[_Item]:
    """Return what begins in the half-open stretch from ``begin`` to ``end``.

    Args:
        items: Sorted by their starts.
        begin: Offset of the stretch.
        end: Offset behind it.
    """
    if not items:
        return items
    return items[bisect_left(items, begin, key=_START) : bisect_left(items, end, key=_START)]
