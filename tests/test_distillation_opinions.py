"""Opinions on words: kept, averaged, and carried between words and what tokenizers make of them."""

import numpy as np
import pytest

from conflictner.training.distillation.opinions import (
    Opinions,
    OpinionsError,
    gather,
    mean_opinion,
    spread,
)

WORDS = np.array([(0, 4), (5, 9), (10, 11), (11, 15)])
TAGS = np.array([[0.1, 0.6, 0.3], [0.8, 0.1, 0.1], [0.2, 0.5, 0.3]])


def test_what_is_read_as_it_stands_stays():
    tags = np.array([[0.7, 0.2, 0.1]] * 4)
    assert spread(tags, WORDS, WORDS).tolist() == tags.tolist()
    assert gather(tags, WORDS, WORDS).tolist() == tags.tolist()


def test_a_word_left_out_is_outside_and_one_in_two_parts_goes_on_inside():
    read = np.array([(0, 4), (10, 15)])
    found = spread(TAGS[:2], read, WORDS)
    assert np.allclose(found, [[0.1, 0.6, 0.3], [1, 0, 0], [0.8, 0.1, 0.1], [0.8, 0.0, 0.2]])
    assert gather(found, WORDS, read).tolist() == TAGS[:2].tolist()


def test_a_text_without_words():
    none = np.zeros((0, 2), dtype=np.int64)
    assert spread(np.zeros((0, 3)), none, none).shape == (0, 3)
    assert gather(np.zeros((0, 3)), none, none).shape == (0, 3)
    assert spread(np.zeros((0, 3)), none, WORDS)[:, 0].tolist() == [1.0] * 4


def test_opinions_come_back_from_disk(tmp_path):
    given = [(TAGS, np.array([0.25])), (np.zeros((0, 3)), np.array([0.0])), (TAGS[:1], np.array([1.0]))]
    Opinions.of(given).save(tmp_path / "opinions.safetensors")
    found = Opinions.load(tmp_path / "opinions.safetensors")
    assert len(found) == 3
    for (tags, events), (expected, passage) in zip(found, given, strict=True):
        assert np.allclose(tags, expected, atol=1e-3)
        assert np.allclose(events, passage)
    assert [len(tags) for tags, _ in found[1:]] == [0, 1]
    with pytest.raises(OpinionsError, match="no readable opinions"):
        Opinions.load(tmp_path / "none.safetensors")


def test_the_mean_is_weighted():
    first, second = (TAGS[:1], np.array([1.0])), (TAGS[1:2], np.array([0.0]))
    tags, events = mean_opinion([first, second], [1.0, 3.0])
    assert np.allclose(tags, 0.25 * TAGS[:1] + 0.75 * TAGS[1:2])
    assert events.tolist() == [0.25]
    with pytest.raises(OpinionsError, match="different texts"):
        mean_opinion([first, (TAGS, np.array([0.0]))], [1.0, 1.0])
