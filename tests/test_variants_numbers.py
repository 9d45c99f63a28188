"""Numbers: which counts go from digits to words and back."""

from random import Random

import pytest

from conflictner.data.documents import Document, Span
from conflictner.data.variants.numbers import number_word, swap_numbers


def test_number_words():
    assert [number_word(n) for n in (1, 12, 20, 37, 99)] == [
        "one",
        "twelve",
        "twenty",
        "thirty-seven",
        "ninety-nine",
    ]
    assert len({number_word(n) for n in range(100)}) == 100


def casualty(text, surface, label="CASUALTY"):
    start = text.index(surface)
    return Document("a", text, (Span(start, start + len(surface), label, "killed"),))


def swapped(text, surface, seed=1):
    after = swap_numbers(casualty(text, surface), Random(seed))
    [span] = after.spans
    return after.text, after.text[span.start : span.end]


@pytest.mark.parametrize(
    ("text", "surface", "new_text", "new_surface"),
    [
        ("It killed 37 people.", "37 people", "It killed thirty-seven people.", "thirty-seven people"),
        ("It killed thirty-seven people.", "thirty-seven people", "It killed 37 people.", "37 people"),
        ("It killed two.", "two", "It killed 2.", "2"),
        ("Two men died.", "Two men", "2 men died.", "2 men"),
        ("9 men died.", "9 men", "Nine men died.", "Nine men"),
        ("It fell. 9 died", "9", "It fell. Nine died", "Nine"),
        ("9 MEN DEAD", "9 MEN", "NINE MEN DEAD", "NINE MEN"),
        ("of one or more (one) dead", "(one)", "of one or more (1) dead", "(1)"),
        (
            "between 20 and 25 died",
            "between 20 and 25",
            "between twenty and twenty-five died",
            "between twenty and twenty-five",
        ),
        ("killed nine in 3 villages", "nine", None, None),
    ],
)
def test_counts_are_changed(text, surface, new_text, new_surface):
    if new_text is None:  # both kinds: one direction for the whole text
        found = {swapped(text, surface, seed) for seed in range(20)}
        assert found == {("killed 9 in 3 villages", "9"), ("killed nine in three villages", "nine")}
    else:
        assert swapped(text, surface) == (new_text, new_surface)


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("killed 1,200 people", "1,200 people"),
        ("killed 120 people", "120 people"),
        ("killed 3.5 people", "3.5 people"),
        ("killed two hundred men", "two hundred men"),
        ("killed 2 million", "2 million"),
        ("killed twenty two", "twenty two"),
        ("killed a 12-year-old girl", "a 12-year-old girl"),
        ("killed several", "several"),
        ("killed ſix people", "ſix people"),
        ("killed NİNE people", "NİNE people"),
        ("killed 0 people", "0 people"),
        ("killed 5\u0301 people", "5\u0301 people"),
    ],
)
def test_what_is_no_plain_count_stays(text, surface):
    before = casualty(text, surface)
    assert swap_numbers(before, Random(1)) is before


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("after two days", "after 2 days"),
        ("fired 12 rockets", "fired twelve rockets"),
        ("one of two", None),
        ("on April 19 attacks", None),
        ("the Oct. 7 attacks", None),
        ("Group 18 members", None),
        ("aged 12 years", None),
        ("12 percent", None),
        ("at 9 a.m.", None),
        ("the G-20 leaders", None),
        ("$12 billions", None),
        ("it was 5 as well", None),
    ],
)
def test_outside_of_spans_only_counts_of_things_are_changed(text, changed):
    before = Document("a", text)
    after = swap_numbers(before, Random(1))
    assert after.text == (changed or text)


def test_numbers_of_names_stay():
    before = casualty("Unit 8 men and 9 men", "Unit 8 men", "ACTOR")
    assert swap_numbers(before, Random(1)).text == "Unit 8 men and nine men"


def test_a_number_across_the_border_of_a_span_stays():
    text = "killed thirty-seven people"
    before = Document("a", text, (Span(14, len(text), "CASUALTY"),))
    assert swap_numbers(before, Random(1)) is before
