"""re3d: documents on the conflict in Syria and Iraq, with entities and how far annotators agreed on them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..documents import Document
from ..errors import DataError
from ..quotes import one_line, printable, quote
from .borders import is_name, is_pronoun, mark_name, trim_determiners
from .counts import ImportCounts
from .draft import PASSAGE_SENTENCES, Draft
from .nouns import is_number, mark_armed, mark_weapon
from .opening import read_lines

__all__ = ["read_re3d"]

_LEAST_CONFIDENCE = 0.5
_WEAPONS = ("Weapon", "MilitaryPlatform")
_KINDS = {"Organisation": "organisation", "Person": "person", "Location": "place"}


def read_re3d(
    path: str | Path, *, sentences: int = PASSAGE_SENTENCES, counts: ImportCounts | None = None
) -> Iterator[Document]:
    """Read the set's folders, each with ``documents.json`` and ``entities.json``.

    | set | ours |
    |---|---|
    | Organisation, Person with a name | ACTOR, without article or title |
    | Organisation, Person such as "militants" | ACTOR where nothing modifies it, else open |
    | Location with a name | LOCATION, or ACTOR where a state acts; open where that is not clear |
    | Weapon, MilitaryPlatform | WEAPON without article and count, unless it names an event or a side |
    | others, pronouns, unnamed places, confidence under 0.5 | not kept |

    Of "the city of Mosul" the name alone is taken, of nested entities the longest. Annotated: LOCATION and
    WEAPON, where nothing is open. Spans have no attribute.

    Args:
        path: The folder ``original``, or one of the folders in it.
        sentences: Most sentences in a passage; 0 leaves documents whole.
        counts: Grows while documents are read.

    Raises:
        DataError: when the folder cannot be read or is another one.
    """
    counts = ImportCounts() if counts is None else counts
    folder = Path(path)
    found = sorted([folder / "documents.json", *folder.glob("*/documents.json")])
    found = [file for file in found if file.is_file()]
    if not found:
        reason = "has no */documents.json" if folder.is_dir() else "is no folder"
        raise DataError(f"{reason}; give the folder 'original' of this set", printable(str(path)))
    for file in found:
        entities = defaultdict(list)
        for record in _records(
            file.with_name("entities.json"), ("documentId", "begin", "end", "type", "confidence")
        ):
            entities[record["documentId"]].append(record)
        for record in _records(file, ("_id", "text")):
            draft = Draft("re3d", str(record["_id"]), record["text"], counts, ("LOCATION", "WEAPON"))
            longest_first = sorted(
                entities[record["_id"]], key=lambda item: (item["begin"] - item["end"], item["begin"])
            )
            for entity in longest_first:
                _mark(draft, entity)
            yield from draft.passages(sentences)


def _mark(draft: Draft, entity: dict[str, Any]) -> None:
    """Mark an entity as what it is to us."""
    first, last = draft.range(entity["begin"], entity["end"])
    if first >= last:
        draft.counts.dropped["no word"] += 1
        return
    kind, begin = entity["type"], trim_determiners(draft, first, last)
    labels = {"Location": ("LOCATION", "ACTOR"), **dict.fromkeys(_WEAPONS, ("WEAPON",))}.get(kind, ())
    if kind not in _KINDS and kind not in _WEAPONS:
        draft.drop(first, last, f"the type {printable(str(kind))}, which is none of ours")
    elif entity["confidence"] < _LEAST_CONFIDENCE:
        draft.drop(first, last, f"a confidence under {_LEAST_CONFIDENCE}", *labels)
    elif begin == last or is_pronoun(draft.surface(begin, last)):
        draft.drop(first, last, "a pronoun")
    elif draft.is_marked(begin, last):
        draft.drop(first, last, "nested in another one")
    elif kind in _WEAPONS:
        if any(draft.word(index)[:1].isupper() for index in range(begin, last - 1)):
            draft.drop(first, last, "a weapon with the side that has it", "WEAPON", "ACTOR")
        else:
            mark_weapon(draft, first, last)
    elif kind == "Location":
        _mark_place(draft, begin, last)
    elif not mark_armed(draft, begin, last):
        if any(is_number(draft.word(index)) for index in range(first, last)):
            draft.drop(first, last, "counted people", "ACTOR")
        else:
            mark_name(draft, begin, last, _KINDS[kind])


def _mark_place(draft: Draft, first: int, last: int) -> None:
    """Mark a place, without "the city of" before its name."""
    for index in range(first, last - 1):
        if draft.word(index).lower() == "of" and not is_name(draft.surface(first, index)):
            first = trim_determiners(draft, index + 1, last)
            break
    if first < last and is_name(draft.surface(first, last)):
        mark_name(draft, first, last, "place")
    else:
        draft.drop(first, last, "a place without a name")


def _records(path: Path, fields: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a file, one a line."""
    for number, line in read_lines(path):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"is not JSON ({one_line(error)})", printable(str(path)), number) from error
        lacking = [name for name in fields if not isinstance(record, dict) or name not in record]
        if lacking:
            raise DataError(f"has no field {quote(lacking[0])}", printable(str(path)), number)
        yield record
