"""WikiEvents: reports on attacks, with the heads of all mentions of persons, places, weapons and more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from ..documents import Document
from ..errors import DataError
from ..quotes import printable, quote
from .borders import is_name, is_pronoun, mark_name
from .counts import ImportCounts
from .draft import PASSAGE_SENTENCES, Draft
from .nouns import mark_armed, mark_weapon
from .opening import read_text
from .tokens import align_tokens, join_tokens
from .wordlists import word_list

__all__ = ["read_wikievents"]

_PLACES = ("GPE", "LOC", "FAC")
_MILITARY = word_list(
    """drone drones uav uavs helicopter helicopters tank tanks warship warships humvee humvees chinook apc
    apcs gunship gunships warplane warplanes"""
)
#: Half-open offsets of the tokens, of the sentences, and the text.
_Layout = tuple[str, list[tuple[int, int]], list[tuple[int, int]]]


def read_wikievents(
    path: str | Path, *, sentences: int = PASSAGE_SENTENCES, counts: ImportCounts | None = None
) -> Iterator[Document]:
    """Read a file of the set that holds the mentions of all entities.

    | set | ours |
    |---|---|
    | PER, ORG with a name | ACTOR, without title or article |
    | PER, ORG, a head such as "militants" | ACTOR where nothing modifies it, else open |
    | GPE, LOC, FAC with a name | LOCATION, or ACTOR where a state acts; open where that is not clear |
    | WEA, military VEH | WEAPON where nothing modifies the head, else open |
    | pronouns, unnamed places, other types | not kept |

    Annotated: LOCATION and WEAPON, where nothing is open. Spans have no attribute.

    Args:
        path: ``dev.jsonl.xz``, ``test.jsonl.xz`` or ``train79_full_entities.json.xz``, or the same unpacked.
        sentences: Most sentences in a passage; 0 leaves reports whole.
        counts: Grows while documents are read.

    Raises:
        DataError: when the file cannot be read or is another one.
    """
    counts = ImportCounts() if counts is None else counts
    name = printable(str(path))
    for record in _records(read_text(path), name):
        text, tokens, borders = _layout(record, name)
        draft = Draft("wikievents", record["doc_id"], text, counts, ("LOCATION", "WEAPON"), borders)
        for mention in record["entity_mentions"]:
            try:
                start, end = tokens[mention["start"]][0], tokens[mention["end"] - 1][1]
                kind = mention["entity_type"]
            except (LookupError, TypeError):
                raise DataError(f"{quote(mention)} is no mention of this set", name) from None
            first, last = draft.range(start, end)
            if first < last:
                _mark(draft, first, last, kind)
        yield from draft.passages(sentences)


def _mark(draft: Draft, first: int, last: int, kind: str) -> None:
    """Mark a mention as what it is to us."""
    surface = draft.surface(first, last)
    if is_pronoun(surface):
        draft.drop(first, last, "a pronoun")
    elif kind in _PLACES:
        if is_name(surface.removeprefix("the ").removeprefix("The ")):
            mark_name(draft, first, last, "place")
        else:
            draft.drop(first, last, "a place without a name")
    elif kind in ("PER", "ORG"):
        if mark_armed(draft, first, last):
            return
        if (
            last - first == 1
            and draft.word(first - 1) in ("", ".", "?", "!", "”", '"')
            and not _is_known(draft, first)
        ):
            draft.drop(first, last, "a capital letter at the beginning of a sentence", "ACTOR")
        else:
            mark_name(draft, first, last, "person" if kind == "PER" else "organisation")
    elif kind == "WEA" or (kind == "VEH" and draft.word(last - 1).lower() in _MILITARY):
        mark_weapon(draft, first, last)
    elif kind == "VEH":
        draft.drop(first, last, "a vehicle, which may be none of war", "WEAPON")
    else:
        draft.drop(first, last, f"the type {printable(str(kind))}, which is none of ours")


def _is_known(draft: Draft, index: int) -> bool:
    """Whether a word that begins a sentence is written with a capital letter inside one, too."""
    word = draft.word(index)
    others = (i for i in range(len(draft.words)) if draft.word(i) == word)
    return any(draft.word(i - 1) not in ("", ".", "?", "!", "”", '"') for i in others)


def _records(text: str, name: str) -> Iterator[dict[str, Any]]:
    """Yield the records of a JSON array, or of lines of JSON."""
    try:
        if text.lstrip().startswith("["):
            records = json.loads(text)
        else:
            records = [json.loads(line) for line in text.split("\n") if line.strip()]
    except (ValueError, RecursionError) as error:
        raise DataError(f"is not JSON ({error})", name) from error
    for record in records:
        if not isinstance(record, dict) or not {"doc_id", "tokens", "entity_mentions"} <= record.keys():
            raise DataError(
                "has a record without 'doc_id', 'tokens' and 'entity_mentions'; give dev.jsonl.xz, "
                "test.jsonl.xz or train79_full_entities.json.xz",
                name,
            )
        yield record


def _layout(record: dict[str, Any], name: str) -> _Layout:
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
    except (LookupError, TypeError, ValueError) as error:
        raise DataError(
            f"document {quote(record['doc_id'])} has no sentences that could be read", name
        ) from error
