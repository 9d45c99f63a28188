"""WikiEvents: reports on attacks, with the heads of all mentions of persons, places, weapons and more."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from ..documents import Document
from ..errors import DataError
from ..lines import OnError, raise_error
from ..quotes import printable, quote
from ..sources import public_set
from .borders import drop_foreign, is_name, is_pronoun, mark_name
from .counts import ImportCounts
from .draft import PASSAGE_SENTENCES, Draft
from .nouns import mark_armed, mark_weapon
from .opening import read_records
from .originals import Mention, Original
from .tokens import align_tokens, join_tokens
from .wordlists import word_list

__all__ = ["read_wikievents", "wikievents_originals"]

_SET = "wikievents"
_MILITARY = word_list(
    """drone drones uav uavs helicopter helicopters tank tanks warship warships humvee humvees chinook apc
    apcs gunship gunships warplane warplanes"""
)
_OPENING = ("", ".", "?", "!", "”", '"')  # what stands before the first word of a sentence
#: The text, and half-open offsets of the tokens and of the sentences.
_Layout = tuple[str, list[tuple[int, int]], list[tuple[int, int]]]


def wikievents_originals(path: str | Path, on_error: OnError = raise_error) -> Iterator[Original]:
    """Read a file of the set that holds the mentions of all entities, as it is.

    Args:
        path: ``dev.jsonl``, ``test.jsonl`` or ``train79_full_entities.json``, compressed or not.
        on_error: Takes the errors of the reports that are left out.

    Raises:
        DataError: when the file cannot be read or is another one.
    """
    name = printable(str(path))
    for number, record in read_records(path, ("doc_id", "tokens", "entity_mentions"), on_error):
        try:
            original = _original(record)
        except DataError as error:
            on_error(DataError(error.reason, name, number))
            continue
        yield original


def read_wikievents(
    path: str | Path, *, sentences: int = PASSAGE_SENTENCES, counts: ImportCounts | None = None
) -> Iterator[Document]:
    """Read a file of the set with the labels of the guidelines.

    Annotated: LOCATION and WEAPON, where nothing is open. Spans have no attribute.

    Args:
        path: As for :func:`wikievents_originals`.
        sentences: Most sentences in a passage; 0 leaves reports whole.
        counts: Grows while documents are read.

    Raises:
        DataError: when the file cannot be read or is another one.
    """
    counts = ImportCounts() if counts is None else counts
    labels = public_set(_SET).labels
    for original in wikievents_originals(path):
        draft = Draft.of(_SET, original, counts)
        known = {draft.word(i) for i in range(len(draft.words)) if draft.word(i - 1) not in _OPENING}
        for mention in original.mentions:
            first, last = draft.range(mention.start, mention.end)
            rule = labels[mention.kind].rule if mention.kind in labels else "none"
            if first < last:
                _mark(draft, first, last, mention.kind, rule, known)
        yield from draft.passages(sentences)


def _mark(draft: Draft, first: int, last: int, kind: str, rule: str, known: set[str]) -> None:
    """Mark a mention as what it is to us.

    Args:
        draft: Where it is marked.
        first: Its first word.
        last: The word behind its last.
        kind: The set's type.
        rule: The rule for this type.
        known: Words that stand inside sentences.
    """
    surface = draft.surface(first, last)
    if is_pronoun(surface):
        draft.drop(first, last, "a pronoun")
    elif rule == "place":
        if is_name(surface.removeprefix("the ").removeprefix("The ")):
            mark_name(draft, first, last, "place")
        else:
            draft.drop(first, last, "a place without a name")
    elif rule in ("person", "organisation"):
        if mark_armed(draft, first, last):
            return
        is_first = last - first == 1 and draft.word(first - 1) in _OPENING
        if is_first and draft.word(first) not in known:
            draft.drop(first, last, "a capital letter at the beginning of a sentence", "ACTOR")
        else:
            mark_name(draft, first, last, rule)
    elif rule == "weapon" or (rule == "vehicle" and draft.word(last - 1).lower() in _MILITARY):
        mark_weapon(draft, first, last)
    elif rule == "vehicle":
        draft.drop(first, last, "a vehicle, which may be none of war", "WEAPON")
    else:
        drop_foreign(draft, first, last, kind)


def _original(record: dict[str, Any]) -> Original:
    """Return a report.

    Raises:
        DataError: without file and line.
    """
    name, events = record["doc_id"], record.get("event_mentions", [])
    if not isinstance(name, str) or not isinstance(record["entity_mentions"], list):
        raise DataError(f"'doc_id' must be a string, 'entity_mentions' a list, got {quote(record)}")
    if not isinstance(events, list) or not all(
        isinstance(event, dict) and isinstance(event.get("event_type"), str) and event["event_type"]
        for event in events
    ):
        raise DataError(f"'event_mentions' must be objects with an 'event_type', got {quote(events)}")
    text, tokens, borders = _layout(record)
    mentions = [_mention(item, tokens) for item in record["entity_mentions"]]
    types = tuple(dict.fromkeys(event["event_type"] for event in events))
    return Original(name, text, mentions, borders, types, {"event_mentions": events} if events else {})


def _mention(item: Any, tokens: list[tuple[int, int]]) -> Mention:
    """Return a mention of tokens that are not empty."""
    try:
        first, last, kind = item["start"], item["end"], item["entity_type"]
        if 0 <= first < last <= len(tokens) and isinstance(kind, str) and kind:
            start, end = tokens[first][0], tokens[last - 1][1]
            if start < end:
                return Mention(start, end, kind)
    except (LookupError, TypeError):
        pass
    raise DataError(f"{quote(item)} is no mention of this set, with 'start', 'end' and 'entity_type'")


def _layout(record: dict[str, Any]) -> _Layout:
    """Return a report's text and where its tokens and sentences are in it."""
    try:
        if "sents" in record:  # tokens alone
            pieces, tokens, borders, length = [], [], [], 0
            for sentence in record["sents"]:
                piece, offsets = join_tokens(sentence, hyphens_apart=True)
                tokens += [(length + start, length + end) for start, end in offsets]
                borders.append((length, length + len(piece)))
                pieces.append(piece)
                length += len(piece) + 1
            return " ".join(pieces), tokens, borders
        groups = [[word for word, _, _ in words] for words, _ in record["sentences"]]
        found = align_tokens([word for words in groups for word in words], record["text"])
        if found is None:
            raise ValueError
        ends = list(accumulate(map(len, groups), initial=0))
        borders = [(found[a][0], found[b - 1][1]) for a, b in pairwise(ends) if a < b]
        return record["text"], found, borders
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"document {quote(record['doc_id'])} has no sentences that could be read") from error
