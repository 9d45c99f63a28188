"""Edits: pieces of a document's text replaced, with its spans moved along."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from ..documents import Document, Span

__all__ = ["Edit", "apply_edits", "span_around", "touches_border"]


@dataclass(frozen=True, slots=True)
class Edit:
    """A piece of a text and what stands there instead.

    Attributes:
        start: Offset of the first character, in Unicode code points.
        end: Offset behind the last character (half-open); over ``start``.
        text: The new piece; empty to leave the old one out.
    """

    start: int
    end: int
    text: str


def apply_edits(document: Document, edits: Iterable[Edit]) -> Document:
    """Return the document with its text edited; all but the text and the offsets of its spans stays.

    Args:
        document: Any document.
        edits: Pieces that do not overlap, each of them inside of one span or outside of all, and none leaving
            a span without text. In any order.

    Returns:
        The document itself when no edit changes anything.
    """
    text = document.text
    ordered = sorted(
        (edit for edit in edits if text[edit.start : edit.end] != edit.text), key=lambda edit: edit.start
    )
    if not ordered:
        return document
    pieces: list[str] = []
    end = 0
    for edit in ordered:
        assert end <= edit.start < edit.end, f"{edit} overlaps the one before it, or is empty"
        assert not touches_border(document.spans, edit.start, edit.end), f"{edit} lies across a span's border"
        pieces += (text[end : edit.start], edit.text)
        end = edit.end
    pieces.append(text[end:])
    ends = [edit.end for edit in ordered]
    shifts = list(accumulate((len(edit.text) - (edit.end - edit.start) for edit in ordered), initial=0))

    def moved(offset: int) -> int:
        return offset + shifts[bisect_right(ends, offset)]

    spans = tuple(replace(span, start=moved(span.start), end=moved(span.end)) for span in document.spans)
    assert all(span.start < span.end for span in spans), "an edit left a span without text"
    return replace(document, text="".join(pieces), spans=spans)


def span_around(spans: Sequence[Span], start: int, end: int) -> Span | None:
    """Return the span in which the stretch ``start:end`` lies.

    Args:
        spans: Flat spans, sorted by start.
        start: Offset of the stretch's first character.
        end: Offset behind its last character.
    """
    index = bisect_right(spans, start, key=lambda span: span.start) - 1
    return spans[index] if index >= 0 and end <= spans[index].end else None


def touches_border(spans: Sequence[Span], start: int, end: int) -> bool:
    """Whether a span begins or ends inside of the stretch ``start:end``, its own borders left aside."""
    first = bisect_right(spans, start, key=lambda span: span.end)
    behind = bisect_left(spans, end, key=lambda span: span.start)
    return any(start < offset < end for span in spans[first:behind] for offset in (span.start, span.end))
