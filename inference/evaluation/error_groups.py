"""Where errors are: misses and false alarms by the length, place, source and familiarity of their spans."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from ...data.documents import Span
from .errors import SpanError
from .familiarity import FAMILIARITY, TrainingSurfaces
from .pairs import Pair

__all__ = ["GroupCounts", "Grouping", "group_errors"]

_LENGTHS = ("1 word", "2 words", "3 words", "4 words", "5 words or more")
_FIFTHS = ("first fifth", "second fifth", "third fifth", "fourth fifth", "last fifth")
_MOST_SOURCES = 20
_OTHER_SOURCES = "all other sources"
_NO_SOURCE = "no source given"

#: Gives for a document what names the group of each of its spans.
_Namer = Callable[[Pair], Callable[[Span], str]]


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """Spans of one group.

    Attributes:
        gold: Gold spans in the group.
        misses: Those of them that were not found exactly.
        predicted: Predicted spans in the group.
        false_alarms: Those of them that are not exactly right.
        attributes: Exactly found gold spans of the group whose attribute is wrong.
    """

    gold: int = 0
    misses: int = 0
    predicted: int = 0
    false_alarms: int = 0
    attributes: int = 0

    @property
    def miss_rate(self) -> float | None:
        """``misses / gold``; ``None`` without gold spans."""
        return self.misses / self.gold if self.gold else None

    @property
    def false_alarm_rate(self) -> float | None:
        """``false_alarms / predicted``; ``None`` without predicted spans."""
        return self.false_alarms / self.predicted if self.predicted else None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "gold": self.gold,
            "misses": self.misses,
            "miss_rate": self.miss_rate,
            "predicted": self.predicted,
            "false_alarms": self.false_alarms,
            "false_alarm_rate": self.false_alarm_rate,
            "attributes": self.attributes,
        }


@dataclass(frozen=True, slots=True)
class Grouping:
    """All spans, each in one group; a miss is in the group of its gold span, a false alarm in its own.

    Attributes:
        name: What the groups differ in: ``"label"``, ``"length"``, ``"training"``, ``"position"`` or
            ``"source"``.
        note: How a span's group is found.
        groups: Name -> counts; each column adds up to that of all spans.
    """

    name: str
    note: str
    groups: Mapping[str, GroupCounts]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {name: counts.to_dict() for name, counts in self.groups.items()}


def group_errors(
    pairs: Sequence[Pair],
    errors: Sequence[SpanError],
    labels: Sequence[str],
    training: TrainingSurfaces | None = None,
) -> tuple[Grouping, ...]:
    """Count spans and errors by label, length, familiarity, position and source.

    Args:
        pairs: The documents.
        errors: Their errors, from :func:`~.errors.find_errors`.
        labels: The labels of the scheme.
        training: The surfaces of the training data; ``None`` leaves familiarity out.
    """
    sources = _sources(pairs)

    def source(pair: Pair) -> Callable[[Span], str]:
        name = sources[_source(pair)]
        return lambda span: name

    namers: list[tuple[str, str, Sequence[str], _Namer]] = [
        ("label", "", labels, lambda pair: lambda span: span.label),
        ("length", "Words of the span, signs and hyphenated parts counted one by one.", _LENGTHS, _lengths),
        ("position", "Where in the document's characters the span begins.", _FIFTHS, _positions),
        ("source", "The documents' meta.source.", list(dict.fromkeys(sources.values())), source),
    ]
    if training is not None:
        note = (
            "Whether a training span of the same label has the same surface (seen) or one of its words "
            "(partly seen)."
        )
        namers.insert(2, ("training", note, FAMILIARITY, partial(_familiarities, training)))
    return tuple(
        Grouping(name, note, _counts(pairs, errors, groups, namer)) for name, note, groups, namer in namers
    )


def _counts(
    pairs: Sequence[Pair], errors: Sequence[SpanError], groups: Sequence[str], namer: _Namer
) -> dict[str, GroupCounts]:
    name_of = {id(pair): namer(pair) for pair in pairs}  # made once for each, since some count its words
    gold = Counter(chain.from_iterable(map(name_of[id(pair)], pair.gold) for pair in pairs))
    predicted = Counter(chain.from_iterable(map(name_of[id(pair)], pair.predicted) for pair in pairs))
    misses: Counter[str] = Counter()
    false_alarms: Counter[str] = Counter()
    attributes: Counter[str] = Counter()
    for error in errors:
        if error.gold is not None:
            (misses if error.is_miss else attributes)[name_of[id(error.pair)](error.gold)] += 1
        if error.predicted is not None and error.is_false_alarm:
            false_alarms[name_of[id(error.pair)](error.predicted)] += 1
    return {
        group: GroupCounts(
            gold[group], misses[group], predicted[group], false_alarms[group], attributes[group]
        )
        for group in groups
    }


def _lengths(pair: Pair) -> Callable[[Span], str]:
    starts = [start for start, _ in pair.words]
    ends = [end for _, end in pair.words]

    def name(span: Span) -> str:
        words = bisect_left(starts, span.end) - bisect_right(ends, span.start)
        return _LENGTHS[min(max(1, words), len(_LENGTHS)) - 1]

    return name


def _familiarities(training: TrainingSurfaces, pair: Pair) -> Callable[[Span], str]:
    text = pair.document.text
    return lambda span: training.familiarity(text[span.start : span.end], span.label)


def _positions(pair: Pair) -> Callable[[Span], str]:
    characters = len(pair.document.text)
    return lambda span: _FIFTHS[len(_FIFTHS) * span.start // characters]


def _source(pair: Pair) -> str:
    source = pair.document.meta.get("source")
    return source if isinstance(source, str) and source.strip() else _NO_SOURCE


def _sources(pairs: Sequence[Pair]) -> dict[str, str]:
    """Return the group of each source: itself for those with the most spans, one for all others."""
    spans: Counter[str] = Counter()
    for pair in pairs:
        spans[_source(pair)] += len(pair.gold) + len(pair.predicted)
    ranked = [source for source, _ in spans.most_common()]
    few = len(ranked) <= _MOST_SOURCES
    return {
        source: source if few or rank < _MOST_SOURCES - 1 else _OTHER_SOURCES
        for rank, source in enumerate(ranked)
    }
