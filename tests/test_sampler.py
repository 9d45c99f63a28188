"""The order of passages: each once, alike in length, and the same whenever it is asked for."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from conflictner.training.sampler import LengthSampler


@given(st.lists(st.integers(1, 300), max_size=300), st.integers(1, 17), st.integers(0, 2**32 - 1))
def test_every_passage_comes_once_in_an_epoch(lengths, batch_size, seed):
    sampler = LengthSampler(lengths, batch_size, seed)
    assert len(sampler) == len(lengths)
    assert sorted(sampler) == list(range(len(lengths)))


def test_the_order_follows_from_seed_and_epoch_alone():
    def order(seed, epoch):
        sampler = LengthSampler(range(100), 8, seed)
        sampler.set_epoch(epoch)
        return list(sampler)

    assert order(1, 2) == order(1, 2)
    assert len({tuple(order(seed, epoch)) for seed in range(5) for epoch in range(5)}) == 25


def test_batches_hold_passages_of_similar_length_in_no_order_of_length():
    lengths = np.random.default_rng(0).integers(3, 200, 1000)
    batches = lengths[list(LengthSampler(lengths.tolist(), 10, 0))].reshape(-1, 10)
    assert np.ptp(batches, axis=1).mean() < 20
    assert abs(np.corrcoef(np.arange(100), batches.mean(axis=1))[0, 1]) < 0.3


def test_the_short_batch_is_the_last():
    order = list(LengthSampler([1] * 5 + [9] * 5 + [20], 5, 3))
    assert {order[-1]} == {10}
