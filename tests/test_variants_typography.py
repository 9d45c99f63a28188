"""Typography: quotation marks, dashes, and the final stop."""

from random import Random

import pytest

from conflictner.data.documents import Document, Span
from conflictner.data.variants.typography import drop_final_stop, swap_typography

TYPED = """Israel's "so-called 'truce'" -- a pause - ended (the "end")."""
PRINTED = "Israel’s “so-called ‘truce’” — a pause – ended (the “end”)."


def test_typed_text_becomes_printed_and_back():
    assert swap_typography(Document("a", TYPED), Random(1)).text == PRINTED
    assert swap_typography(Document("a", PRINTED), Random(1)).text == TYPED


def test_mixed_text_goes_one_way():
    found = {swap_typography(Document("a", "Mali's men’s"), Random(seed)).text for seed in range(20)}
    assert found == {"Mali’s men’s", "Mali's men's"}


def test_hyphens_and_text_without_marks_stay():
    document = Document("a", "A Su-25 hit al-Bab. --- 9-11")
    assert swap_typography(document, Random(1)) is document


def test_spans_move_along():
    text = "rebels -- the People's Army -- fled"
    after = swap_typography(Document("a", text, (Span(14, 27, "ACTOR"), Span(31, 35, "X"))), Random(1))
    assert [after.text[span.start : span.end] for span in after.spans] == ["People’s Army", "fled"]


def test_a_dash_across_the_border_of_a_span_stays():
    document = Document("a", "a -- b", (Span(0, 3, "X"),))
    assert swap_typography(document, Random(1)) is document


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("Rebels fled.", "Rebels fled"),
        ("Rebels. Fled.\n", "Rebels. Fled\n"),
        ("Rebels fled", None),
        ("Rebels fled...", None),
        ("in the U.S.", None),
        ("at 9 a.m.", None),
        ("of Acme Inc.", None),
        ('He said "no."', None),
        (".", None),
        ("", None),
    ],
)
def test_the_final_stop(text, after):
    document = Document("a", text)
    assert drop_final_stop(document).text == (text if after is None else after)


def test_a_stop_of_a_span_stays():
    document = Document("a", "It hit Wash.", (Span(7, 12, "LOCATION"),))
    assert drop_final_stop(document) is document
