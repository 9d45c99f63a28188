"""What a collection of documents holds, counted in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from .documents import Document, Span
from .words import word_offsets, word_range

__all__ = ["LabelStatistics", "Lengths", "Statistics", "statistics"]

_SURFACE_LENGTH = 100  # characters of a surface that are told apart


@dataclass(frozen=True, slots=True)
class Lengths:
    """Lengths of spans, in words; all 0 when there is no span.

    Attributes:
        mean: Arithmetic mean.
        median: The middle one, or the mean of the middle two.
        longest: The largest.
    """

    mean: float = 0.0
    median: float = 0.0
    longest: int = 0


@dataclass(frozen=True, slots=True)
class LabelStatistics:
    """What the spans of one label are.

    Attributes:
        spans: How many there are.
        attributes: Number of spans with each attribute, most frequent first.
        without_attribute: Number of spans without one.
        words: Their lengths.
        surfaces: The most frequent surfaces with their counts, most frequent first; white space is folded.
    """

    spans: int
    attributes: Mapping[str, int]
    without_attribute: int
    words: Lengths
    surfaces: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a collection of documents holds.

    Attributes:
        documents: How many there are.
        characters: Their length together, in Unicode code points.
        words: Their words, as :func:`~conflictner.data.word_offsets` counts them.
        spans: Spans of all labels.
        documents_without_spans: Documents that have none.
        documents_without_events: Documents that have no event type.
        span_words: Lengths of the spans of all labels.
        labels: What the spans of each label are, most frequent label first.
        events: Number of documents with each event type, most frequent first.
        surfaces_complete: Whether the counts of surfaces are exact; ``False`` when there were so many
            different ones that rare ones were forgotten on the way, which makes the counts lower bounds.
    """

    documents: int
    characters: int
    words: int
    spans: int
    documents_without_spans: int
    documents_without_events: int
    span_words: Lengths
    labels: Mapping[str, LabelStatistics]
    events: Mapping[str, int]
    surfaces_complete: bool

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        record = asdict(self)
        for label in record["labels"].values():
            label["surfaces"] = dict(label["surfaces"])
        return record


def statistics(
    documents: Iterable[Document], most_common: int = 10, surface_limit: int = 100_000
) -> Statistics:
    """Count what documents hold, in one pass and bounded memory.

    Args:
        documents: Any number of documents; one at a time is held.
        most_common: How many surfaces to name per label.
        surface_limit: How many different surfaces per label to count exactly. When there are twice as many,
            the rarer half is forgotten, and ``surfaces_complete`` says so.
    """
    count = characters = words = without_spans = without_events = 0
    tallies: dict[str, _Tally] = {}
    events: Counter[str] = Counter()
    for document in documents:
        offsets = word_offsets(document.text)
        count += 1
        characters += len(document.text)
        words += len(offsets)
        without_spans += not document.spans
        without_events += not document.events
        events.update(set(document.events))
        for span in document.spans:
            first, last = word_range(offsets, span.start, span.end)
            if span.label not in tallies:
                tallies[span.label] = _Tally(surface_limit)
            tallies[span.label].add(span, last - first, document.text[span.start : span.end])
    lengths: Counter[int] = Counter()
    for tally in tallies.values():
        lengths.update(tally.lengths)
    ranked = sorted(tallies.items(), key=lambda item: (-item[1].spans, item[0]))
    return Statistics(
        documents=count,
        characters=characters,
        words=words,
        spans=sum(tally.spans for tally in tallies.values()),
        documents_without_spans=without_spans,
        documents_without_events=without_events,
        span_words=_lengths(lengths),
        labels={label: tally.result(most_common) for label, tally in ranked},
        events=dict(_ranked(events)),
        surfaces_complete=all(tally.is_complete for tally in tallies.values()),
    )


@dataclass(slots=True)
class _Tally:
    """Counts of one label's spans on the way."""

    surface_limit: int
    spans: int = 0
    attributes: Counter[str] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)
    surfaces: Counter[str] = field(default_factory=Counter)
    is_complete: bool = True

    def add(self, span: Span, words: int, surface: str) -> None:
        """Count one span."""
        self.spans += 1
        self.lengths[words] += 1
        if span.attribute is not None:
            self.attributes[span.attribute] += 1
        folded = " ".join(surface[: 2 * _SURFACE_LENGTH].split())
        self.surfaces[folded if len(folded) <= _SURFACE_LENGTH else folded[: _SURFACE_LENGTH - 1] + "…"] += 1
        if len(self.surfaces) > 2 * self.surface_limit:
            self.surfaces = Counter(dict(self.surfaces.most_common(self.surface_limit)))
            self.is_complete = False

    def result(self, most_common: int) -> LabelStatistics:
        """Return what was counted."""
        return LabelStatistics(
            spans=self.spans,
            attributes=dict(_ranked(self.attributes)),
            without_attribute=self.spans - self.attributes.total(),
            words=_lengths(self.lengths),
            surfaces=tuple(_ranked(self.surfaces)[:most_common]),
        )


def _ranked(counter: Counter[str]) -> list[tuple[str, int]]:
    """Return names and counts, most frequent first, then by name, so that reading order does not matter."""
    return sorted(counter.items(), key=lambda item: (-item[1], item[0]))


def _lengths(counter: Counter[int]) -> Lengths:
    """Summarise counted lengths."""
    total = counter.total()
    if not total:
        return Lengths()
    ordered = sorted(counter)
    mean = sum(length * counter[length] for length in ordered) / total
    median = (_nth(counter, ordered, (total - 1) // 2) + _nth(counter, ordered, total // 2)) / 2
    return Lengths(mean, median, ordered[-1])


def _nth(counter: Counter[int], ordered: list[int], position: int) -> int:
    """Return the length at ``position``, from 0, of all lengths in order."""
    for length in ordered:
        position -= counter[length]
        if position < 0:
            return length
    raise IndexError(position)
