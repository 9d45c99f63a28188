"""Packing: every piece of every paragraph is in one row, borders can be seen, and little room is lost."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.training.pretraining.packing import Packer, SpecialIds

PAD, CLS, SEP, MASK = 0, 2, 3, 4
SPECIAL = SpecialIds(PAD, CLS, SEP, MASK, (0, 1, 2, 3, 4))
LENGTH = 16

paragraph_lengths = st.lists(st.integers(0, 60), min_size=1, max_size=40)


def paragraphs(lengths, seed=0):
    """Paragraphs whose pieces are all different, with words of one to three pieces."""
    random = np.random.default_rng(seed)
    first = 10
    for length in lengths:
        ids = np.arange(first, first + length, dtype=np.uint32)
        begins = random.random(length) < 0.6
        begins[:1] = True
        first += length
        yield ids, begins


def pack(texts, borders=True, length=LENGTH):
    packer = Packer(length, SPECIAL, borders=borders)
    rows = []
    for ids, begins in texts:
        packer.add(ids, begins)
        rows += packer.take()
    rows += packer.finish()
    assert list(packer.finish()) == []
    return (
        np.concatenate([block.ids for block in rows]),
        np.concatenate([block.begins for block in rows]),
        np.concatenate([block.lengths for block in rows]),
    )


def parts_of(row):
    """The paragraphs of a row, without special pieces."""
    ends = np.flatnonzero(row == SEP)
    return [part[part >= 10] for part in np.split(row, ends) if (part >= 10).any()]


@given(paragraph_lengths.filter(any), st.booleans(), st.integers(0, 9))
def test_every_piece_is_in_one_row_and_no_word_is_lost(lengths, borders, seed):
    texts = list(paragraphs(lengths, seed))
    ids, begins, sizes = pack(texts, borders)
    assert ids.shape[1] == LENGTH
    packed = ids[ids >= 10]
    assert sorted(packed.tolist()) == list(range(10, 10 + sum(lengths)))
    began = {int(i): bool(b) for text, flags in texts for i, b in zip(text, flags, strict=True)}
    for row, flags, size in zip(ids, begins, sizes.tolist(), strict=True):
        assert (row[size:] == PAD).all()
        assert (row[:size] != PAD).all()
        assert flags[row < 10].all()
        for part in parts_of(row):
            first, *rest = part.tolist()
            assert part.tolist() == list(range(first, first + len(part)))  # in order, of one paragraph
            flags_of = {int(i): bool(f) for i, f in zip(row, flags, strict=True)}
            assert flags_of[first]
            assert all(flags_of[index] == began[index] for index in rest)


@given(paragraph_lengths.filter(any))
def test_paragraphs_have_frames_of_their_own(lengths):
    ids, _, _ = pack(paragraphs(lengths), borders=True)
    starts = np.cumsum([10, *lengths])
    for row in ids:
        text = row[row != PAD].tolist()
        assert text[0] == CLS
        assert text[-1] == SEP
        assert text.count(CLS) == text.count(SEP) == len(parts_of(row))
        for left, right in pairwise(text):
            assert (left == SEP) == (right == CLS)
        for part in parts_of(row):
            numbers = np.searchsorted(starts, part, side="right")
            assert len(set(numbers.tolist())) == 1


@given(paragraph_lengths.filter(any))
def test_with_separators_a_row_has_one_beginning(lengths):
    ids, _, _ = pack(paragraphs(lengths), borders=False)
    for row in ids:
        text = row[row != PAD].tolist()
        assert text[0] == CLS
        assert text.count(CLS) == 1
        assert text[-1] == SEP
        assert text.count(SEP) == len(parts_of(row))


def test_paragraphs_that_fit_are_not_cut_and_long_ones_are_cut_before_a_word():
    whole = (np.arange(10, 24, dtype=np.uint32), np.ones(14, dtype=np.bool_))
    ids, _, _ = pack([whole])
    assert ids.tolist() == [[CLS, *range(10, 24), SEP]]
    begins = np.zeros(20, dtype=np.bool_)
    begins[[0, 9, 13]] = True  # words of 9, 4 and 7 pieces
    ids, flags, _ = pack([(np.arange(10, 30, dtype=np.uint32), begins)])
    assert sorted(len(part) for row in ids for part in parts_of(row)) == [7, 13]
    one_word = np.zeros(20, dtype=np.bool_)
    one_word[0] = True
    ids, flags, _ = pack([(np.arange(10, 30, dtype=np.uint32), one_word)])
    assert sorted(len(part) for row in ids for part in parts_of(row)) == [6, 14]
    assert flags[ids == 24].all()  # where the word was cut a word begins


@pytest.mark.parametrize(("borders", "least"), [(True, 0.95), (False, 0.95)])
def test_little_room_is_lost(borders, least):
    lengths = np.random.default_rng(3).geometric(1 / 40, 3000).tolist()
    _, _, sizes = pack(paragraphs(lengths), borders, length=128)
    assert sizes.mean() / 128 > least


def test_rows_come_while_packing_goes_on():
    packer = Packer(LENGTH, SPECIAL, borders=True)
    came = 0
    for ids, begins in paragraphs([14] * 5000):
        packer.add(ids, begins)
        came += sum(len(block.lengths) for block in packer.take())
    assert came == 4096
    assert sum(len(block.lengths) for block in packer.finish()) == 5000 - 4096
