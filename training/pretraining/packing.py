"""Packing: paragraphs of any length in rows of one length, with little padding and borders that can be seen.

A paragraph goes whole into the fullest row that has room for it; one that is longer than a row is cut before
a word. With borders kept by attention a row reads ``[CLS] a b [SEP] [CLS] c [SEP] [PAD]``, which is how
fine-tuning sees a passage; else ``[CLS] a b [SEP] c [SEP] [PAD]``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bools", "Ids", "Packer", "Rows", "SpecialIds"]

Ids = NDArray[np.uint32]
Bools = NDArray[np.bool_]

_MOST_OPEN = 2000  # rows that wait for short paragraphs; more of them hardly save padding
_BLOCK = 4096  # rows that are handed on together
_LEAST_ROOM = 3  # pieces; a row with less room is full


@dataclass(frozen=True, slots=True)
class SpecialIds:
    """Vocabulary indices of a tokenizer's special pieces.

    Attributes:
        pad: Fills the end of a row.
        cls: Begins a row.
        sep: Ends a paragraph.
        mask: Stands for what is hidden.
        all: All that are never hidden.
    """

    pad: int
    cls: int
    sep: int
    mask: int
    all: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Packed rows.

    Attributes:
        ids: Vocabulary indices, ``[rows, length]``.
        begins: Whether a word, a special piece or padding begins there, ``[rows, length]``.
        lengths: Pieces without padding, ``[rows]``.
    """

    ids: Ids
    begins: Bools
    lengths: NDArray[np.int32]


@dataclass(slots=True)
class _Open:
    """A row with room left."""

    room: int
    parts: list[tuple[Ids, Bools]]


class Packer:
    """Packs paragraphs into rows.

    Args:
        length: Of a row, in pieces.
        special: The special pieces.
        borders: Whether each paragraph gets a ``[CLS]`` of its own, so that attention can keep to it.
    """

    def __init__(self, length: int, special: SpecialIds, *, borders: bool) -> None:
        self._length = length
        self._special = special
        self._borders = borders
        self._frame = 2 if borders else 1  # special pieces a paragraph
        self._capacity = length if borders else length - 1  # one [CLS] for all
        self._by_room: dict[int, list[_Open]] = {}
        self._rooms = 0  # bit r: there are open rows with room r
        self._open = 0
        self._closed: list[_Open] = []

    def add(self, ids: Ids, begins: Bools) -> None:
        """Pack a paragraph.

        Args:
            ids: Its pieces without special ones, ``[pieces]``; nothing happens when there are none.
            begins: Whether a piece begins a word, ``[pieces]``.
        """
        most = self._capacity - self._frame
        while len(ids) > most:
            cut = _last_begin(begins, most)
            self._put(ids[:cut], begins[:cut])
            ids, begins = ids[cut:], begins[cut:]
        if len(ids):
            self._put(ids, begins)

    def take(self) -> Iterator[Rows]:
        """Yield full rows, in blocks, as soon as there are enough for one."""
        while len(self._closed) >= _BLOCK:
            block, self._closed = self._closed[:_BLOCK], self._closed[_BLOCK:]
            yield self._rows(block)

    def finish(self) -> Iterator[Rows]:
        """Yield all rows that are left, full or not."""
        for room in sorted(self._by_room):
            self._closed += self._by_room[room]
        self._by_room, self._rooms, self._open = {}, 0, 0
        yield from self.take()
        if self._closed:
            yield self._rows(self._closed)
            self._closed = []

    def _put(self, ids: Ids, begins: Bools) -> None:
        need = len(ids) + self._frame
        fitting = self._rooms >> need
        if fitting:
            row = self._pop(need + _lowest_bit(fitting))
        else:
            row = _Open(self._capacity, [])
            if self._open == _MOST_OPEN:
                self._closed.append(self._pop(_lowest_bit(self._rooms)))
        row.parts.append((ids, begins))
        row.room -= need
        if row.room < _LEAST_ROOM:
            self._closed.append(row)
            return
        self._by_room.setdefault(row.room, []).append(row)
        self._rooms |= 1 << row.room
        self._open += 1

    def _pop(self, room: int) -> _Open:
        """Take out an open row with exactly this room."""
        rows = self._by_room[room]
        row = rows.pop()
        if not rows:
            del self._by_room[room]
            self._rooms ^= 1 << room
        self._open -= 1
        return row

    def _rows(self, rows: list[_Open]) -> Rows:
        """Write rows out."""
        special = self._special
        ids = np.full((len(rows), self._length), special.pad, dtype=np.uint32)
        begins = np.ones((len(rows), self._length), dtype=np.bool_)
        lengths = np.zeros(len(rows), dtype=np.int32)
        for index, row in enumerate(rows):
            end = 0
            for part, part_begins in row.parts:
                if self._borders or not end:
                    ids[index, end] = special.cls
                    end += 1
                ids[index, end : end + len(part)] = part
                begins[index, end : end + len(part)] = part_begins
                begins[index, end] = True  # also where a word was cut
                end += len(part)
                ids[index, end] = special.sep
                end += 1
            lengths[index] = end
        return Rows(ids, begins, lengths)


def _last_begin(begins: Bools, most: int) -> int:
    """Return where to cut: before the last word that begins within reach, or in a word longer than that."""
    found = np.flatnonzero(begins[1 : most + 1])
    return int(found[-1]) + 1 if len(found) else most


def _lowest_bit(bits: int) -> int:
    return (bits & -bits).bit_length() - 1
