"""Spans as other tools mark them, made flat, and labels as they write them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ..documents import Document, Span
from ..errors import DataError
from ..quotes import quote
from ..words import word_offsets, word_range
from .report import Report

__all__ = [
    "flat_spans",
    "join_label",
    "read_offsets",
    "read_score",
    "snap_to_words",
    "split_label",
    "with_plain_labels",
    "without_scores",
]

_AT_EDGE = "white space at the edges"
_OVERLAP = "overlaps a longer span"


def join_label(span: Span, report: Report) -> str:
    """Return label and attribute in one, ``ACTOR:agent``, for formats that have one name for both.

    A label that would be read back as another label with an attribute is counted.
    """
    joined = span.label if span.attribute is None else f"{span.label}:{span.attribute}"
    if split_label(joined) != (span.label, span.attribute):
        report.lost["labels with a colon, which are read back as label and attribute"] += 1
    return joined


def split_label(name: Any) -> tuple[str, str | None]:
    """Return label and attribute of a name, which is split at its first colon.

    >>> split_label("ACTOR:agent"), split_label("PER"), split_label(":-)")
    (('ACTOR', 'agent'), ('PER', None), (':-)', None))

    Raises:
        DataError: when it is no string, or empty.
    """
    if not isinstance(name, str) or not name:
        raise DataError(f"a span's label must be a string that is not empty, got {quote(name)}")
    label, _, attribute = name.partition(":")
    return (label, attribute) if label and attribute else (name, None)


def read_offsets(start: Any, end: Any, length: int) -> tuple[int, int]:
    """Return offsets that lie in a text.

    Args:
        start: Offset of the first character, as a file has it.
        end: Offset behind the last.
        length: Of the text, in the same units.

    Raises:
        DataError: when they do not.
    """
    for value in (start, end):
        if not isinstance(value, int) or isinstance(value, bool):
            raise DataError(f"a span's offsets must be whole numbers, got {quote(start)}:{quote(end)}")
    if not 0 <= start <= end <= length:
        raise DataError(f"the span {quote(start)}:{quote(end)} lies outside the text, which ends at {length}")
    return start, end


def read_score(value: Any) -> float | None:
    """Return a score as we keep it: a number from 0 to 1; ``None`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        return None
    return float(value)


def flat_spans(text: str, spans: Iterable[Span], report: Report) -> tuple[Span, ...]:
    """Return spans without white space at their edges and without overlaps, sorted.

    Of spans that overlap the longest is kept, of equally long ones the first; the others are dropped.

    Args:
        text: Their text.
        spans: With offsets in the text.
        report: Where it is counted.
    """
    trimmed = []
    for span in spans:
        surface = text[span.start : span.end]
        if not surface.strip():
            report.dropped["holds no character but white space"] += 1
            continue
        start = span.start + len(surface) - len(surface.lstrip())
        end = span.end - len(surface) + len(surface.rstrip())
        if (start, end) != (span.start, span.end):
            report.snapped[_AT_EDGE] += 1
            span = replace(span, start=start, end=end)
        trimmed.append(span)
    return _without_overlaps(trimmed, report)


def snap_to_words(document: Document, report: Report) -> Document:
    """Return a document whose spans begin and end with words, for formats that tag words."""
    words = word_offsets(document.text)
    snapped = []
    for span in document.spans:
        first, last = word_range(words, span.start, span.end)
        borders = words[first][0], words[last - 1][1]
        if borders != (span.start, span.end):
            report.snapped["to the borders of words"] += 1
            span = replace(span, start=borders[0], end=borders[1])
        snapped.append(span)
    return replace(document, spans=_without_overlaps(snapped, report))


def with_plain_labels(document: Document, report: Report) -> Document:
    """Return a document whose labels and attributes have no white space, and labels no colon.

    For formats in which those separate; ``_`` stands for each, which is counted.
    """
    spans = tuple(
        replace(
            span,
            label=_plain(span.label, ":"),
            attribute=None if span.attribute is None else _plain(span.attribute, ""),
        )
        for span in document.spans
    )
    changed = sum(before != after for before, after in zip(document.spans, spans, strict=True))
    if not changed:
        return document
    report.lost["labels with white space or a colon, in which _ stands for it"] += changed
    return replace(document, spans=spans)


def _plain(name: str, more: str) -> str:
    """Return a name with ``_`` for each character that separates, or is not printable."""
    return "".join("_" if c.isspace() or c in more or not c.isprintable() else c for c in name)


def without_scores(document: Document, report: Report) -> Document:
    """Return a document whose spans have no scores, and count them."""
    scored = sum(span.score is not None for span in document.spans)
    if not scored:
        return document
    report.lost["scores of spans"] += scored
    return replace(document, spans=tuple(replace(span, score=None) for span in document.spans))


def _without_overlaps(spans: Sequence[Span], report: Report) -> tuple[Span, ...]:
    """Return the spans that overlap no longer one, sorted by start."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        place = bisect_left(kept, span.start, key=lambda other: other.start)
        before, after = kept[place - 1 : place], kept[place : place + 1]
        if (before and before[0].end > span.start) or (after and after[0].start < span.end):
            same = [*before, *after]
            report.dropped["stands twice" if span in same else _OVERLAP] += 1
        else:
            kept.insert(place, span)
    return tuple(kept)
