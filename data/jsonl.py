"""JSON Lines, the canonical form: one document, as one JSON object, on each line."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from .documents import Document, LabelTable
from .errors import DataError
from .lines import OnError, Source, numbered_lines, open_source, raise_error, source_name
from .output import open_output
from .quotes import quote

__all__ = [
    "decode_json",
    "enumerate_jsonl",
    "parse_json",
    "read_jsonl",
    "to_json",
    "to_json_line",
    "write_jsonl",
]

_RISKY = re.compile("[\ud800-\udfff\x85\u2028\u2029]")  # no UTF-8, or a line break to some readers
_SPACE = re.compile(r"[ \t\r\n]*")
_SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def read_jsonl(
    source: Source,
    labels: LabelTable | None = None,
    events: Sequence[str] | None = None,
    on_error: OnError | None = None,
    *,
    name: str | None = None,
) -> Iterator[Document]:
    """Read documents one at a time; of the file no more than a line is held in memory.

    Blank lines are skipped; a byte order mark and Windows line breaks are accepted.

    Args:
        source: A path, or a binary file such as ``sys.stdin.buffer``.
        labels: The labels and attributes that may occur; ``None`` accepts any.
        events: The event types that may occur; ``None`` accepts any.
        on_error: Called with the error of each bad line, which is then skipped; ``None`` raises the error.
        name: What messages call the source, instead of its own name.

    Yields:
        The documents in the file's order.

    Raises:
        DataError: with file, line and reason; also when the file cannot be opened, whatever ``on_error`` is.
    """
    for _, document in enumerate_jsonl(source, labels, events, on_error, name=name):
        yield document


def enumerate_jsonl(
    source: Source,
    labels: LabelTable | None = None,
    events: Sequence[str] | None = None,
    on_error: OnError | None = None,
    *,
    name: str | None = None,
) -> Iterator[tuple[int, Document]]:
    """Read documents as :func:`read_jsonl` does, each with the number of its line, from 1."""
    name = name or source_name(source)
    fail = on_error or raise_error
    with open_source(source) as file:
        for number, line in numbered_lines(file, name, fail):
            if line is None or not line.strip():
                continue
            try:
                document = Document.from_dict(parse_json(line), labels, events)
            except DataError as error:
                fail(DataError(error.reason, name, number))
                continue
            yield number, document


def write_jsonl(path: str | Path, documents: Iterable[Document]) -> int:
    """Write documents to a file, which appears only when all of them are written.

    Args:
        path: The file; one of that name is replaced, and may be the one that ``documents`` are being read
            from.
        documents: Any number of documents; one at a time is held.

    Returns:
        How many were written.

    Raises:
        DataError: when the file cannot be written, or a document cannot (see :func:`to_json_line`).
    """
    count = 0
    with open_output(path) as file:
        for document in documents:
            file.write(to_json_line(document) + "\n")
            count += 1
    return count


def to_json_line(document: Document) -> str:
    """Return the document's line, without the line break.

    Lone surrogates and the Unicode line breaks are escaped, so the line is valid UTF-8 and one line to every
    reader.

    Raises:
        DataError: when ``meta`` holds what JSON cannot, or a string holds a surrogate pair as two characters,
            which would be read back as one and move the offsets behind it.
    """
    try:
        return to_json(document.to_dict())
    except DataError as error:
        raise DataError(f"document {quote(document.id)} cannot be written: {error.reason}") from error


def to_json(value: Any, indent: int | None = None) -> str:
    """Return JSON text that every UTF-8 channel carries; see :func:`to_json_line`.

    Args:
        value: Plain JSON types.
        indent: Spaces per level; ``None`` writes one line.

    Raises:
        DataError: when ``value`` has no JSON form that reads back the same.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    except (TypeError, ValueError, RecursionError) as error:
        raise DataError(f"no JSON can hold it ({error})") from error
    if _SURROGATE_PAIR.search(text):
        raise DataError(
            "a string holds a surrogate pair as two characters; join them with "
            "text.encode('utf-16', 'surrogatepass').decode('utf-16', 'surrogatepass')"
        )
    return _RISKY.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def parse_json(line: str) -> Any:
    """Parse a line that holds one JSON value, strictly: no name twice in an object, no NaN.

    Raises:
        DataError: saying what is wrong, and in which column.
    """
    value, end = decode_json(line)
    if end < len(line):
        raise _not_json("Extra data", line, end)
    return value


def decode_json(text: str, start: int = 0) -> tuple[Any, int]:
    """Parse the JSON value at ``start``, as strictly as :func:`parse_json`.

    Returns:
        The value, and the offset behind it and the white space that follows it.

    Raises:
        DataError: see :func:`parse_json`.
    """
    try:
        value, end = _DECODER.raw_decode(text, _skip_space(text, start))
    except json.JSONDecodeError as error:
        raise _not_json(error.msg, text, error.pos) from None
    except RecursionError:
        raise DataError("the JSON is nested too deeply; a document has three levels") from None
    except ValueError:
        raise DataError("the JSON holds a number of too many digits") from None
    return value, _skip_space(text, end)


def _skip_space(text: str, start: int) -> int:
    """Return the offset of the first character from ``start`` that is not JSON's white space."""
    match = _SPACE.match(text, start)
    return start if match is None else match.end()


def _not_json(problem: str, text: str, position: int) -> DataError:
    """Return the error of text that is not JSON at ``position``."""
    column = position - text.rfind("\n", 0, position)
    near = quote(text[max(0, position - 15) : position + 25])
    problem = problem.removesuffix(" at")
    return DataError(
        f"not JSON: {problem} at column {column}, near {near}; a line must hold one whole object"
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object, in which no name may stand twice."""
    record = dict(pairs)
    if len(record) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise DataError(f"the field {quote(name)} stands more than once in an object")
            seen.add(name)
    return record


def _number(digits: str) -> float:
    """Read a number with a fraction or exponent, which must be finite."""
    value = float(digits)
    if not math.isfinite(value):
        raise DataError(f"the number {quote(digits)} is too large")
    return value


def _constant(name: str) -> Any:
    """Refuse NaN and the infinities, which Python reads and other readers of JSON do not."""
    raise DataError(f"{name} is not JSON; use null or a number")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_number, parse_constant=_constant)
