"""Counts that add, and the scores that follow from them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data import Counts, count_items

items = st.sets(st.integers(0, 30))


def test_scores_of_a_worked_example() -> None:
    counts = count_items({1, 2, 3}, {2, 3, 4, 5, 6})
    assert counts == Counts(tp=2, fp=3, fn=1)
    assert counts.precision == pytest.approx(2 / 5)
    assert counts.recall == pytest.approx(2 / 3)
    assert counts.f1 == pytest.approx(0.5)
    assert counts.support == 3


@pytest.mark.parametrize(
    ("counts", "scores"),
    [
        (Counts(), (0.0, 0.0, 0.0)),
        (Counts(fp=4), (0.0, 0.0, 0.0)),
        (Counts(fn=4), (0.0, 0.0, 0.0)),
        (Counts(tp=4), (1.0, 1.0, 1.0)),
    ],
)
def test_nothing_to_divide_by_scores_zero(counts: Counts, scores: tuple[float, float, float]) -> None:
    assert (counts.precision, counts.recall, counts.f1) == scores


@given(items, items)
def test_every_item_is_counted_once(gold: set[int], predicted: set[int]) -> None:
    counts = count_items(gold, predicted)
    assert counts.tp + counts.fn == counts.support == len(gold)
    assert counts.tp + counts.fp == len(predicted)
    assert counts.tp + counts.fp + counts.fn == len(gold | predicted)


@given(items, items)
def test_f1_is_the_harmonic_mean_of_precision_and_recall(gold: set[int], predicted: set[int]) -> None:
    counts = count_items(gold, predicted)
    precision, recall = counts.precision, counts.recall
    mean = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    assert counts.f1 == pytest.approx(mean)


@given(st.lists(st.tuples(items, items)))
def test_counts_of_parts_add_up_to_the_counts_of_the_whole(parts: list[tuple[set[int], set[int]]]) -> None:
    total = sum((count_items(gold, predicted) for gold, predicted in parts), Counts())
    gold = {(part, item) for part, (gold, _) in enumerate(parts) for item in gold}
    predicted = {(part, item) for part, (_, predicted) in enumerate(parts) for item in predicted}
    assert total == count_items(gold, predicted)
