"""Four ways to say that a span was found, and the five outcomes of SemEval-2013 task 9.

Every gold and predicted span has at most one partner (see :func:`~.matching.match_spans`); all measures read
the same partners. What a pair of partners counts as:

=========  ============================  =========================  ====================
measure    same borders, same label      same borders, other label  other borders
=========  ============================  =========================  ====================
strict     correct                       incorrect                  incorrect
boundary   correct                       correct                    incorrect
partial    correct                       correct                    partial
label      correct                       incorrect                  correct, or incorrect
                                                                    with another label
=========  ============================  =========================  ====================

A gold span without a partner is missed, a predicted span without one is spurious. With COR, INC, PAR, MIS
and SPU for the numbers of the five outcomes (Chinchor and Sundheim 1993, "MUC-5 evaluation metrics";
Segura-Bedmar, Martínez and Herrero-Zazo 2013, "SemEval-2013 task 9")::

    possible  = COR + INC + PAR + MIS      the gold spans
    actual    = COR + INC + PAR + SPU      the predicted spans
    precision = (COR + PAR / 2) / actual
    recall    = (COR + PAR / 2) / possible
    F1        = 2 * precision * recall / (precision + recall)

so that strict is the score of exact spans, and no other measure gives less.

By hand: in "Rebels shelled eastern Aleppo with Grad rockets" the gold spans are ACTOR "Rebels", LOCATION
"eastern Aleppo" and WEAPON "Grad rockets"; predicted are ACTOR "Rebels", LOCATION "Aleppo" (a border is off),
ACTOR "Grad rockets" (the label is wrong) and WEAPON "shelled" (nothing is there). Three gold and four
predicted spans:

========  ===  ===  ===  ===  ===  =========  ======  =====
measure   COR  INC  PAR  MIS  SPU  precision  recall  F1
========  ===  ===  ===  ===  ===  =========  ======  =====
strict      1    2    0    0    1  1/4        1/3     0.286
boundary    2    1    0    0    1  2/4        2/3     0.571
partial     2    0    1    0    1  2.5/4      2.5/3   0.714
label       2    1    0    0    1  2/4        2/3     0.571
========  ===  ===  ===  ===  ===  =========  ======  =====

The score of one label takes its recall from the gold spans of that label and its precision from the predicted
ones: of ACTOR, 1 of 1 gold spans is found by its borders, and 2 of 2 predicted spans are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ...data.documents import Span
from ...model.labels import LabelScheme
from .bootstrap import Bootstrap
from .match_scores import MatchScore, Outcomes
from .pairs import Pair
from .scores import Interval, Macro, ScoreTable, count_places, mean_of_defined

__all__ = [
    "MEASURES",
    "attribute_tables",
    "label_tables",
]

_CORRECT, _INCORRECT, _PARTIAL, _ALONE = range(4)
_WORTH = (1.0, 0.0, 0.5, 0.0)  # of a span with each outcome

#: What a span counts as by each measure: with a partner of the same borders and label, of the same borders
#: alone, of the same label alone, of neither, and without a partner.
_RULES = {
    "strict": (_CORRECT, _INCORRECT, _INCORRECT, _INCORRECT, _ALONE),
    "boundary": (_CORRECT, _CORRECT, _INCORRECT, _INCORRECT, _ALONE),
    "partial": (_CORRECT, _CORRECT, _PARTIAL, _PARTIAL, _ALONE),
    "label": (_CORRECT, _INCORRECT, _CORRECT, _INCORRECT, _ALONE),
}
_RELATIONS = 5

#: The four measures, strictest first.
MEASURES = tuple(_RULES)


def label_tables(
    pairs: Sequence[Pair], labels: Sequence[str], bootstrap: Bootstrap | None = None
) -> dict[str, ScoreTable[MatchScore]]:
    """Return the table of each measure, by label."""
    return _tables(pairs, labels, lambda span: span.label, bootstrap)


def attribute_tables(
    pairs: Sequence[Pair], scheme: LabelScheme, bootstrap: Bootstrap | None = None
) -> dict[str, ScoreTable[MatchScore]]:
    """Return the table of each measure, by label and attribute value, such as ``CASUALTY:killed``.

    Label and attribute must be those of the gold span where a measure asks for the label. Spans of labels
    that have no attributes are left out, and so are gold spans that were not given one, with their partners.
    """
    names = [f"{label.name}:{value}" for label in scheme.labels for value in label.values]
    known = frozenset(names)

    def name(span: Span) -> str | None:
        found = f"{span.label}:{span.attribute}"
        return found if found in known else None

    open_labels = {label.name for label in scheme.labels if label.values}
    judged = [_without_open(pair, open_labels) for pair in pairs]
    return _tables(judged, names, name, bootstrap)


def _relation_counts(
    pairs: Sequence[Pair], names: Sequence[str], name: Callable[[Span], str | None]
) -> NDArray[np.int64]:
    """Count how spans stand to their partners.

    Args:
        pairs: The documents.
        names: What spans are counted under.
        name: Gives a span its name, or ``None`` to leave it out; two names must be equal to be right.

    Returns:
        Of gold and of predicted spans, by the relations that :data:`_RULES` judges; shape
        ``[documents, names, 2, relations]``.
    """
    first = {item: 2 * _RELATIONS * position for position, item in enumerate(names)}
    size = 2 * _RELATIONS * len(names)
    places: list[int] = []

    def count(row: int, name: str | None, is_predicted: bool, relation: int) -> None:
        if name is not None:
            places.append(row * size + first[name] + is_predicted * _RELATIONS + relation)

    for row, pair in enumerate(pairs):
        for gold, predicted in pair.matching.matched:
            left, right = name(gold), name(predicted)
            same_borders = gold.start == predicted.start and gold.end == predicted.end
            relation = 2 * (not same_borders) + (left != right)
            count(row, left, False, relation)
            count(row, right, True, relation)
        for span in pair.matching.missed:
            count(row, name(span), False, _RELATIONS - 1)
        for span in pair.matching.spurious:
            count(row, name(span), True, _RELATIONS - 1)
    return count_places(places, (len(pairs), len(names), 2, _RELATIONS))


def _without_open(pair: Pair, labels: set[str]) -> Pair:
    """Return the pair without gold spans whose attribute is open, and without their partners."""
    if not any(span.label in labels and span.attribute is None for span in pair.gold):
        return pair
    left_out = {
        span
        for gold, predicted in pair.matching.matched
        if gold.label in labels and gold.attribute is None
        for span in (gold, predicted)
    }
    left_out.update(span for span in pair.matching.missed if span.label in labels and span.attribute is None)
    return pair.only(lambda span: span not in left_out)


def _tables(
    pairs: Sequence[Pair],
    names: Sequence[str],
    name: Callable[[Span], str | None],
    bootstrap: Bootstrap | None,
) -> dict[str, ScoreTable[MatchScore]]:
    counts = _relation_counts(pairs, names, name)
    drawn = None
    if bootstrap is not None and bootstrap.draws and len(pairs) > 1:
        drawn = bootstrap.totals(counts)
    total = counts.sum(axis=0)
    return {
        measure: _table(total, names, np.eye(4, dtype=np.int64)[list(rule)], bootstrap, drawn)
        for measure, rule in _RULES.items()
    }


def _table(
    total: NDArray[np.int64],
    names: Sequence[str],
    outcomes: NDArray[np.int64],
    bootstrap: Bootstrap | None,
    drawn: NDArray[np.float64] | None,
) -> ScoreTable[MatchScore]:
    """Return a table.

    Args:
        total: Counts of relations, shape ``[names, 2, relations]``.
        names: What spans are counted under.
        outcomes: Which outcome each relation is, shape ``[relations, 4]``.
        bootstrap: Gives the intervals.
        drawn: The counts of each draw, shape ``[draws, names, 2, relations]``.
    """
    intervals: list[Interval] = [None] * len(names)
    micro = macro = None
    if bootstrap is not None and drawn is not None:
        spans, worth = drawn.sum(axis=-1), np.dot(drawn, np.dot(outcomes, _WORTH))
        f1 = _f1(spans, worth)
        intervals = [bootstrap.interval(f1[:, index]) for index in range(len(names))]
        micro = bootstrap.interval(_f1(spans.sum(axis=1), worth.sum(axis=1)))
        macro = bootstrap.interval(mean_of_defined(f1))
    total = np.dot(total, outcomes)
    lines = {item: _score(row, interval) for item, row, interval in zip(names, total, intervals, strict=True)}
    occurring = {item: line for item, line in lines.items() if line.gold.total + line.predicted.total}
    return ScoreTable(lines, _score(total.sum(axis=0), micro), Macro.of(occurring, macro))


def _score(counts: NDArray[np.int64], interval: Interval) -> MatchScore:
    gold, predicted = counts.tolist()
    return MatchScore(Outcomes(*gold), Outcomes(*predicted), interval)


def _f1(spans: NDArray[np.float64], worth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return F1 of gold and predicted spans, how many there are and what they are worth, shape ``[..., 2]``.

    Returns:
        Shape ``[...]``; NaN where there is no span on either side.
    """
    shares = np.divide(worth, spans, out=np.zeros_like(spans), where=spans > 0)
    total = shares.sum(axis=-1)
    f1: NDArray[np.float64] = np.divide(
        2 * shares.prod(axis=-1), total, out=np.zeros_like(total), where=total > 0
    )
    f1[spans.sum(axis=-1) == 0] = np.nan
    return f1
