"""Paired tests, against plain loops, exact enumeration and data of which the answer is known."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from conflictner.inference.evaluation.bootstrap import Bootstrap
from conflictner.inference.evaluation.paired import PairedTest, lead, paired_test, randomisation


def some_counts(documents, seed, rates=(8.0, 2.0, 2.0)):
    return np.random.default_rng(seed).poisson(rates, size=(documents, 3)).astype(np.int64)


def f1(counts):
    tp, fp, fn = counts.sum(axis=0)
    return 2 * tp / (2 * tp + fp + fn)


def test_randomisation_comes_near_the_exact_test():
    first, second = some_counts(10, 1), some_counts(10, 2, (8.0, 1.0, 1.0))
    found = abs(f1(second) - f1(first))
    as_large = 0
    for heads in product([False, True], repeat=10):
        swap = np.array(heads)[:, None]
        as_large += (
            abs(f1(np.where(swap, first, second)) - f1(np.where(swap, second, first))) >= found - 1e-12
        )
    assert randomisation(first, second, 4000, 0) == pytest.approx(as_large / 1024, abs=0.025)


def test_the_smallest_p_value_counts_the_draw_that_was_found():
    right, wrong = np.array([[5, 0, 0]] * 40), np.array([[0, 5, 5]] * 40)
    assert randomisation(right, wrong, 999, 0) == 0.001
    assert randomisation(right, right, 999, 0) == 1.0


def test_draws_in_pieces_are_all_made(monkeypatch):
    monkeypatch.setattr("conflictner.inference.evaluation.paired._DRAWN_AT_ONCE", 100)
    first, second = some_counts(30, 1), some_counts(30, 2)
    assert 0.0 < randomisation(first, second, 101, 0) <= 1.0


def test_systems_of_one_kind_are_told_apart_about_as_rarely_as_the_level_says():
    wrong = sum(
        randomisation(some_counts(40, n), some_counts(40, 1000 + n), 199, n) < 0.05 for n in range(200)
    )
    assert 2 <= wrong <= 20, "5 % of 200 are 10"


def test_a_better_system_is_found_and_so_is_a_worse_one():
    worse, better = some_counts(200, 1), some_counts(200, 2, (9.0, 1.0, 1.0))
    test = paired_test(worse, better, Bootstrap(300))
    assert test.lead == pytest.approx(f1(better) - f1(worse))
    assert test.is_clear(0.95)
    assert test.interval[0] > 0.05
    assert test.ahead == 1.0
    back = paired_test(better, worse, Bootstrap(300))
    assert (back.lead, back.ahead, back.p_value) == (-test.lead, 0.0, test.p_value)
    assert back.interval == pytest.approx((-test.interval[1], -test.interval[0]))


def test_the_draws_are_paired():
    """Documents differ a lot, systems by one span in each: drawn apart, the interval would hold 0."""
    first = some_counts(60, 3, (20.0, 20.0, 20.0))
    second = first + np.array([1, -1, -1]) * (first[:, 1:].min(axis=1, keepdims=True) > 0)
    test = paired_test(first, second, Bootstrap(200))
    assert 0 < test.interval[0] < test.lead < test.interval[1]
    assert test.interval[1] - test.interval[0] < 0.02


def test_without_draws_or_documents_enough_nothing_is_clear():
    first, second = some_counts(9, 1), some_counts(9, 2)
    for test in (paired_test(first, second, Bootstrap(0)), paired_test(first[:1], second[:1], Bootstrap(50))):
        assert (test.interval, test.ahead, test.p_value) == (None, None, None)
        assert not test.is_clear(0.95)


def test_a_p_value_of_a_twentieth_is_not_under_it():
    assert not PairedTest(0.5, 0.6, (0.05, 0.15), 1.0, 50 / 1000).is_clear(0.95)
    assert PairedTest(0.5, 0.6, (0.05, 0.15), 1.0, 49 / 1000).is_clear(0.95)


def test_nothing_to_score_is_no_difference():
    nothing = np.zeros((5, 3), dtype=np.int64)
    test = paired_test(nothing, nothing, Bootstrap(20))
    assert (test.lead, test.ahead, test.p_value) == (0.0, 0.5, 1.0)
    assert lead(nothing, some_counts(5, 1), Bootstrap(20)).difference > 0
