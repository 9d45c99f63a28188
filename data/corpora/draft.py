"""Drafts: a text with what is marked in it and what is left open, before it is cut into passages."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from ..documents import Document, Span
from ..sources import public_set
from ..splitting import sentence_offsets
from ..words import word_offsets, word_range
from .counts import ImportCounts
from .originals import Original

__all__ = ["PASSAGE_SENTENCES", "Draft"]

#: Most sentences in a passage, as in the project's own passages.
PASSAGE_SENTENCES = 3

_EMPTY_LINE = re.compile(r"\n\s*\n")
_LONGEST_PASSAGE = 120  # words; longer passages are hardly ever prose, and wear out the encoder's window


@dataclass
class Draft:
    """A document of a public set on its way to passages.

    Attributes:
        source: Name of the set.
        id: The document's name in it.
        text: Its text.
        counts: Where what happens is counted.
        annotated: The labels of which the set marks everything, as far as nothing is left open.
        sentences: Half-open offsets of the sentences; ``None`` finds them by punctuation and empty lines.
        is_caseless: Whether all of the text is in capital letters, or none of it.
        words: Half-open offsets of the words.
    """

    source: str
    id: str
    text: str
    counts: ImportCounts
    annotated: Collection[str] = ()
    sentences: Sequence[tuple[int, int]] | None = None
    is_caseless: bool = field(default=False, init=False)
    words: list[tuple[int, int]] = field(default_factory=list, init=False)
    _spans: list[Span] = field(default_factory=list, init=False)
    _open: list[tuple[int, int, frozenset[str]]] = field(default_factory=list, init=False)
    _marked: bytearray = field(default_factory=bytearray, init=False)  # for each word whether it is

    @classmethod
    def of(cls, source: str, original: Original, counts: ImportCounts) -> Self:
        """Begin with a document of a public set; nothing is marked yet."""
        counts.dropped.update(original.absent)
        annotated = public_set(source).annotated
        return cls(source, original.id, original.text, counts, annotated, original.sentences)

    def __post_init__(self) -> None:
        self.words = word_offsets(self.text)
        self._marked = bytearray(len(self.words))
        self.is_caseless = self.text.isupper() or self.text.islower()
        self.counts.documents += 1

    def word(self, index: int) -> str:
        """Return a word of the text, empty outside of it."""
        if not 0 <= index < len(self.words):
            return ""
        start, end = self.words[index]
        return self.text[start:end]

    def surface(self, first: int, last: int) -> str:
        """Return the text of the words ``first:last``, a half-open range that is not empty."""
        return self.text[self.words[first][0] : self.words[last - 1][1]]

    def range(self, start: int, end: int) -> tuple[int, int]:
        """Return the half-open range of the words that characters ``start:end`` touch, and count a snap."""
        first, last = word_range(self.words, start, end)
        if first < last and (self.words[first][0], self.words[last - 1][1]) != (start, end):
            self.counts.snapped += 1
        return first, last

    def is_marked(self, first: int, last: int) -> bool:
        """Whether any of the words ``first:last`` is marked."""
        return any(self._marked[first:last])

    def mark(self, first: int, last: int, label: str, attribute: str | None = None) -> None:
        """Mark the words ``first:last``; what overlaps something marked before is dropped."""
        if self.is_marked(first, last):
            self.counts.dropped["overlaps another span"] += 1
            return
        self._marked[first:last] = b"\1" * (last - first)
        self._spans.append(Span(self.words[first][0], self.words[last - 1][1], label, attribute))

    def drop(self, first: int, last: int, reason: str, *labels: str) -> None:
        """Count a span that is not kept.

        Args:
            first: Its first word.
            last: The word behind its last.
            reason: Why, for the counts.
            labels: What there may be all the same: a passage around it does not count as annotated for them.
        """
        self.counts.dropped[reason] += 1
        self.leave_open(first, last, *labels)

    def leave_open(self, first: int, last: int, *labels: str) -> None:
        """Note that any of ``labels`` may be in the words ``first:last``."""
        if labels and first < last:
            self._open.append((self.words[first][0], self.words[last - 1][1], frozenset(labels)))

    def passages(self, sentences: int = PASSAGE_SENTENCES) -> Iterator[Document]:
        """Yield the passages from which something can be learned.

        Args:
            sentences: Most sentences in a passage; 0 leaves the text whole.
        """
        self._spans.sort(key=lambda span: span.start)
        self._open.sort(key=lambda item: item[0])
        if not sentences:
            whole = [(0, len(self.text))]
            yield from self._passage(self.id, whole)
            return
        offsets = list(_sentences(self.text) if self.sentences is None else self.sentences)
        self._drop_crossing(offsets)
        self._open.sort(key=lambda item: item[0])
        groups = list(self._groups(offsets, sentences))
        for number, group in enumerate(groups):
            yield from self._passage(f"{self.id}-{number}" if len(groups) > 1 else self.id, group)

    def _drop_crossing(self, sentences: Sequence[tuple[int, int]]) -> None:
        """Drop the spans that do not lie in a sentence."""
        kept = []
        for span in self._spans:
            index = bisect_right(sentences, span.start, key=lambda sentence: sentence[0]) - 1
            if index >= 0 and span.end <= sentences[index][1]:
                kept.append(span)
            else:
                self.counts.dropped["crosses the border of a sentence"] += 1
                self._open.append((span.start, span.end, frozenset([span.label])))
        self._spans = kept

    def _groups(self, sentences: Sequence[tuple[int, int]], most: int) -> Iterator[list[tuple[int, int]]]:
        """Gather neighbouring sentences into passages."""
        group: list[tuple[int, int]] = []
        for sentence in sentences:
            first = group[0][0] if group else sentence[0]
            begin, end = word_range(self.words, first, sentence[1])
            if group and (len(group) == most or end - begin > _LONGEST_PASSAGE):
                yield group
                group = []
            group.append(sentence)
        if group:
            yield group

    def _passage(self, name: str, sentences: Sequence[tuple[int, int]]) -> Iterator[Document]:
        """Yield one passage, unless nothing can be learned from it."""
        pieces: list[str] = []
        spans: list[Span] = []
        is_open: set[str] = set()
        longest = max((stop - begin for begin, stop, _ in self._open), default=0)
        length = 0
        for start, end in sentences:
            shift = length - start
            first = bisect_left(self._spans, start, key=lambda span: span.start)
            last = bisect_left(self._spans, end, key=lambda span: span.start)
            spans += [
                replace(span, start=span.start + shift, end=span.end + shift)
                for span in self._spans[first:last]
            ]
            first = bisect_left(self._open, start - longest, key=lambda item: item[0])
            last = bisect_left(self._open, end, key=lambda item: item[0])
            is_open.update(*(labels for _, stop, labels in self._open[first:last] if start < stop))
            pieces.append(self.text[start:end])
            length += end - start + 1
        annotated = [label for label in self.annotated if label not in is_open]
        if not spans and not annotated:
            self.counts.left_out["nothing in them that could be learned"] += 1
            return
        self.counts.passages += 1
        self.counts.kept.update(span.label for span in spans)
        meta = {"source": self.source, "document": self.id, "annotated": annotated}
        yield Document(f"{self.source}-{name}", " ".join(pieces), tuple(spans), (), meta)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield the sentences of the paragraphs of ``text``."""
    begin = 0
    for end in [*(match.start() for match in _EMPTY_LINE.finditer(text)), len(text)]:
        yield from ((begin + start, begin + stop) for start, stop in sentence_offsets(text[begin:end]))
        begin = end
