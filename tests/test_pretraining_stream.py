"""The stream: each row as often as its file's weight says, in an order that follows from the position."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.training.pretraining.stream import Stream


def test_rows_come_as_often_as_their_weight_says():
    stream = Stream([10, 20, 40], [2.5, 1.0, 0.25], seed=3)
    assert stream.epoch_rows == 25 + 20 + 10
    first = np.bincount(stream.rows(0, stream.epoch_rows), minlength=70)
    assert set(first[:10].tolist()) == {2, 3}
    assert first[:10].sum() == 25
    assert (first[10:30] == 1).all()
    assert first[30:].sum() == 10
    assert first[30:].max() == 1
    many = np.bincount(stream.rows(0, 400 * stream.epoch_rows), minlength=70) / 400
    assert many == pytest.approx([2.5] * 10 + [1.0] * 20 + [0.25] * 40, abs=0.1)


def test_each_epoch_and_seed_has_an_order_of_its_own():
    stream, other = (Stream([50], [1.0], seed) for seed in (1, 2))
    first, second = stream.rows(0, 50), stream.rows(50, 50)
    assert sorted(first.tolist()) == sorted(second.tolist()) == list(range(50))
    assert first.tolist() != second.tolist() != other.rows(0, 50).tolist()
    assert first.tolist() != other.rows(0, 50).tolist()


@given(st.integers(0, 500), st.integers(0, 300), st.integers(0, 5))
def test_a_part_of_the_stream_is_the_same_however_it_is_reached(first, count, seed):
    sizes, weights = [7, 30], [3.0, 0.5]
    whole = Stream(sizes, weights, seed).rows(0, first + count)
    stream = Stream(sizes, weights, seed)
    stream.rows(200, 1)  # an epoch that another thread may be in
    assert stream.rows(first, count).tolist() == whole[first:].tolist()


def test_weights_can_leave_nothing():
    assert Stream([3, 0], [0.1, 5.0], 0).epoch_rows == 0
