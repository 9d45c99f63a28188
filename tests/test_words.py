"""Words: what spans begin and end on."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conflictner.data import word_offsets
from conflictner.data.words import word_range

JOINERS = "\u00ad\u200c\u200d\u2060"
MARKS = "\u0301\ufe0f\u093f\u064e"
OTHERS = "a1_ \n\t.-'\0\u00a0\u00e9\u0628\u05d0\u4e2d\u20ac\u2764\U0001f468\ud800\udfff\u2028\u200b"
any_text = st.text(st.one_of(st.sampled_from(OTHERS + MARKS + JOINERS), st.characters(exclude_categories=())))


def surfaces(text: str) -> list[str]:
    return [text[start:end] for start, end in word_offsets(text)]


def attaches(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" or character in JOINERS


def is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" \n\u00a0\u2028 ", []),
        ("at least 3,000 people", ["at", "least", "3", ",", "000", "people"]),
        (
            "Al-Rai's U.S.-made Su-24",
            ["Al", "-", "Rai", "'", "s", "U", ".", "S", ".", "-", "made", "Su", "-", "24"],
        ),
        ("cafe\u0301 bomb", ["cafe\u0301", "bomb"]),
        ("co\u00adoperate", ["co\u00adoperate"]),
        ("a\u2060b \u0915\u094d\u200d\u0937", ["a\u2060b", "\u0915\u094d\u200d\u0937"]),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"],
        ),
        ("\u0939\u093f\u0928\u094d\u0926\u0940", ["\u0939\u093f\u0928\u094d\u0926\u0940"]),
        ("\u2764\ufe0f!", ["\u2764\ufe0f", "!"]),
        ("-\u0301a", ["-\u0301", "a"]),
        ("x \u0301abc", ["x", "\u0301abc"]),
        ("\ud800\ud800a", ["\ud800", "\ud800", "a"]),
        ("a\0b", ["a", "\0", "b"]),
    ],
)
def test_examples(text: str, words: list[str]) -> None:
    assert surfaces(text) == words


@given(any_text)
def test_words_are_sorted_disjoint_and_not_empty(text: str) -> None:
    end = 0
    for word in word_offsets(text):
        assert end <= word[0] < word[1]
        end = word[1]
    assert end <= len(text)


@given(any_text)
def test_words_cover_every_character_but_white_space(text: str) -> None:
    covered = {position for start, end in word_offsets(text) for position in range(start, end)}
    assert covered == {position for position, character in enumerate(text) if not character.isspace()}


@given(any_text)
@example("!\u0301a")
@example("a\u0301b")
def test_no_border_splits_letters_or_parts_a_mark_from_what_it_follows(text: str) -> None:
    borders = {position for word in word_offsets(text) for position in word}
    for position in borders - {0, len(text)}:
        before, after = text[position - 1], text[position]
        assert not (is_letter(before) and is_letter(after))
        assert before.isspace() or not attaches(after)


@given(any_text)
def test_a_word_holds_one_symbol_or_letters_alone(text: str) -> None:
    for word in surfaces(text):
        bases = [character for character in word if not attaches(character)]
        assert len(bases) <= 1 or all(is_letter(character) for character in bases)


@given(any_text)
def test_words_joined_by_spaces_are_found_again(text: str) -> None:
    words = surfaces(text)
    assert surfaces(" ".join(words)) == words


@given(any_text, st.integers(0, 40), st.integers(1, 40))
def test_word_range_agrees_with_looking_at_every_word(text: str, start: int, length: int) -> None:
    words = word_offsets(text)
    end = start + length
    first, last = word_range(words, start, end)
    touched = [index for index, word in enumerate(words) if word[0] < end and word[1] > start]
    assert list(range(first, last)) == touched


def test_long_texts_take_linear_time() -> None:
    text = "\u0301" * 300_000 + "a\u0301-" * 100_000  # quadratic search would take hours
    assert len(word_offsets(text)) == 200_000
