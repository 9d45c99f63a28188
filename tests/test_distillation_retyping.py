"""Retyping: other letters and datelines, with the opinions still on their words."""

import numpy as np
import pytest

from conflictner.data import Document, Span
from conflictner.data.words import word_offsets
from conflictner.model.labels import DEFAULT_SCHEME
from conflictner.training.distillation.retyping import Retyper
from conflictner.training.distillation.sections import RetypingSection

TEXT = "Rebels shelled Homs on Monday."
ANNOTATED = [
    Document(
        "1", "Fighting in Deir Hafir and the north.", [Span(12, 22, "LOCATION"), Span(27, 36, "LOCATION")]
    )
]


def opinion():
    tags = np.zeros((len(word_offsets(TEXT)), len(DEFAULT_SCHEME.tags)))
    tags[:, 0] = 1.0
    return tags, np.array([0.5])


def retyper(upper=0.0, lower=0.0, dateline=0.0):
    section = RetypingSection(upper_case=upper, lower_case=lower, dateline=dateline, seed=1)
    return Retyper(section, ANNOTATED, DEFAULT_SCHEME)


def test_a_share_of_nothing_changes_nothing():
    assert all(retyper().retype(number, TEXT, opinion()) is None for number in range(50))


@pytest.mark.parametrize(("share", "expected"), [("upper", TEXT.upper()), ("lower", TEXT.lower())])
def test_other_letters_keep_the_opinion(share, expected):
    given = opinion()
    text, found = retyper(**{share: 0.999}).retype(0, TEXT, given)
    assert text == expected
    assert found is given


def test_a_dateline_names_a_place_in_capitals():
    for number in range(50):
        text, (tags, events) = retyper(dateline=0.999).retype(number, TEXT, opinion())
        assert text.startswith("DEIR HAFIR")
        assert text.endswith(TEXT)
        assert len(tags) == len(word_offsets(text))
        assert np.allclose(tags.sum(axis=1), 1.0)
        names = [DEFAULT_SCHEME.tags[index] for index in tags.argmax(axis=1)]
        assert names[:2] == ["B-LOCATION", "I-LOCATION"]
        assert set(names[2:]) == {"O"}
        assert events.tolist() == [0.5]


def test_about_as_many_as_the_shares_say_and_the_same_each_time():
    maker = retyper(upper=0.2, dateline=0.3)
    first = [maker.retype(number, TEXT, opinion()) for number in range(2000)]
    again = [maker.retype(number, TEXT, opinion()) for number in range(2000)]
    texts = [None if made is None else made[0] for made in first]
    assert texts == [None if made is None else made[0] for made in again]
    assert 300 < sum(text == TEXT.upper() for text in texts) < 500
    assert 480 < sum(text is not None and text.startswith("DEIR") for text in texts) < 720
