"""Which predicted span answers which gold span, when they need not be equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...data.documents import Span

__all__ = ["Matching", "match_spans"]


@dataclass(frozen=True, slots=True)
class Matching:
    """The result of :func:`match_spans`.

    Attributes:
        matched: Gold and predicted span, sorted by the gold span's start.
        missed: Gold spans without a partner.
        spurious: Predicted spans without a partner.
    """

    matched: tuple[tuple[Span, Span], ...]
    missed: tuple[Span, ...]
    spurious: tuple[Span, ...]


def match_spans(gold: Sequence[Span], predicted: Sequence[Span]) -> Matching:
    """Match gold and predicted spans one to one, by their offsets.

    1. Spans with the same start and end are partners, whatever their labels.
    2. Of the others, all that share at least one character are candidates, taken in this order: more shared
       characters first; then equal labels before different ones; then the earlier gold span; then the earlier
       predicted span. A candidate is accepted when both its spans are still free.
    3. Gold spans left over are missed, predicted spans left over are spurious.

    By hand: gold ``[0, 4) ACTOR, [5, 9) ACTOR``, predicted ``[0, 9) ACTOR``. Both gold spans share four
    characters with it and have its label, so the earlier one is its partner and the other is missed.

    >>> spans = Span(0, 4, "ACTOR"), Span(5, 9, "ACTOR")
    >>> matching = match_spans(spans, [Span(0, 9, "ACTOR")])
    >>> [(gold.start, predicted.start) for gold, predicted in matching.matched], matching.missed[0].start
    ([(0, 0)], 5)

    Args:
        gold: Flat spans, sorted by start.
        predicted: Flat spans, sorted by start.
    """
    candidates = sorted(_overlaps(gold, predicted))
    of_gold: dict[int, int] = {}
    taken: set[int] = set()
    for *_, left, right in candidates:
        if left not in of_gold and right not in taken:
            of_gold[left] = right
            taken.add(right)
    return Matching(
        tuple((gold[left], predicted[of_gold[left]]) for left in sorted(of_gold)),
        tuple(span for index, span in enumerate(gold) if index not in of_gold),
        tuple(span for index, span in enumerate(predicted) if index not in taken),
    )


def _overlaps(gold: Sequence[Span], predicted: Sequence[Span]) -> list[tuple[bool, int, bool, int, int]]:
    """Return the candidates as sort keys that end with the two indices; one sweep over both sides."""
    found = []
    left = right = 0
    while left < len(gold) and right < len(predicted):
        one, other = gold[left], predicted[right]
        shared = min(one.end, other.end) - max(one.start, other.start)
        if shared > 0:
            different = (one.start, one.end) != (other.start, other.end)
            found.append((different, -shared, one.label != other.label, left, right))
        if one.end <= other.end:
            left += 1
        else:
            right += 1
    return found
