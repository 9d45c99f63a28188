"""re3d: documents on the conflict in Syria and Iraq, with entities and how far annotators agreed on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..documents import Document
from ..errors import DataError
from ..lines import OnError, raise_error
from ..quotes import printable, quote
from ..sources import public_set
from .borders import drop_foreign, is_name, is_pronoun, mark_name, trim_determiners
from .counts import ImportCounts
from .draft import PASSAGE_SENTENCES, Draft
from .nouns import is_number, mark_armed, mark_weapon
from .opening import read_records
from .originals import Mention, Original

__all__ = ["re3d_originals", "read_re3d"]

_SET = "re3d"
_LEAST_CONFIDENCE = 0.5
_META = ("title", "sourceName", "sourceUrl")


def re3d_originals(path: str | Path, on_error: OnError = raise_error) -> Iterator[Original]:
    """Read the set's folders, each with ``documents.json`` and ``entities.json``, as they are.

    Args:
        path: The folder with the folders, or one of them.
        on_error: Takes the errors of the documents and entities that are left out.

    Raises:
        DataError: when the folder cannot be read or is another one.
    """
    folder = Path(path)
    found = sorted([folder / "documents.json", *folder.glob("*/documents.json")])
    found = [file for file in found if file.is_file()]
    if not found:
        reason = "has no */documents.json" if folder.is_dir() else "is no folder"
        raise DataError(f"{reason}; give the folder of this set", printable(str(path)))
    for file in found:
        mentions = _mentions(file.with_name("entities.json"), on_error)
        for number, record in read_records(file, ("_id", "text"), on_error):
            name, text = record["_id"], record["text"]
            if not isinstance(name, str) or not isinstance(text, str):
                on_error(DataError("has an '_id' or 'text' that is no string", printable(str(file)), number))
                continue
            inside = [mention for mention in mentions[name] if mention.end <= len(text)]
            outside = len(mentions[name]) - len(inside)
            if outside:
                on_error(
                    DataError(
                        f"has {outside} entities outside the text of {quote(name)}",
                        printable(str(file)),
                        number,
                    )
                )
            meta: dict[str, Any] = {key: record[key] for key in _META if key in record}
            yield Original(name, text, inside, meta=meta)


def read_re3d(
    path: str | Path, *, sentences: int = PASSAGE_SENTENCES, counts: ImportCounts | None = None
) -> Iterator[Document]:
    """Read the set with the labels of the guidelines.

    Of "the city of Mosul" the name alone is taken, of nested entities the longest; entities with a confidence
    under 0.5 are not kept. Annotated: LOCATION and WEAPON, where nothing is open. Spans have no attribute.

    Args:
        path: As for :func:`re3d_originals`.
        sentences: Most sentences in a passage; 0 leaves documents whole.
        counts: Grows while documents are read.

    Raises:
        DataError: when the folder cannot be read or is another one.
    """
    counts = ImportCounts() if counts is None else counts
    for original in re3d_originals(path):
        draft = Draft.of(_SET, original, counts)
        for mention in sorted(original.mentions, key=lambda item: (item.start - item.end, item.start)):
            _mark(draft, mention)
        yield from draft.passages(sentences)


def _mentions(path: Path, on_error: OnError) -> defaultdict[str, list[Mention]]:
    """Return the entities of a folder, by document."""
    found: defaultdict[str, list[Mention]] = defaultdict(list)
    fields = ("documentId", "begin", "end", "type", "confidence")
    for number, record in read_records(path, fields, on_error):
        mention = _mention(record)
        if mention is None or not isinstance(record["documentId"], str):
            on_error(
                DataError(
                    "is no entity of this set: begin and end are offsets, type and documentId strings, and "
                    f"confidence is from 0 to 1, got {quote({key: record[key] for key in fields})}",
                    printable(str(path)),
                    number,
                )
            )
            continue
        found[record["documentId"]].append(mention)
    return found


def _mention(record: dict[str, Any]) -> Mention | None:
    """Return an entity, ``None`` when the record is none."""
    begin, end, kind, confidence = (record[key] for key in ("begin", "end", "type", "confidence"))
    if type(begin) is not int or type(end) is not int or not isinstance(kind, str):
        return None
    if type(confidence) not in (int, float) or not 0 <= confidence <= 1 or not 0 <= begin < end:
        return None
    return Mention(begin, end, kind, confidence=float(confidence))


def _mark(draft: Draft, mention: Mention) -> None:
    """Mark an entity as what it is to us."""
    first, last = draft.range(mention.start, mention.end)
    if first >= last:
        draft.counts.dropped["no word"] += 1
        return
    labels = public_set(_SET).labels
    rule = labels[mention.kind].rule if mention.kind in labels else "none"
    begin = trim_determiners(draft, first, last)
    open_labels = {"place": ("LOCATION", "ACTOR"), "weapon": ("WEAPON",)}.get(rule, ())
    if rule == "none":
        drop_foreign(draft, first, last, mention.kind)
    elif mention.confidence is not None and mention.confidence < _LEAST_CONFIDENCE:
        draft.drop(first, last, f"a confidence under {_LEAST_CONFIDENCE}", *open_labels)
    elif begin == last or is_pronoun(draft.surface(begin, last)):
        draft.drop(first, last, "a pronoun")
    elif draft.is_marked(begin, last):
        draft.drop(first, last, "nested in another one")
    elif rule == "weapon":
        if any(draft.word(index)[:1].isupper() for index in range(begin, last - 1)):
            draft.drop(first, last, "a weapon with the side that has it", "WEAPON", "ACTOR")
        else:
            mark_weapon(draft, first, last)
    elif rule == "place":
        _mark_place(draft, begin, last)
    elif not mark_armed(draft, begin, last):
        if any(is_number(draft.word(index)) for index in range(first, last)):
            draft.drop(first, last, "counted people", "ACTOR")
        else:
            mark_name(draft, begin, last, rule)


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
