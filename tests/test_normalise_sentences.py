"""Sentences of a text: its paragraphs part them, and what goes on for too long is cut."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from conflictner.inference.normalise.sentences import sentences


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.sampled_from(["said", " ", "\n", "x" * 700, ". A", "\u2028"]), st.integers(1, 900)))
)
def test_no_sentence_is_too_long_and_none_of_the_text_is_lost(pieces):
    text = "".join(piece * count for piece, count in pieces)[:20_000]
    found = sentences(text)
    assert "".join("".join(text[start:end].split()) for start, end in found) == "".join(text.split())
    for start, end in found:
        assert 0 < end - start <= 2000
        assert text[start:end] == text[start:end].strip()
    assert all(before[1] <= after[0] for before, after in pairwise(found))


def test_words_are_whole_where_there_are_some():
    assert sentences(f"{'said ' * 500}so.") == ((0, 1999), (2000, 2503))
    assert sentences("x" * 2001) == ((0, 2000), (2000, 2001))
