"""The four measures and five outcomes, against the example of the module and fixtures worked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data import Document, Span
from conflictner.inference.evaluation.bootstrap import Bootstrap
from conflictner.inference.evaluation.match_scores import Outcomes
from conflictner.inference.evaluation.pairs import pair_up
from conflictner.inference.evaluation.scores import exact_counts, score_table
from conflictner.inference.evaluation.semeval import MEASURES, attribute_tables, label_tables
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.model.labels import DEFAULT_SCHEME

LABELS = tuple(DEFAULT_SCHEME.table)
TEXT = "Rebels shelled eastern Aleppo with Grad rockets"


def pairs_of(*cases, text=TEXT):
    """Pair up (gold spans, predicted spans), each span (start, end, label) and perhaps its attribute."""
    documents = [
        Document(str(index), text, tuple(Span(*span) for span in gold))
        for index, (gold, _) in enumerate(cases)
    ]
    predictions = [
        Prediction(text, tuple(PredictedSpan(*span) for span in spans), (), {}, 1.0) for _, spans in cases
    ]
    return pair_up(documents, predictions, DEFAULT_SCHEME)


EXAMPLE = pairs_of(
    (
        [(0, 6, "ACTOR", "agent"), (15, 29, "LOCATION"), (35, 47, "WEAPON")],
        [(0, 6, "ACTOR", "agent"), (7, 14, "WEAPON"), (23, 29, "LOCATION"), (35, 47, "ACTOR", "other")],
    )
)


@pytest.mark.parametrize(
    ("measure", "correct", "incorrect", "partial", "precision", "recall", "f1"),
    [
        ("strict", 1, 2, 0, 1 / 4, 1 / 3, 0.286),
        ("boundary", 2, 1, 0, 2 / 4, 2 / 3, 0.571),
        ("partial", 2, 0, 1, 2.5 / 4, 2.5 / 3, 0.714),
        ("label", 2, 1, 0, 2 / 4, 2 / 3, 0.571),
    ],
)
def test_the_example_of_the_docstring(measure, correct, incorrect, partial, precision, recall, f1):
    micro = label_tables(EXAMPLE, LABELS)[measure].micro
    assert micro.gold == Outcomes(correct, incorrect, partial, 0)
    assert micro.predicted == Outcomes(correct, incorrect, partial, 1)
    assert (micro.precision, micro.recall) == pytest.approx((precision, recall))
    assert micro.f1 == pytest.approx(f1, abs=5e-4)


def test_a_label_takes_recall_from_its_gold_spans_and_precision_from_its_predicted_ones():
    tables = label_tables(EXAMPLE, LABELS)
    actor = tables["boundary"].labels["ACTOR"]
    assert (actor.gold, actor.predicted) == (Outcomes(1, 0, 0, 0), Outcomes(2, 0, 0, 0))
    weapon = tables["boundary"].labels["WEAPON"]
    assert (weapon.gold, weapon.predicted) == (Outcomes(1, 0, 0, 0), Outcomes(0, 0, 0, 1))
    assert tables["strict"].labels["ACTOR"].precision == 0.5
    assert tables["partial"].labels["LOCATION"].f1 == 0.5
    assert tables["label"].labels["LOCATION"].f1 == 1.0
    assert tables["strict"].macro.labels == ("ACTOR", "WEAPON", "LOCATION")
    assert tables["strict"].macro.f1 == pytest.approx((2 / 3 + 0 + 0) / 3)


def test_a_span_answers_for_one_gold_span_only():
    pairs = pairs_of(([(0, 6, "ACTOR"), (7, 14, "ACTOR")], [(0, 14, "ACTOR")]))
    micro = label_tables(pairs, LABELS)["label"].micro
    assert (micro.gold, micro.predicted) == (Outcomes(1, 0, 0, 1), Outcomes(1, 0, 0, 0))
    assert label_tables(pairs, LABELS)["partial"].micro.recall == 0.25


def test_attributes_by_hand():
    """One right, one with another attribute, one cut, one with an open attribute, which is not judged."""
    pairs = pairs_of(
        (
            [
                (0, 6, "ACTOR", "agent"),
                (7, 14, "CASUALTY", "killed"),
                (15, 29, "ACTOR", "target"),
                (35, 47, "ACTOR"),
            ],
            [
                (0, 6, "ACTOR", "agent"),
                (7, 14, "CASUALTY", "injured"),
                (15, 22, "ACTOR", "target"),
                (35, 47, "ACTOR", "other"),
            ],
        )
    )
    tables = attribute_tables(pairs, DEFAULT_SCHEME)
    assert list(tables["strict"].labels)[:2] == ["ACTOR:agent", "ACTOR:target"]
    assert tables["strict"].labels["ACTOR:agent"].f1 == 1.0
    assert tables["strict"].labels["CASUALTY:killed"].gold == Outcomes(0, 1, 0, 0)
    assert tables["strict"].labels["CASUALTY:injured"].predicted == Outcomes(0, 1, 0, 0)
    assert tables["boundary"].labels["CASUALTY:killed"].recall == 1.0
    assert tables["label"].labels["ACTOR:target"].f1 == 1.0
    assert tables["partial"].labels["ACTOR:target"].f1 == 0.5
    assert tables["strict"].labels["ACTOR:other"].predicted.total == 0, "its gold span has no attribute"
    assert tables["strict"].micro.gold.total == 3


def test_nothing_to_count_is_zero_without_a_warning():
    for tables in (label_tables(pairs_of(([], [])), LABELS), attribute_tables((), DEFAULT_SCHEME)):
        assert [table.micro.f1 for table in tables.values()] == [0.0] * 4


def test_intervals_hold_the_score():
    half = pairs_of(([(0, 6, "ACTOR")], [(0, 6, "ACTOR")]), ([(0, 6, "ACTOR")], [(0, 14, "ACTOR")]))
    tables = label_tables(half * 20, LABELS, Bootstrap(100))
    assert tables["strict"].micro.interval == pytest.approx((0.35, 0.65), abs=0.06)
    assert tables["partial"].micro.interval == pytest.approx((0.675, 0.825), abs=0.03)
    for table in tables.values():
        low, high = table.micro.interval
        assert low <= table.micro.f1 + 1e-9
        assert table.micro.f1 - 1e-9 <= high
        assert table.labels["CASUALTY"].interval is None


flat = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.sampled_from(LABELS)), max_size=6)


def laid_out(pieces):
    """Place pieces of (gap, length, label) one behind the other."""
    spans, end = [], 0
    for gap, length, label in pieces:
        spans.append((end + gap, end + gap + length, label))
        end += gap + length
    return spans


@given(st.lists(st.tuples(flat, flat), min_size=1, max_size=4))
def test_what_holds_for_any_spans(cases):
    pairs = pairs_of(*((laid_out(gold), laid_out(found)) for gold, found in cases), text="x" * 60)
    tables = label_tables(pairs, LABELS, Bootstrap(5))
    exact = score_table(exact_counts(pairs, LABELS), LABELS)
    for label in LABELS:
        counts, line = exact.labels[label].counts, tables["strict"].labels[label]
        assert line.gold.correct == line.predicted.correct == counts.tp
        assert line.f1 == pytest.approx(counts.f1), "strict is the score of exact spans"
    assert tables["strict"].macro.f1 == pytest.approx(exact.macro.f1)
    for measure in MEASURES:
        micro = tables[measure].micro
        assert micro.gold.total == sum(len(pair.gold) for pair in pairs)
        assert micro.predicted.total == sum(len(pair.predicted) for pair in pairs)
        assert micro.gold.correct == micro.predicted.correct
        assert micro.f1 >= tables["strict"].micro.f1
    assert tables["partial"].micro.f1 >= tables["boundary"].micro.f1
