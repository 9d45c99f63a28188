"""The bootstrap, against a plain loop over the same draws."""

from __future__ import annotations

import time

import numpy as np
import pytest

from conflictner.inference.evaluation.bootstrap import Bootstrap, f1_of_counts
from conflictner.inference.evaluation.pairs import EvaluationError


def some_counts(documents, seed=3):
    return np.random.default_rng(seed).integers(0, 6, size=(documents, 4, 3))


def test_totals_are_those_of_a_plain_loop():
    counts = some_counts(40)
    generator = np.random.default_rng(11)
    draws = generator.integers(0, 40, size=(25, 40))
    expected = np.array([sum(counts[document] for document in draw) for draw in draws])
    np.testing.assert_array_equal(Bootstrap(25, seed=11).totals(counts), expected)


def test_draws_in_pieces_have_whole_documents(monkeypatch):
    monkeypatch.setattr("conflictner.inference.evaluation.bootstrap._DRAWN_AT_ONCE", 100)
    ones = np.ones((40, 1), dtype=np.int64)
    np.testing.assert_array_equal(Bootstrap(25).totals(ones), np.full((25, 1), 40.0))


def test_nothing_to_count_keeps_its_shape():
    assert Bootstrap(7).totals(np.zeros((5, 2, 0, 3), dtype=np.int64)).shape == (7, 2, 0, 3)
    assert Bootstrap(7).totals(np.zeros((0, 4, 3), dtype=np.int64)).shape == (7, 4, 3)
    assert Bootstrap(0).totals(some_counts(5)).shape == (0, 4, 3)


def test_same_seed_draws_the_same_documents():
    counts = some_counts(30)
    both = Bootstrap(50, seed=5).totals(np.concatenate([counts, counts[:, :, ::-1]], axis=1))
    np.testing.assert_array_equal(both[:, :4], Bootstrap(50, seed=5).totals(counts))
    assert not np.array_equal(Bootstrap(50, seed=6).totals(counts), Bootstrap(50, seed=5).totals(counts))


def test_f1_is_undefined_without_items():
    values = f1_of_counts(np.array([[0, 0, 0], [2, 1, 1], [0, 3, 0]]))
    np.testing.assert_allclose(values, [np.nan, 2 / 3, 0.0])


def test_interval_holds_the_middle_of_the_draws():
    draws = Bootstrap(level=0.9)
    assert draws.interval(np.arange(101) / 100) == pytest.approx((0.05, 0.95))
    assert draws.interval(np.append(np.full(99, np.nan), 0.25)) == (0.25, 0.25)
    assert draws.interval(np.full(5, np.nan)) is None


def test_interval_covers_the_true_score_about_as_often_as_it_says():
    # 120 sets of 80 documents from one population, whose F1 is 0.8: tp 8, fp 2, fn 2 in expectation
    generator = np.random.default_rng(0)
    hits = 0
    for _ in range(120):
        counts = generator.poisson((8.0, 2.0, 2.0), size=(80, 3)).astype(np.int64)
        low, high = Bootstrap(200).interval(f1_of_counts(Bootstrap(200).totals(counts)))
        hits += low <= 0.8 <= high
    assert 0.88 <= hits / 120 <= 0.99


def test_two_thousand_documents_take_far_less_than_ten_seconds():
    counts = some_counts(2000)
    begin = time.perf_counter()
    f1_of_counts(Bootstrap(1000).totals(counts))
    assert time.perf_counter() - begin < 5


@pytest.mark.parametrize("setting", [{"draws": -1}, {"level": 0.0}, {"level": 1.0}])
def test_impossible_settings_are_refused(setting):
    with pytest.raises(EvaluationError, match="accepted is"):
        Bootstrap(**setting)
