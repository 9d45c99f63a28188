from hypothesis import given
from hypothesis import strategies as st

from conflictner.data.overlap import Overlap

WORDS = st.lists(st.sampled_from(["rebels", "took", "the", "town", "on", "Friday"]), max_size=14)


def test_case_and_punctuation_do_not_hide_an_overlap():
    overlap = Overlap(["On Friday, rebels took the town of Harim."], length=5)
    assert overlap.touches("Officials said: ON FRIDAY rebels took -- the town.")
    assert not overlap.touches("On Friday rebels left the town of Harim")


def test_a_text_shorter_than_the_stretch_overlaps_only_as_a_whole():
    overlap = Overlap(["Two died."])
    assert overlap.touches("two died")
    assert not overlap.touches("two died there")


def test_texts_without_words_overlap_with_nothing():
    assert not Overlap(["", "..."]).touches("...")
    assert not Overlap([]).touches("Two died.")


@given(WORDS, WORDS)
def test_an_overlap_is_a_common_stretch_of_three_words(first, second):
    def stretches(words):
        folded = [word.casefold() for word in words]
        if 0 < len(folded) < 3:
            return {tuple(folded)}
        return {tuple(folded[i : i + 3]) for i in range(len(folded) - 2)}

    expected = bool(stretches(first) & stretches(second))
    assert Overlap([" ".join(first)], length=3).touches(" ".join(second)) == expected
