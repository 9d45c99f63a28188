"""Casing: texts in another case, with every character at its place."""

from hypothesis import given
from hypothesis import strategies as st

from conflictner.data.documents import Document, Span
from conflictner.data.variants.casing import headline_case, lower_case, upper_case
from conflictner.data.words import word_offsets


@given(st.text())
def test_no_character_and_no_word_moves(text):
    document = Document("a", text)
    for change in (upper_case, lower_case, headline_case):
        after = change(document).text
        assert len(after) == len(text)
        assert after.lower() == text.lower() or not text.isascii()
        assert word_offsets(after) == word_offsets(text)


def test_cases():
    text = "Rebels of the al-Nur don't attack U.S. pro-government towns at 9 a.m., voanews.com says"
    spans = (Span(0, 6, "ACTOR", "agent"),)
    document = Document("a", text, spans, ("battle",))
    assert upper_case(document) == Document("a", text.upper(), spans, ("battle",))
    assert lower_case(document) == Document("a", text.lower(), spans, ("battle",))
    assert headline_case(document).text == (
        "Rebels of the al-Nur Don't Attack U.S. Pro-Government Towns at 9 a.m., voanews.com Says"
    )


def test_letters_that_would_become_several_stay():
    assert upper_case(Document("a", "straße ŉ")).text == "STRAßE ŉ"
    assert lower_case(Document("a", "İZMİR")).text == "İzmİr"
    assert headline_case(Document("a", "e\u0301cole")).text == "E\u0301cole"


def test_without_a_change_it_is_the_same_document():
    document = Document("a", "NINE DEAD")
    assert upper_case(document) is document
