"""Batches: what a network reads, and that it follows from the place in the run alone."""

import numpy as np
import pytest
import torch

from conflictner.training.pretraining.batches import NOT_GUESSED, BatchMaker, held_out_batches
from conflictner.training.pretraining.masking import Masker
from conflictner.training.pretraining.packing import SpecialIds
from conflictner.training.pretraining.sections import MaskingSection
from conflictner.training.pretraining.sequences import Sequences
from conflictner.training.pretraining.stream import Stream

SPECIAL = SpecialIds(0, 2, 3, 4, (0, 1, 2, 3, 4))
ROW = [2, 10, 11, 12, 3, 2, 13, 14, 3, 0, 0, 0, 0, 0, 0, 0]
MASKER = Masker(MaskingSection(share=0.3, whole_words=True, as_mask=1.0, as_random=0.0), SPECIAL, 60)


@pytest.fixture
def sequences():
    """Ten rows that differ in one piece."""
    ids = np.array([ROW] * 10, dtype=np.uint16)
    ids[:, 1] = np.arange(30, 40)
    begins = np.ones(ids.shape, dtype=np.bool_)
    begins[:, 2] = False
    return Sequences(ids, np.packbits(begins, axis=1), np.full(10, 9, dtype=np.int32), (6, 4))


def maker(sequences, borders=True, seed=3):
    stream = Stream(sequences.files, [1.0, 1.0], seed)
    return BatchMaker(sequences, stream, MASKER, SPECIAL, borders=borders, seed=seed)


def same(left, right):
    return all(torch.equal(getattr(left, name), getattr(right, name)) for name in left.__slots__)


def test_paragraphs_and_positions_are_told(sequences):
    batch = maker(sequences).batch(0, 4)
    assert batch.segments.tolist() == [[1] * 5 + [2] * 4 + [0] * 7] * 4
    assert batch.positions.tolist() == [[*range(5), *range(4), *[0] * 7]] * 4
    batch = maker(sequences, borders=False).batch(0, 4)
    assert batch.segments.tolist() == [[1] * 9 + [0] * 7] * 4
    assert batch.positions.tolist() == [list(range(16))] * 4


def test_labels_are_what_stood_at_the_places(sequences):
    batch = maker(sequences).batch(0, 6)
    ids = batch.ids.flatten()
    real = batch.labels != NOT_GUESSED
    assert 0 < real.sum() <= 0.3 * 6 * 5
    assert len(batch.labels) == len(batch.places) == MASKER.most(6, 16)
    assert (ids[batch.places[real]] == 4).all()
    restored = ids.clone()
    restored[batch.places[real]] = batch.labels[real]
    first = sorted(row[1] for row in restored.reshape(6, 16).tolist())
    assert len(set(first)) == 6
    assert set(first) <= set(range(30, 40))
    assert not (restored == 4).any()


def test_a_batch_follows_from_its_place_alone(sequences):
    own, again = maker(sequences), maker(sequences)
    own.batch(0, 4)
    assert same(own.batch(8, 4), again.batch(8, 4))
    assert not same(own.batch(8, 4), own.batch(18, 4))  # the same rows' places, an epoch later
    assert not same(own.batch(8, 4), maker(sequences, seed=4).batch(8, 4))
    assert own.tokens(7, 5) == 45


def test_held_out_batches_are_the_same_each_time_and_shared_out(sequences):
    def batches(**settings):
        settings = {"most": 7, "rows": 3, "borders": True, "seed": 3, **settings}
        return list(held_out_batches(sequences, MASKER, SPECIAL, **settings))

    whole = batches()
    assert [tuple(batch.ids.shape) for batch in whole] == [(3, 16)] * 3
    assert (whole[-1].ids[1:] == 0).all()  # filled with padding
    assert (whole[-1].segments[1:] == 0).all()
    assert all(same(*pair) for pair in zip(whole, batches(), strict=True))
    parts = [batches(part=0, parts=2), batches(part=1, parts=2)]
    assert [len(part) for part in parts] == [2, 1]
    assert same(parts[1][0], whole[1])
    assert same(parts[0][1], whole[2])
    assert not same(batches(seed=4)[0], whole[0])
    assert len(batches(most=100)) == 4
