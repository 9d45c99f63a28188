"""Punctuation: texts without it, as in transcripts and hasty messages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from random import Random

from ..documents import Document
from .edits import Edit, apply_edits, span_around

__all__ = ["drop_punctuation"]

_READ_ALOUD = frozenset("%&@#_")  # stand for words
_INSIDE_WORDS = frozenset(".,'’")  # U.S., 3,000, Assad's: without them one word


def drop_punctuation(document: Document, rng: Random | None = None) -> Document:
    """Return the document without punctuation marks.

    Full stops, commas and apostrophes within words and numbers go without a trace, all other marks between
    two words leave a space. Spans keep all of their letters and digits, begin and end with them, and stay on
    word borders; marks that this would not allow stay.

    >>> drop_punctuation(Document("a", "U.S.-made rockets hit Deir-ez-Zor, killing 3,000.")).text
    'US made rockets hit Deir ez Zor killing 3000'
    """
    return apply_edits(document, [edit for run in _runs(document.text) for edit in _edits(document, *run)])


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """Yield the half-open stretches of marks that stand side by side."""
    start = None
    for offset, character in enumerate(text):
        if _is_mark(character):
            start = offset if start is None else start
        elif start is not None:
            yield start, offset
            start = None
    if start is not None:
        yield start, len(text)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "P" and character not in _READ_ALOUD


def _edits(document: Document, start: int, end: int) -> list[Edit]:
    """Return what takes a run of marks away; nothing where it must stay."""
    text = document.text
    within = span_around(document.spans, start, end)
    if within is not None and _would_be_cut(text, within.start, within.end, start, end):
        return []
    before, behind = text[start - 1 : start], text[end : end + 1]
    joined = bool(before) and bool(behind) and not before.isspace() and not behind.isspace()
    borders = [o for span in document.spans for o in (span.start, span.end) if start <= o <= end]
    leaves_no_trace = not joined or (not borders and text[start:end] in _INSIDE_WORDS)
    edits = [Edit(start, end, "" if leaves_no_trace else " ")]
    if not borders:
        return edits
    touches = any(span_around(document.spans, offset, offset + 1) for offset in range(start, end))
    if touches and (within is None or joined):
        return []  # a span's own mark beside one that is not, or one that keeps it from the next word
    return edits


def _would_be_cut(text: str, span_start: int, span_end: int, start: int, end: int) -> bool:
    """Whether a span would be left empty, or with white space at an edge, without the run inside of it."""
    left, right = text[span_start:start], text[end:span_end]
    return not (left or right) or (not left and right[0].isspace()) or (not right and left[-1].isspace())
