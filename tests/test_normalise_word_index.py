"""The word index: a text in small letters with the same offsets, and where its words begin."""

import re

from hypothesis import given
from hypothesis import strategies as st

from conflictner.inference.normalise.word_index import DIGITS, in_small_letters, word_starts


@given(st.text(st.sampled_from("aİıIſSsKk\u212aßΣǅ’ 3")) | st.text())
def test_small_letters_keep_offsets_and_match_what_ignoring_case_does(text):
    small = in_small_letters(text)
    assert len(small) == len(text)
    for letter in "iks":
        assert [match.start() for match in re.finditer(letter, small)] == [
            match.start() for match in re.finditer(letter, text, re.IGNORECASE)
        ]


def test_words_are_found_by_their_beginnings():
    text = "SAID on 12May: they say it\u2019s said."
    names = frozenset({"sai", "may", "it", DIGITS, "x"})
    assert word_starts(text, names) == ((0, "sai"), (8, DIGITS), (10, "may"), (24, "it"), (29, "sai"))
    assert word_starts("", names) == word_starts(text, frozenset()) == ()
