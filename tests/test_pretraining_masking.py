"""Masking: words are hidden whole, special pieces never, and as many as the recipe says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.training.pretraining.masking import Masker
from conflictner.training.pretraining.packing import SpecialIds
from conflictner.training.pretraining.sections import MaskingSection

SPECIAL = SpecialIds(0, 2, 3, 4, (0, 1, 2, 3, 4))
VOCABULARY = 100


def masker(share=0.2, whole_words=True, as_mask=0.8, as_random=0.1):
    section = MaskingSection(share=share, whole_words=whole_words, as_mask=as_mask, as_random=as_random)
    return Masker(section, SPECIAL, VOCABULARY)


def rows(seed, count=4, length=32):
    """Packed rows of random words, as packing makes them."""
    random = np.random.default_rng(seed)
    ids = random.integers(5, VOCABULARY, (count, length))
    begins = random.random((count, length)) < 0.5
    for row in range(count):
        ids[row, 0] = 2
        end = int(random.integers(4, length))
        ids[row, end], ids[row, end + 1 :] = 3, 0
        begins[row, [0, 1, end]] = True
        begins[row, end:] = True
    ids[random.random(ids.shape) < 0.02] = 1
    return ids, begins | np.isin(ids, SPECIAL.all)


def words(ids, begins):
    """The flat positions of each word."""
    groups = {}
    number = -1
    for place, (index, begin) in enumerate(zip(ids.ravel().tolist(), begins.ravel().tolist(), strict=True)):
        number += begin
        if index not in SPECIAL.all:
            groups.setdefault(number, []).append(place)
    return list(groups.values())


@given(st.integers(0, 10_000), st.sampled_from([0.05, 0.15, 0.3, 0.6]))
def test_words_are_hidden_whole_and_as_many_as_the_share_says(seed, share):
    ids, begins = rows(seed)
    chosen = masker(share).choose(ids, begins, np.random.default_rng(seed))
    flat = chosen.ravel()
    for places in words(ids, begins):
        assert len(set(flat[places].tolist())) == 1
    assert not chosen[np.isin(ids, SPECIAL.all)].any()
    maskable = ~np.isin(ids, SPECIAL.all)
    longest = max(len(places) for places in words(ids, begins))
    assert 1 <= chosen.sum() <= max(share * maskable.sum(), longest)
    assert chosen.sum() > share * maskable.sum() - longest - 1
    assert chosen.sum() <= max(masker(share).most(*ids.shape), longest)


@given(st.integers(0, 10_000))
def test_single_pieces_are_hidden_when_the_recipe_says_so(seed):
    ids, begins = rows(seed)
    begins[:] = np.isin(ids, SPECIAL.all)
    maskable = ~np.isin(ids, SPECIAL.all)
    chosen = masker(0.5, whole_words=False).choose(ids, begins, np.random.default_rng(seed))
    assert chosen.sum() == max(1, int(0.5 * maskable.sum()))


def test_long_words_are_hidden_as_often_as_short_ones():
    ids, begins = rows(1, count=40)
    own = masker(0.3)
    times = np.mean([own.choose(ids, begins, np.random.default_rng(draw)) for draw in range(500)], axis=0)
    rates = {}
    for places in words(ids, begins):
        rates.setdefault(min(len(places), 4), []).append(times.ravel()[places[0]])
    assert sorted(rates) == [1, 2, 3, 4]
    assert [np.mean(rates[size]) for size in sorted(rates)] == pytest.approx([0.3] * 4, abs=0.03)


def test_nothing_is_hidden_where_there_is_nothing():
    ids = np.array([[2, 3, 0, 0]])
    chosen = masker().choose(ids, np.ones_like(ids, dtype=bool), np.random.default_rng(0))
    assert not chosen.any()


def test_hidden_pieces_are_masked_replaced_or_left_in_the_shares_of_the_recipe():
    ids = np.full((200, 100), 50)
    chosen = np.zeros_like(ids, dtype=bool)
    chosen[:, ::2] = True
    hidden = masker().hide(ids, chosen, np.random.default_rng(0))
    assert (hidden[~chosen] == 50).all()
    found = hidden[chosen]
    assert np.mean(found == 4) == pytest.approx(0.8, abs=0.02)
    assert np.mean(found == 50) == pytest.approx(0.1, abs=0.02)
    others = found[(found != 4) & (found != 50)]
    assert np.mean(found != 4) - np.mean(found == 50) == pytest.approx(0.1, abs=0.02)
    assert set(others.tolist()).isdisjoint(SPECIAL.all)
    assert (ids == 50).all()
    always = masker(as_mask=1.0, as_random=0.0).hide(ids, chosen, np.random.default_rng(0))
    assert (always[chosen] == 4).all()


def test_masks_follow_from_the_generator_alone():
    ids, begins = rows(5)
    first, again, other = (masker().choose(ids, begins, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
