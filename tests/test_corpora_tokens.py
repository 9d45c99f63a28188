"""Tokens and columns of public sets: joined into text, found in it, and read as sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data import DataError
from conflictner.data.corpora.columns import column_sentences, columns_original, foreign_tag
from conflictner.data.corpora.tokens import align_tokens, join_tokens, tag_spans
from conflictner.data.lines import raise_error


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ('He said : " Go . " Then he left .', 'He said: "Go." Then he left.'),
        ("Iran 's army , or the IRGC ( Guards ) , fled", "Iran's army, or the IRGC (Guards), fled"),
        ("Oman ’ s aid is worth $ 5 million !", "Oman’s aid is worth $5 million!"),
        ("the U . S . embassy", "the U.S. embassy"),
        ("`` Stop '' -LRB- loudly -RRB- n't", '"Stop" (loudly)n\'t'),
        ("KABUL ( AFP ) - A blast", "KABUL (AFP) - A blast"),
        ("a Chad - Sudan pact", "a Chad - Sudan pact"),
        ("", ""),
    ],
)
def test_tokens_are_joined_as_english_is_written(tokens, text):
    joined, offsets = join_tokens(tokens.split())
    assert joined == text
    assert len(offsets) == len(tokens.split())


def test_hyphens_that_are_tokens_of_their_own_are_joined_in_compounds_alone():
    text = "DAKAR ( AFP ) - U . S . - led troops left the far - off town -"
    assert join_tokens(text.split(), hyphens_apart=True)[0] == (
        "DAKAR (AFP) - U.S.-led troops left the far-off town -"
    )


@given(
    st.lists(st.text(st.characters(codec="ascii", exclude_characters=" `'"), min_size=1), max_size=12),
    st.booleans(),
)
def test_offsets_are_those_of_the_tokens(tokens, apart):
    tokens = [token for token in tokens if token.strip() == token and token not in ("-LRB-", "-RRB-")]
    text, offsets = join_tokens(tokens, hyphens_apart=apart)
    assert [text[start:end] for start, end in offsets] == tokens
    assert align_tokens(tokens, text) == offsets


def test_tokens_that_are_not_in_the_text_are_not_aligned():
    assert align_tokens(["Goma", "fell"], "Goma has fallen") is None
    assert align_tokens(["Goma", "fell"], "Goma") is None
    assert align_tokens(["can", "not"], "cannot") == [(0, 3), (3, 6)]


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("B-x I-x O B-x B-x", [(0, 2, "x"), (3, 4, "x"), (4, 5, "x")]),
        ("S-x B-y I-y E-y S-y", [(0, 1, "x"), (1, 4, "y"), (4, 5, "y")]),
        ("E-x I-x I-y", [(0, 1, "x"), (1, 2, "x"), (2, 3, "y")]),
        ("O O", []),
    ],
)
def test_tags_in_bio_and_bioes_are_spans(tags, spans):
    assert tag_spans(tags.split()) == spans


def test_sentences_end_at_empty_lines_and_comments_are_kept():
    lines = list(enumerate(["# text = Go .", "Go\tO", ".\tO", "", "  ", "No\tO"], start=1))
    assert list(column_sentences(lines, "f", [2], raise_error, comments=True)) == [
        (1, [["# text = Go ."], ["Go", "O"], [".", "O"]]),
        (6, [["No", "O"]]),
    ]
    with pytest.raises(DataError, match=r"^f:6: 2 columns in .*this set has 3 or 5"):
        list(column_sentences(lines[5:], "f", [3, 5], raise_error))


def test_a_sentence_with_a_bad_row_can_be_left_out():
    lines = list(enumerate(["Go\tO", "bad", "too bad", "", "No\tO"], start=1))
    errors = []
    assert list(column_sentences(lines, "f", [2], errors.append)) == [(5, [["No", "O"]])]
    assert [error.line for error in errors] == [2]


def test_tags_of_another_set_are_found():
    assert foreign_tag(["O", "B-geo", "I-geo"], "BI", ["geo"]) is None
    for tag in ("B-per", "S-geo", "geo", "-geo", "", "BI-geo"):
        assert foreign_tag(["O", tag], "BI", ["geo"]) == tag


def test_an_original_of_rows_has_their_text_and_mentions():
    first = (["Police", "in", "Goma"], ["O", "O", "B-geo"])
    second = (["They", "left", "."], ["O", "O", "O"])
    original = columns_original("d", [first, second])
    assert original.text == "Police in Goma They left."
    assert [(original.text[item.start : item.end], item.kind) for item in original.mentions] == [
        ("Goma", "geo")
    ]
    assert [original.text[start:end] for start, end in original.sentences] == ["Police in Goma", "They left."]


def test_the_text_before_it_was_cut_is_kept_where_it_fits():
    rows = [(["Police", "in", "Goma"], ["O", "O", "B-geo"])]
    fitting = columns_original("d", rows, "Police  in Goma")
    assert fitting.text == "Police  in Goma"
    assert fitting.text[fitting.mentions[0].start :] == "Goma"
    assert columns_original("d", rows, "Soldiers in Goma").text == "Police in Goma"
