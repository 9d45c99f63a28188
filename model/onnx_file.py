"""ONNX files, read as far as it takes to see whether they are whole: no weights in other files."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

from ..data.quotes import quote
from .integrity import COPY, CheckpointError

__all__ = ["check_whole"]

_TENSOR = "TensorProto"
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14
_DEEPEST = 64  # messages inside each other; ONNX Runtime itself stops at 100

#: Of the messages of onnx.proto (IR version 13), the fields through which a tensor can be reached.
_FIELDS: dict[str, dict[int, str]] = {
    "ModelProto": {7: "GraphProto", 20: "TrainingInfoProto", 25: "FunctionProto"},
    "TrainingInfoProto": {1: "GraphProto", 2: "GraphProto"},
    "FunctionProto": {7: "NodeProto", 11: "AttributeProto"},
    "GraphProto": {1: "NodeProto", 5: _TENSOR, 15: "SparseTensorProto"},
    "NodeProto": {5: "AttributeProto"},
    "AttributeProto": {
        5: _TENSOR,
        6: "GraphProto",
        10: _TENSOR,
        11: "GraphProto",
        22: "SparseTensorProto",
        23: "SparseTensorProto",
    },
    "SparseTensorProto": {1: _TENSOR, 2: _TENSOR},
}


class _FormError(Exception):
    """Bytes that are no protocol buffer."""


def check_whole(path: Path) -> None:
    """Make sure that an ONNX file has all of its weights in itself.

    A file can name others, anywhere, from which the runtime is to read weights; those would not be verified.

    Raises:
        CheckpointError: when it names one, or is no ONNX file.
    """
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            outside = _outside(content)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror}); allow it, or {COPY}") from error
    except (ValueError, _FormError) as error:  # ValueError: the file is empty
        raise CheckpointError(f"{path}: not an ONNX file ({error}); {COPY}") from error
    if outside is not None:
        raise CheckpointError(
            f"{path}: keeps weights in another file, {quote(outside)}, which cannot be verified; export the "
            "model with all weights in model.onnx"
        )


def _outside(content: mmap.mmap) -> str | None:
    """Return what the first tensor that is kept elsewhere says of its place."""
    elsewhere = None
    pending = [("ModelProto", 0, len(content), 0)]
    while pending:
        kind, start, end, depth = pending.pop()
        if depth > _DEEPEST:
            raise _FormError(f"messages inside each other, more than {_DEEPEST} deep")
        for number, begin, stop in _fields(content, start, end):
            if kind == _TENSOR:
                if number == _EXTERNAL_DATA and _entry(content, begin, stop)[0] == "location":
                    return _entry(content, begin, stop)[1]
                if number == _DATA_LOCATION and content[begin:stop].strip(b"\0"):
                    elsewhere = "which it does not name"
            elif number in _FIELDS[kind]:
                pending.append((_FIELDS[kind][number], begin, stop, depth + 1))
    return elsewhere


def _entry(content: mmap.mmap, start: int, end: int) -> tuple[str, str]:
    """Return key and value of a StringStringEntryProto, the first 200 characters of each."""
    strings = {1: "", 2: ""}
    for number, begin, stop in _fields(content, start, end):
        strings[number] = content[begin : min(stop, begin + 200)].decode("utf-8", "replace")
    return strings[1], strings[2]


def _fields(content: mmap.mmap, position: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield the number of each field of a message, and where its content begins and ends."""
    while position < end:
        key, position = _varint(content, position, end)
        begin, wire = position, key & 7
        if wire == 0:
            _, position = _varint(content, position, end)
        elif wire == 1:
            position += 8
        elif wire == 2:
            length, begin = _varint(content, position, end)
            position = begin + length
        elif wire == 5:
            position += 4
        else:
            raise _FormError(f"a field of unknown kind at byte {begin}")
        if position > end:
            raise _FormError(f"cut short at byte {begin}")
        yield key >> 3, begin, position


def _varint(content: mmap.mmap, position: int, end: int) -> tuple[int, int]:
    """Return the number that begins at a position, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if position >= end:
            raise _FormError(f"cut short at byte {position}")
        byte = content[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise _FormError(f"a number that does not end at byte {position}")
