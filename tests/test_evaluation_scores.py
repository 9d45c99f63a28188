"""Scores from counts, against numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data import Document, Span
from conflictner.data.counts import Counts
from conflictner.inference.evaluation.bootstrap import Bootstrap
from conflictner.inference.evaluation.pairs import pair_up
from conflictner.inference.evaluation.scores import event_counts, exact_counts, score_table
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.model.labels import DEFAULT_SCHEME

LABELS = tuple(DEFAULT_SCHEME.table)


def pairs_of(*cases):
    """Pair up (gold spans, predicted spans, gold events, predicted events), each span (start, end, label)."""
    text = "x" * 60
    documents = [
        Document(str(i), text, tuple(Span(*s) for s in gold), tuple(events))
        for i, (gold, _, events, _) in enumerate(cases)
    ]
    predictions = [
        Prediction(
            text, tuple(PredictedSpan(*s, text=text[s[0] : s[1]]) for s in spans), tuple(events), {}, 1.0
        )
        for _, spans, _, events in cases
    ]
    return pair_up(documents, predictions, DEFAULT_SCHEME)


# ACTOR: one right, one with a wrong end. WEAPON: taken for a LOCATION. LOCATION: one right, one missed.
HAND = pairs_of(
    (
        [(0, 5, "ACTOR"), (6, 10, "ACTOR"), (12, 20, "WEAPON")],
        [(0, 5, "ACTOR"), (6, 11, "ACTOR"), (12, 20, "LOCATION")],
        ["battle", "explosion"],
        ["battle"],
    ),
    ([(0, 4, "LOCATION"), (8, 12, "LOCATION")], [(0, 4, "LOCATION")], [], ["battle", "protest"]),
)


def test_exact_spans_by_hand():
    table = score_table(exact_counts(HAND, LABELS), LABELS)
    assert {name: score.counts for name, score in table.labels.items()} == {
        "ACTOR": Counts(1, 1, 1),
        "WEAPON": Counts(0, 0, 1),
        "LOCATION": Counts(1, 1, 1),
        "CASUALTY": Counts(0, 0, 0),
    }
    assert table.micro.counts == Counts(2, 2, 3)
    assert table.micro.counts.precision == 0.5
    assert table.micro.counts.recall == 0.4
    assert table.micro.counts.f1 == pytest.approx(4 / 9)
    assert table.macro.labels == ("ACTOR", "WEAPON", "LOCATION"), "CASUALTY occurs nowhere"
    assert table.macro.f1 == pytest.approx((0.5 + 0 + 0.5) / 3)


def test_event_types_by_hand():
    events = DEFAULT_SCHEME.events
    table = score_table(event_counts(HAND, events), events)
    assert table.labels["battle"].counts == Counts(1, 1, 0)
    assert table.labels["explosion"].counts == Counts(0, 0, 1)
    assert table.labels["protest"].counts == Counts(0, 1, 0)
    assert table.micro.counts == Counts(1, 2, 1)
    assert table.macro.labels == ("battle", "explosion", "protest")


def test_a_label_that_is_only_predicted_pulls_the_macro_mean_down():
    pairs = pairs_of(([(0, 5, "ACTOR")], [(0, 5, "ACTOR"), (6, 9, "WEAPON")], [], []))
    table = score_table(exact_counts(pairs, LABELS), LABELS)
    assert table.macro.labels == ("ACTOR", "WEAPON")
    assert table.macro.f1 == 0.5


def test_nothing_on_either_side_scores_zero_without_warning():
    table = score_table(exact_counts(pairs_of(([], [], [], [])), LABELS), LABELS, Bootstrap(10))
    assert table.macro.labels == ()
    assert (table.macro.f1, table.micro.counts.f1) == (0.0, 0.0)


def test_the_same_span_in_two_documents_counts_twice():
    case = ([(0, 5, "ACTOR")], [(0, 5, "ACTOR")], [], [])
    assert score_table(exact_counts(pairs_of(case, case), LABELS), LABELS).micro.counts == Counts(2, 0, 0)


def test_intervals_enclose_the_score_and_need_two_documents():
    table = score_table(exact_counts(HAND * 20, LABELS), LABELS, Bootstrap(200))
    for score in (table.labels["ACTOR"], table.labels["LOCATION"], table.micro):
        low, high = score.interval
        assert low <= score.counts.f1 <= high
    low, high = table.macro.interval
    assert low <= table.macro.f1 <= high
    assert table.labels["CASUALTY"].interval is None, "no draw has a span of it"
    assert score_table(exact_counts(HAND[:1], LABELS), LABELS, Bootstrap(200)).micro.interval is None
    assert score_table(exact_counts(HAND, LABELS), LABELS, Bootstrap(0)).micro.interval is None


@given(
    st.lists(st.lists(st.tuples(*[st.integers(0, 9)] * 3), min_size=2, max_size=2), min_size=1, max_size=9)
)
def test_micro_is_the_sum_of_the_labels_in_any_order_of_documents(rows):
    counts = np.array(rows, dtype=np.int64)
    table = score_table(counts, ["A", "B"], None)
    assert table.micro.counts == table.labels["A"].counts + table.labels["B"].counts
    assert score_table(counts[::-1], ["A", "B"], None) == table
