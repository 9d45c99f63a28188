"""Stand-off annotations: spans and events of passages whose text lies elsewhere, in a corpus file.

So annotations can be shared where the text they belong to may not be, or is too large. A line is one JSON
object::

    {"id": "n1", "file": "news.txt.xz", "paragraph": 120, "paragraphs": 1, "start": 0, "end": 96,
     "sha256": "5f70bf18a086007d", "spans": [[4, 11, "ACTOR", "agent"], [30, 37, "LOCATION"]],
     "events": ["battle"], "meta": {}}

The text is the paragraphs ``paragraph``, ... of the file, counted from 1 and joined by single spaces, from
character ``start`` to ``end``; ``sha256`` begins the hexadecimal sum of its UTF-8. Span offsets count from
``start``.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .documents import Document, LabelTable
from .errors import DataError
from .lines import numbered_lines, open_source, raise_error
from .output import open_output
from .quotes import quote
from .text_files import read_paragraphs

__all__ = ["Place", "attach", "detach", "write_standoff"]

_DIGITS = 16  # of a sum
_MOST_PARAGRAPHS = 10_000  # of one text
_LONGEST_NAME = 255  # characters; no system has longer names of files


@dataclass(frozen=True)
class Place:
    """Where a text lies.

    Attributes:
        file: The corpus file's name.
        paragraph: Its first paragraph, from 1.
        paragraphs: How many, at least 1.
        start: First character in the joined paragraphs.
        end: Behind the last.
    """

    file: str
    paragraph: int
    paragraphs: int
    start: int
    end: int


def detach(document: Document, place: Place) -> dict[str, Any]:
    """Return a document's annotations without its text."""
    return {
        "id": document.id,
        **vars(place),
        "sha256": _digest(document.text),
        "spans": [
            [span.start, span.end, span.label, *([] if span.attribute is None else [span.attribute])]
            for span in document.spans
        ],
        "events": list(document.events),
        "meta": dict(document.meta),
    }


def write_standoff(path: str | Path, items: Iterable[tuple[Document, Place]]) -> int:
    """Write the annotations of documents to a file, and return how many there are.

    Raises:
        DataError: when the file cannot be written.
    """
    count = 0
    with open_output(path) as file:
        for document, place in items:
            file.write(json.dumps(detach(document, place), ensure_ascii=False) + "\n")
            count += 1
    return count


def attach(
    annotations: str | Path,
    folder: str | Path,
    labels: LabelTable | None = None,
    events: Sequence[str] | None = None,
) -> Iterator[Document]:
    """Put annotations and text together.

    Args:
        annotations: A file of stand-off annotations.
        folder: Where the corpus files lie.
        labels: The labels and attributes that may occur; ``None`` accepts any.
        events: The event types that may occur; ``None`` accepts any.

    Yields:
        The documents, in the order of the annotations.

    Raises:
        DataError: when a file is missing or damaged, a line is malformed, or a corpus file holds another text
            than was annotated.
    """
    records = list(_records(annotations))
    texts = _texts([place for _, place, _ in records], Path(folder))
    for number, place, record in records:
        text = texts[place]
        if text is None or _digest(text) != record["sha256"]:
            raise DataError(
                f"{quote(record['id'])} was annotated on another text than paragraph {place.paragraph} of "
                f"{Path(folder) / place.file} holds; take the release of that file that its annotations name",
                str(annotations),
                number,
            )
        try:
            yield Document.from_dict(_canonical(record, text), labels, events)
        except DataError as error:
            raise DataError(error.reason, str(annotations), number) from error


def _records(path: str | Path) -> Iterator[tuple[int, Place, dict[str, Any]]]:
    """Yield the line, place and content of each record."""
    name = str(path)
    with open_source(path) as file:
        for number, line in numbered_lines(file, name, raise_error):
            if line is None or not line.strip():
                continue
            try:
                record = json.loads(line)
                place = Place(*(record[field] for field in Place.__dataclass_fields__))
                counts = (place.paragraph, place.paragraphs, place.start, place.end)
                if not isinstance(place.file, str) or not all(type(count) is int for count in counts):
                    raise TypeError
                if Path(place.file).name != place.file or len(place.file) > _LONGEST_NAME:
                    raise ValueError
                if place.paragraph < 1:
                    raise ValueError
                if not 1 <= place.paragraphs <= _MOST_PARAGRAPHS:
                    raise ValueError
                if not isinstance(record["id"], str) or not isinstance(record["sha256"], str):
                    raise TypeError
                if not isinstance(record["spans"], list):
                    raise TypeError
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                raise DataError(
                    "no stand-off annotation; a line is an object with id, file, paragraph, paragraphs, "
                    f"start, end, sha256, spans and events, got {quote(line)}",
                    name,
                    number,
                ) from error
            yield number, place, record


def _texts(places: Iterable[Place], folder: Path) -> Mapping[Place, str | None]:
    """Read each corpus file once and return the text of every place, ``None`` behind a file's end."""
    by_file: defaultdict[str, list[Place]] = defaultdict(list)
    for place in places:
        by_file[place.file].append(place)
    texts: dict[Place, str | None] = {}
    for file, wanted in by_file.items():
        numbers = {n for p in wanted for n in range(p.paragraph, p.paragraph + p.paragraphs)}
        paragraphs = {
            number: paragraph
            for number, paragraph in enumerate(read_paragraphs(folder / file), start=1)
            if number in numbers
        }
        for place in wanted:
            span = range(place.paragraph, place.paragraph + place.paragraphs)
            found = [paragraphs[number] for number in span if number in paragraphs]
            joined = " ".join(found)
            texts[place] = joined[place.start : place.end] if len(found) == place.paragraphs else None
    return texts


def _canonical(record: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Return a record in the canonical form of documents."""
    spans = [
        dict(zip(("start", "end", "label", "attribute"), span, strict=False))
        if isinstance(span, list) and 3 <= len(span) <= 4
        else span
        for span in record["spans"]
    ]
    return {
        "id": record["id"],
        "text": text,
        "spans": spans,
        "events": record.get("events", []),
        "meta": record.get("meta", {}),
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
