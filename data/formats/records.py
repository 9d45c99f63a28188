"""JSON objects of a file, one a line or in one array, each with the number of the line it begins in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from ..documents import Document
from ..errors import DataError
from ..jsonl import decode_json, parse_json, to_json
from ..lines import OnError, numbered_lines, open_source, raise_error, source_name
from ..output import open_output
from ..quotes import quote

__all__ = ["read_objects", "write_array", "write_lines"]

#: Makes a document of an object; the number counts the file's objects from 1. ``None`` leaves the object out.
Builder = Callable[[Mapping[str, Any], int], Document | None]


def read_objects(path: Path, build: Builder, on_error: OnError | None = None) -> Iterator[Document]:
    """Read JSON Lines, an array of objects, or objects that follow each other over several lines.

    Of JSON Lines no more than a line is held in memory; other files are held whole.

    Args:
        path: The file.
        build: Makes a document of each object; its ``DataError`` gets file and line.
        on_error: Called with the error of each bad object, which is then skipped; ``None`` raises it.

    Raises:
        DataError: see :class:`~.format.Reader`.
    """
    name = source_name(path)
    fail = on_error or raise_error
    for count, (line, value) in enumerate(_values(path, name, fail), start=1):
        try:
            if isinstance(value, DataError):
                raise value
            if not isinstance(value, dict):
                raise DataError(f"expected an object, got {quote(value)}")
            document = build(value, count)
        except DataError as error:
            fail(DataError(error.reason, name, line))
            continue
        if document is not None:
            yield document


def write_lines(path: Path, objects: Iterable[Mapping[str, Any]]) -> None:
    """Write objects as JSON Lines, to a file that appears only when all are written."""
    with open_output(path) as file:
        for item in objects:
            file.write(to_json(item) + "\n")


def write_array(path: Path, objects: Iterable[Mapping[str, Any]]) -> None:
    """Write objects as one JSON array, to a file that appears only when all are written."""
    with open_output(path) as file:
        file.write("[")
        for count, item in enumerate(objects):
            file.write((",\n" if count else "\n") + to_json(item))
        file.write("\n]\n")


def _values(path: Path, name: str, fail: OnError) -> Iterator[tuple[int, Any]]:
    """Yield line and value of each object, or the error that stands in its place."""
    with open_source(path) as file:  # once, for it may be a pipe
        lines = numbered_lines(file, name, fail)
        first = next((item for item in lines if item[1] is None or item[1].strip()), None)
        if first is None:
            return
        number, line = first
        rest = chain([first], lines)
        if line is None or not (line.lstrip().startswith("[") or line.strip() == "{"):
            for number, line in rest:
                if line is not None and line.strip():
                    yield number, _parsed(line)
        else:
            yield from _whole("\n" * (number - 1) + "\n".join(line or "" for _, line in rest))


def _parsed(line: str) -> Any:
    try:
        return parse_json(line)
    except DataError as error:
        return error


def _whole(text: str) -> Iterator[tuple[int, Any]]:
    """Yield the objects of an array, or of a file in which they follow each other; held whole in memory.

    Behind an error reading goes on with the next line that begins as the first object's line does.
    """
    position = _skip(text, 0)
    in_array = text.startswith("[", position)
    position = _skip(text, position + in_array)
    next_object = re.compile(rf"\n{' ' * (position - text.rfind(chr(10), 0, position) - 1)}\{{")
    number, counted = 1, 0
    while position < len(text) and not (in_array and text[position] == "]"):
        number += text.count("\n", counted, position)
        counted = position
        try:
            value, position = decode_json(text, position)
            if in_array:
                position = _behind_comma(text, position)
        except DataError as error:
            yield number, error
            found = next_object.search(text, max(counted, position))
            if found is None:
                return
            position = found.end() - 1
        else:
            yield number, value
    if in_array and text[position:].strip() != "]":
        yield number, DataError("the array does not end with ']' at the end of the file")


def _behind_comma(text: str, position: int) -> int:
    """Return where the next object of an array begins, or the array ends.

    Raises:
        DataError: when neither a comma nor the end of the array is there.
    """
    if text[position : position + 1] == ",":
        return _skip(text, position + 1)
    if text[position : position + 1] == "]":
        return position
    raise DataError("the array does not go on with ',' nor end with ']' behind this object")


def _skip(text: str, position: int) -> int:
    """Return where the next character stands that is not white space."""
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position
