"""seqeval's reports over word-level IOB2 sequences, beside our own counts.

The numbers are those of ``seqeval.metrics.classification_report`` to the last bit, which the tests hold on
random sequences, legal and not. They are computed here by seqeval's rules, because seqeval itself imports
scikit-learn, which takes longer than everything else an evaluation does around the model.

An entity of the default mode (conlleval's) is a longest run of ``B-X I-X ...`` or of ``I-X I-X ...``; strict
mode with the scheme IOB2 knows those alone that begin with ``B``. Spans make legal sequences, in which there
are no others, so both reports of an evaluation agree with each other and, where every span begins and ends at
word borders, with our exact-span scores.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from ...data.documents import Span
from .pairs import Pair

__all__ = [
    "DEFAULT_NAME",
    "STRICT_NAME",
    "Alignment",
    "SeqevalReport",
    "SeqevalScore",
    "TaggedWords",
    "seqeval_reports",
    "seqeval_tables",
    "tag_words",
]

STRICT_NAME = 'seqeval strict (mode="strict", scheme=IOB2)'
DEFAULT_NAME = "seqeval default"

#: Label, number of the sequence, first word, word behind the last.
_Entity = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class SeqevalScore:
    """One line of a seqeval report.

    Attributes:
        precision: In [0, 1].
        recall: In [0, 1].
        f1: In [0, 1].
        support: Number of gold entities.
    """

    precision: float = 0.0
    recall: float = 0.0
    f1: float = 0.0
    support: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"precision": self.precision, "recall": self.recall, "f1": self.f1, "support": self.support}


@dataclass(frozen=True, slots=True)
class SeqevalReport:
    """What ``seqeval.metrics.classification_report`` says.

    Attributes:
        name: Which mode this is, with its arguments.
        labels: The labels that occur in gold or predicted sequences, in the order of the scheme.
        averages: ``micro``, ``macro`` and ``weighted``; all zero when no label occurs.
    """

    name: str
    labels: Mapping[str, SeqevalScore]
    averages: Mapping[str, SeqevalScore]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "name": self.name,
            "labels": {label: score.to_dict() for label, score in self.labels.items()},
            **{name: score.to_dict() for name, score in self.averages.items()},
        }


@dataclass(frozen=True, slots=True)
class Alignment:
    """How spans became word-level sequences; sequences cannot say where inside a word a span begins.

    Attributes:
        words: Number of words.
        gold_snapped: Gold spans that begin or end inside a word, or share one, and were moved to word
            borders.
        gold_lost: Gold spans left out because all their words belong to the span before.
        predicted_snapped: Predicted spans that were moved.
        predicted_lost: Predicted spans left out.
    """

    words: int
    gold_snapped: int
    gold_lost: int
    predicted_snapped: int
    predicted_lost: int

    def to_dict(self) -> dict[str, int]:
        """Return plain JSON values."""
        return {
            "words": self.words,
            "gold_snapped": self.gold_snapped,
            "gold_lost": self.gold_lost,
            "predicted_snapped": self.predicted_snapped,
            "predicted_lost": self.predicted_lost,
        }


@dataclass(frozen=True, slots=True)
class TaggedWords:
    """A word-level IOB2 sequence.

    Attributes:
        tags: One tag a word.
        snapped: Spans that were moved to word borders.
        lost: Spans that found no word.
    """

    tags: list[str]
    snapped: int
    lost: int


def tag_words(words: Sequence[tuple[int, int]], spans: Sequence[Span]) -> TaggedWords:
    """Write spans as IOB2 tags: a span takes the words it shares a character with and that are still free.

    >>> tag_words([(0, 2), (3, 7), (8, 9)], [Span(3, 9, "ACTOR")]).tags
    ['O', 'B-ACTOR', 'I-ACTOR']

    Args:
        words: Half-open word offsets, sorted.
        spans: Flat spans, sorted by start.
    """
    tags = ["O"] * len(words)
    snapped = lost = position = 0
    for span in spans:
        while position < len(words) and words[position][1] <= span.start:
            position += 1
        first = position
        while position < len(words) and words[position][0] < span.end:
            tags[position] = f"{'B' if position == first else 'I'}-{span.label}"
            position += 1
        if first == position:
            lost += 1
        elif (words[first][0], words[position - 1][1]) != (span.start, span.end):
            snapped += 1
    return TaggedWords(tags, snapped, lost)


def seqeval_tables(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], labels: Sequence[str]
) -> tuple[SeqevalReport, SeqevalReport]:
    """Return what seqeval says of tag sequences.

    >>> strict, default = seqeval_tables([["B-ACTOR", "O"]], [["I-ACTOR", "O"]], ["ACTOR"])
    >>> strict.averages["micro"].f1, default.averages["micro"].f1
    (0.0, 1.0)

    Args:
        gold: IOB2 tags, legal or not, one list a sequence.
        predicted: The same shape.
        labels: The labels that may occur, in order. They are taken as they are, where seqeval reads a label
            such as ``A-`` as ``A``.

    Returns:
        The strict and the default report.
    """
    asked, found = _entities(gold), _entities(predicted)
    strict = _report(STRICT_NAME, _begun(asked), _begun(found), labels)
    return strict, _report(DEFAULT_NAME, set(asked), set(found), labels)


def _begun(entities: Mapping[_Entity, str]) -> set[_Entity]:
    """Return the entities of strict mode."""
    return {entity for entity, letter in entities.items() if letter == "B"}


def _entities(sequences: Iterable[Iterable[str]]) -> dict[_Entity, str]:
    """Return the entities of the default mode, each with the letter that it begins with."""
    entities: dict[_Entity, str] = {}
    for number, tags in enumerate(sequences):
        begin, label, letter, going_on = 0, "", "", "O"
        for index, tag in enumerate(chain(tags, "O")):
            if tag == going_on:
                continue
            if label:
                entities[label, number, begin, index] = letter
            begin, label, letter = index, tag[2:], tag[0]
            going_on = f"I-{label}" if label else "O"
    return entities


def _report(name: str, gold: set[_Entity], predicted: set[_Entity], labels: Sequence[str]) -> SeqevalReport:
    correct, found, asked = (
        Counter(entity[0] for entity in entities) for entities in (gold & predicted, predicted, gold)
    )
    occurring = found.keys() | asked.keys()
    lines = {
        label: _score(correct[label], found[label], asked[label]) for label in labels if label in occurring
    }
    averages = {
        "micro": _score(correct.total(), found.total(), asked.total()),
        "macro": _mean(lines.values(), [1] * len(lines)),
        "weighted": _mean(lines.values(), [line.support for line in lines.values()]),
    }
    return SeqevalReport(name, lines, averages)


def _score(correct: int, predicted: int, gold: int) -> SeqevalScore:
    """Return one line; a share of nothing is 0."""
    precision = correct / predicted if predicted else 0.0
    recall = correct / gold if gold else 0.0
    total = precision + recall
    return SeqevalScore(precision, recall, 2 * precision * recall / total if total else 0.0, gold)


def _mean(lines: Collection[SeqevalScore], weights: Sequence[int]) -> SeqevalScore:
    """Return a weighted mean; zeros without any weight."""
    if not any(weights):
        return SeqevalScore()

    def mean(values: Iterable[float]) -> float:
        return float(np.average(list(values), weights=weights))  # adds up in the order of seqeval

    return SeqevalScore(
        mean(line.precision for line in lines),
        mean(line.recall for line in lines),
        mean(line.f1 for line in lines),
        sum(line.support for line in lines),
    )


def seqeval_reports(
    pairs: Sequence[Pair], labels: Sequence[str]
) -> tuple[tuple[SeqevalReport, SeqevalReport], Alignment]:
    """Return what seqeval says of the pairs.

    Each document is a sequence.

    Returns:
        The strict and the default report, and how spans became sequences.
    """
    gold: list[list[str]] = []
    predicted: list[list[str]] = []
    tally = [0] * 5
    for pair in pairs:
        left, right = tag_words(pair.words, pair.gold), tag_words(pair.words, pair.predicted)
        for index, number in enumerate((len(pair.words), left.snapped, left.lost, right.snapped, right.lost)):
            tally[index] += number
        gold.append(left.tags)
        predicted.append(right.tags)
    return seqeval_tables(gold, predicted, labels), Alignment(*tally)
