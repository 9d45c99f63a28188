"""seqeval's reports over word-level IOB2 sequences, beside our own counts.

Both reports judge the same legal sequences, so they agree with each other and, where every span begins and
ends at word borders, with our exact-span scores. ``mode="strict"`` needs the scheme: without one, seqeval
guesses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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

_AVERAGES = ("micro", "macro", "weighted")


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
    gold: Sequence[list[str]], predicted: Sequence[list[str]], labels: Sequence[str]
) -> tuple[SeqevalReport, SeqevalReport]:
    """Run seqeval over tag sequences.

    Labels go in under short codes, because seqeval reads a label such as ``A-`` as ``A``.

    Args:
        gold: Legal IOB2 tags, one list a sequence.
        predicted: The same shape.
        labels: The labels that may occur, in order.

    Returns:
        The strict and the default report.
    """
    from seqeval.metrics.sequence_labeling import precision_recall_fscore_support as default_scores
    from seqeval.metrics.v1 import precision_recall_fscore_support as strict_scores
    from seqeval.scheme import IOB2, Entities

    codes = {label: f"L{index:04}" for index, label in enumerate(labels)}  # sorted as seqeval sorts them
    tags = {f"{begin}-{label}": f"{begin}-{code}" for label, code in codes.items() for begin in "BI"}
    tags["O"] = "O"
    coded = [[[tags[tag] for tag in sequence] for sequence in side] for side in (gold, predicted)]

    def default(average: str | None) -> Any:
        return default_scores(*coded, average=average, zero_division=0)

    entities_true, entities_pred = (Entities(side, IOB2) for side in coded)

    def strict(average: str | None) -> Any:
        entities = {"entities_true": entities_true, "entities_pred": entities_pred}
        return strict_scores(*coded, average=average, zero_division=0, scheme=IOB2, **entities)

    found = {
        STRICT_NAME: (strict, entities_true.unique_tags | entities_pred.unique_tags),
        DEFAULT_NAME: (default, {tag[2:] for side in coded for sequence in side for tag in sequence} - {""}),
    }
    reports = [
        _report(name, scores, [label for label, code in codes.items() if code in occurring])
        for name, (scores, occurring) in found.items()
    ]
    return reports[0], reports[1]


def _report(name: str, scores: Callable[[str | None], Any], labels: Sequence[str]) -> SeqevalReport:
    """Return what ``seqeval.metrics.classification_report`` says, which computes each number several times.

    Args:
        name: The mode.
        scores: Gives precision, recall, F1 and support, of each label or as an average.
        labels: The labels that have an entity on either side.
    """
    if not labels:  # seqeval divides by their number
        return SeqevalReport(name, {}, dict.fromkeys(_AVERAGES, SeqevalScore()))
    lines = [_score(*line) for line in zip(*scores(None), strict=True)]
    averages = {
        "micro": _score(*scores("micro")),
        "macro": _mean(lines, [1] * len(lines)),
        "weighted": _mean(lines, [line.support for line in lines]),
    }
    return SeqevalReport(name, dict(zip(labels, lines, strict=True)), averages)


def _score(precision: Any, recall: Any, f1: Any, support: Any) -> SeqevalScore:
    return SeqevalScore(float(precision), float(recall), float(f1), int(support))


def _mean(lines: Sequence[SeqevalScore], weights: Sequence[int]) -> SeqevalScore:
    """Return a weighted mean; zeros without any weight."""
    total = sum(weights)
    if not total:
        return SeqevalScore()

    def mean(values: Iterable[float]) -> float:
        return sum(value * weight for value, weight in zip(values, weights, strict=True)) / total

    return SeqevalScore(
        mean(line.precision for line in lines),
        mean(line.recall for line in lines),
        mean(line.f1 for line in lines),
        sum(line.support for line in lines),
    )


def seqeval_reports(
    pairs: Sequence[Pair], labels: Sequence[str]
) -> tuple[tuple[SeqevalReport, SeqevalReport], Alignment]:
    """Run seqeval over the pairs.

    Each document is a sequence. Words that are ``O`` on both sides hold no entity, and words at which an
    entity goes on on both sides tell nothing that its first word and its end do not; seqeval gets the others
    alone. That changes no number and makes it several times faster: entities still begin and end at the same
    places where they did, and at different places where they did not.

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
        telling = [tags for tags in zip(left.tags, right.tags, strict=True) if _tells(*tags)]
        gold.append([tag for tag, _ in telling])
        predicted.append([tag for _, tag in telling])
    return seqeval_tables(gold, predicted, labels), Alignment(*tally)


def _tells(gold: str, predicted: str) -> bool:
    """Whether an entity begins or ends at a word on one side or both, or is there on one side alone."""
    return gold != predicted if gold == "O" or predicted == "O" else gold[0] == "B" or predicted[0] == "B"
