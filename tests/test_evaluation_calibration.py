"""Expected calibration error and reliability data, against numbers worked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data import Document, Span
from conflictner.inference.evaluation.calibration import BINS, calibration, reliability
from conflictner.inference.evaluation.pairs import pair_up
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.model.labels import DEFAULT_SCHEME


def test_by_hand():
    # bins of width 0.2; 0.05 and 0.15, none right: |0 - 0.1| * 2/5; 0.9, 1 and 0.95, two right:
    # |2/3 - 0.95| * 3/5
    data = reliability([0.05, 0.15, 0.9, 1.0, 0.95], [False, False, True, True, False], bins=5)
    assert data.error == pytest.approx(0.4 * 0.1 + 0.6 * (0.95 - 2 / 3))
    assert [part.spans for part in data.bins] == [2, 0, 0, 0, 3]
    assert data.bins[4].confidence == pytest.approx(0.95)
    assert data.bins[4].accuracy == pytest.approx(2 / 3)
    assert data.bins[1].confidence is None
    assert data.bins[1].accuracy is None


def test_borders_belong_to_the_lower_bin():
    for index in range(1, BINS + 1):
        bins = reliability([index / BINS], [True]).bins
        assert [part.spans for part in bins].index(1) == index - 1
    assert reliability([0.0], [True]).bins[0].spans == 1


def test_no_spans_have_no_error():
    data = reliability([], [])
    assert (data.error, data.spans, len(data.bins)) == (None, 0, BINS)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_error_is_a_share_and_every_span_is_in_its_bin(items):
    data = reliability([score for score, _ in items], [right for _, right in items])
    assert 0 <= data.error <= 1 + 1e-12
    assert sum(part.spans for part in data.bins) == len(items)
    for part in data.bins:
        if part.spans:
            assert part.lower - 1e-12 <= part.confidence <= part.upper + 1e-12
            inside = [
                right
                for score, right in items
                if part.lower < score <= part.upper or score == part.lower == 0
            ]
            assert len(inside) == part.spans
            assert part.accuracy == pytest.approx(sum(inside) / len(inside))


def test_right_means_start_end_and_label_and_unscored_spans_are_left_out():
    text = "x" * 40
    gold = Document("a", text, (Span(0, 4, "ACTOR"), Span(6, 9, "WEAPON"), Span(10, 14, "LOCATION")))
    spans = (
        PredictedSpan(0, 4, "ACTOR", "agent", 0.9, "xxxx"),
        PredictedSpan(6, 9, "ACTOR", "agent", 0.9, "xxx"),
        PredictedSpan(10, 15, "LOCATION", None, 0.3, "xxxxx"),
        PredictedSpan(20, 22, "WEAPON", None, None, "xx"),
    )
    pairs = pair_up([gold], [Prediction(text, spans, (), {}, 1.0)], DEFAULT_SCHEME)
    result = calibration(pairs, tuple(DEFAULT_SCHEME.table))
    assert result.unscored == 1
    assert result.labels["ACTOR"].error == pytest.approx(0.4)
    assert result.labels["LOCATION"].error == pytest.approx(0.3)
    assert result.labels["WEAPON"].error is None
    assert result.overall.spans == 3
    assert result.overall.error == pytest.approx((0.8 + 0.3) / 3)
