"""Edits: what any set of them does to text and spans."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data.documents import Document, Span
from conflictner.data.variants.edits import Edit, apply_edits, span_around, touches_border


def document(text, *spans):
    return Document("a", text, tuple(Span(start, end, "X") for start, end in spans))


@st.composite
def edited(draw):
    """A document cut into pieces, each a span or not, and for each piece the edit of a part of it or none."""
    text, spans, edits, expected = "", [], [], []
    for _ in range(draw(st.integers(1, 6))):
        piece = draw(st.text("ab é", min_size=1, max_size=5))
        is_span, is_edited = draw(st.booleans()), draw(st.booleans())
        new = piece
        if is_edited:
            start = draw(st.integers(0, len(piece) - 1))
            end = draw(st.integers(start + 1, len(piece)))
            inserted = draw(st.text("cd", min_size=1, max_size=7))
            edits.append(Edit(len(text) + start, len(text) + end, inserted))
            new = piece[:start] + inserted + piece[end:]
        if is_span:
            spans.append(Span(len(text), len(text) + len(piece), "X", "kind", 0.5))
        expected.append((new, is_span))
        text += piece
    return Document("a", text, tuple(spans), ("battle",), {"k": 1}), draw(st.permutations(edits)), expected


@given(edited())
def test_each_piece_and_span_is_edited_on_its_own(case):
    before, edits, expected = case
    after = apply_edits(before, edits)
    assert after.text == "".join(piece for piece, _ in expected)
    assert [after.text[span.start : span.end] for span in after.spans] == [
        piece for piece, is_span in expected if is_span
    ]
    assert [(s.label, s.attribute, s.score) for s in after.spans] == [("X", "kind", 0.5)] * len(before.spans)
    assert (after.id, after.events, after.meta) == (before.id, before.events, before.meta)
    assert all(one.end <= two.start for one, two in pairwise(after.spans))


def test_without_a_change_it_is_the_same_document():
    one = document("three died", (0, 5))
    assert apply_edits(one, []) is one
    assert apply_edits(one, [Edit(0, 5, "three")]) is one


@pytest.mark.parametrize(
    "edits",
    [
        [Edit(1, 4, "x")],  # over a border
        [Edit(0, 3, "x"), Edit(2, 3, "y")],
        [Edit(1, 1, "x")],
        [Edit(3, 6, "")],  # a whole span
    ],
)
def test_edits_that_cannot_be_made_are_refused(edits):
    with pytest.raises(AssertionError):
        apply_edits(document("ab cde f", (3, 6)), edits)


def test_where_a_stretch_lies():
    spans = document("ab cde f", (0, 2), (3, 6)).spans
    assert span_around(spans, 3, 6) == spans[1]
    assert span_around(spans, 1, 2) == spans[0]
    assert span_around(spans, 2, 3) is None
    assert span_around(spans, 5, 7) is None
    assert [touches_border(spans, *stretch) for stretch in ((0, 2), (2, 3), (2, 4), (4, 5), (5, 8))] == [
        False,
        False,
        True,
        False,
        True,
    ]
