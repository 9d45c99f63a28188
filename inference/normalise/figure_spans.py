"""Spans of figures: what a span that is cut short or in two has to be read with.

>>> from conflictner.data import Span
>>> text = "Shells killed no fewer than 37 people."
>>> [text[span.start : span.end] for span in figure_spans(text, [Span(17, 37, "CASUALTY")])]
['no fewer than 37 people']
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ...data.documents import Span
from .bounds import read_bounds
from .numerals import HYPHENS, read_numeral, tokenize
from .phrases import BOUNDS, NOBODY, alternatives
from .quantities import read_quantity
from .word_index import in_small_letters

__all__ = ["figure_spans"]

# All patterns are for text in small letters.

#: Between the ends of a range: "to", or "and" behind "between".
_TO = re.compile(rf"\s*(?:\b(?:to|or|(and))\b|[{HYPHENS}])\s*")
#: The same where the second end is only possible: ", and possibly", or "and" before "as many as".
_PERHAPS = re.compile(r"\s*(?:,\s*)?(?:(?:and|or|but)\b\s*)?(?:(possibly|perhaps|maybe)\s*)?")
_POSSIBLE = re.compile(r"(?:possibly|perhaps|maybe|as\s+many\s+as|up\s+to)\s")
_BETWEEN, _FROM = re.compile(r"\bbetween\s+\Z"), re.compile(r"\b(?:from|by)\s+\Z")
_LOOK_BACK = 20  # characters


def figure_spans(text: str, spans: Iterable[Span]) -> list[Span]:
    """Return a span for each figure: with the bound before it, and the two ends of a range as one.

    Args:
        text: The untouched text.
        spans: Its CASUALTY spans, in order.
    """
    found: list[Span] = []
    for span in spans:
        start = _range_start(text, found[-1], span) if found else None
        if start is None or (len(found) > 1 and start < found[-2].end):
            found.append(_with_bound(text, span, found[-1].end if found else 0))
        else:
            low = found.pop()
            found.append(replace(span, start=start, attribute=span.attribute or low.attribute))
    return found


#: Words that bound a figure or tell of nobody, which a span may cut; one word may be a preposition.
_BOUND = re.compile(
    rf"\b(?:{alternatives(phrase for phrase in (*BOUNDS, *NOBODY) if len(phrase) > 1)})(?:\s+|\Z)"
)


def _with_bound(text: str, span: Span, limit: int) -> Span:
    """Return a span with the bound that stands before it, or that it cuts, from ``limit`` on."""
    small = in_small_letters(text)
    begin = max(limit, span.start - _LOOK_BACK)
    for bound in _BOUND.finditer(small, begin, span.end):
        if bound.start() < span.start <= bound.end():
            return replace(span, start=bound.start())
    return span


def _range_start(text: str, low: Span, high: Span) -> int | None:
    """Return where the range of two spans begins, ``None`` when they are none."""
    small = in_small_letters(text)
    joint = _TO.fullmatch(small, low.end, high.start)
    perhaps = _PERHAPS.fullmatch(small, low.end, high.start)
    is_possible = perhaps is not None and bool(perhaps[1] or _POSSIBLE.match(small, high.start))
    if not (joint or is_possible) or len({low.attribute, high.attribute} - {None}) > 1:
        return None
    start, begin = low.start, max(0, low.start - _LOOK_BACK)
    if _FROM.search(small, begin, start):  # the toll rose from 15 to 20, or by 5 to 20
        return None
    if joint and joint[1] and not is_possible:
        between = _BETWEEN.search(small, begin, start)
        if between is None:
            return None
        start = between.start()
    words = tokenize(text[low.start : low.end])
    numeral = read_numeral(words, read_bounds(words, 0)[1])
    first, whole = read_quantity(text[low.start : low.end]), read_quantity(text[start : high.end])
    is_bare = numeral is not None and numeral.end == len(words)
    return start if is_bare and first.min == whole.min and whole.min != whole.max is not None else None
