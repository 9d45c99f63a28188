"""Precision-recall curves and best thresholds, against counting again at every threshold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data import Document, Span
from conflictner.inference.evaluation.curves import curve, curves
from conflictner.inference.evaluation.pairs import pair_up
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.model.labels import DEFAULT_SCHEME

LABELS = tuple(DEFAULT_SCHEME.table)


def test_by_hand():
    found = curve([0.9, 0.7, 0.6, 0.2], [True, False, True, False], gold=2)
    assert found.best.threshold == pytest.approx(0.4)
    assert found.best.f1 == 0.8
    at = {point.threshold: point for point in found.points}
    assert (at[0.0].precision, at[0.0].recall) == (0.5, 1.0)
    assert (at[0.7].precision, at[0.7].recall) == (0.5, 0.5)
    assert at[0.72].precision == 1.0
    assert max(at) == 0.9, "no span reaches 0.92"
    assert len(at) == 46


def test_of_equal_f1_the_lowest_threshold_is_taken():
    # kept 1: 2/(1+2); kept 4: 4/(4+2)
    found = curve([0.9, 0.8, 0.7, 0.6], [True, False, False, True], gold=2)
    assert found.best.threshold == 0.0
    assert found.best.recall == 1.0


@pytest.mark.parametrize(("scores", "right", "gold"), [([], [], 3), ([0.5], [True], 0), ([0.5], [False], 3)])
def test_there_is_no_best_where_nothing_can_be_right(scores, right, gold):
    assert curve(scores, right, gold).to_dict() == {"best": None, "points": []}


scored = st.lists(st.tuples(st.integers(0, 20).map(lambda n: n / 20), st.booleans()), min_size=1, max_size=12)


@given(scored, st.integers(0, 5))
def test_the_best_threshold_beats_every_other_and_its_figures_are_true(spans, missed):
    scores, right = zip(*spans, strict=True)
    gold = sum(right) + missed
    found = curve(scores, right, gold)
    if not any(right):
        assert found.best is None
        return

    def figures(threshold):
        kept = [hit for score, hit in spans if score >= threshold]
        return sum(kept) / max(1, len(kept)), sum(kept) / gold, 2 * sum(kept) / (len(kept) + gold)

    best = found.best
    assert (best.precision, best.recall, best.f1) == pytest.approx(figures(best.threshold))
    assert best.f1 >= max(figures(threshold)[2] for threshold in (0, *scores)) - 1e-12
    for point in found.points:
        assert (point.precision, point.recall, point.f1) == pytest.approx(figures(point.threshold))


def test_labels_have_curves_of_their_own():
    gold = Document("a", "x" * 20, (Span(0, 2, "ACTOR"), Span(3, 5, "WEAPON")))
    spans = (
        PredictedSpan(0, 2, "ACTOR", None, 0.4),
        PredictedSpan(3, 5, "LOCATION", None, 0.9),
        PredictedSpan(6, 8, "ACTOR", None, 0.2),
        PredictedSpan(9, 11, "ACTOR"),
    )
    found = curves(pair_up([gold], [Prediction(gold.text, spans, (), {}, 1.0)], DEFAULT_SCHEME), LABELS)
    assert found.labels["ACTOR"].best.threshold == pytest.approx(0.3)
    assert found.labels["ACTOR"].best.f1 == 1.0
    assert found.labels["WEAPON"].best is None
    assert found.labels["LOCATION"].best is None
    assert found.overall.best.f1 == 0.5
