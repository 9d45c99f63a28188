"""Matching of gold and predicted spans: the rule, case by case, and against a plain search."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from conflictner.data import Span
from conflictner.inference.evaluation.matching import match_spans


def spans(*items):
    return [Span(*item) for item in items]


def offsets(matching):
    return [((a.start, a.end), (b.start, b.end)) for a, b in matching.matched]


def test_equal_borders_come_first_whatever_the_label():
    matching = match_spans(spans((0, 4, "A"), (4, 20, "A")), spans((0, 4, "B"), (4, 20, "A")))
    assert offsets(matching) == [((0, 4), (0, 4)), ((4, 20), (4, 20))]
    assert not matching.missed
    assert not matching.spurious


def test_more_shared_characters_win_over_the_label():
    matching = match_spans(spans((0, 10, "A")), spans((0, 3, "A"), (4, 10, "B")))
    assert offsets(matching) == [((0, 10), (4, 10))]
    assert [span.start for span in matching.spurious] == [0]


def test_with_as_many_shared_characters_the_equal_label_wins():
    matching = match_spans(spans((0, 8, "B")), spans((0, 4, "A"), (4, 8, "B")))
    assert offsets(matching) == [((0, 8), (4, 8))]


def test_else_the_earlier_span_wins():
    matching = match_spans(spans((0, 4, "A"), (5, 9, "A")), spans((0, 9, "A")))
    assert offsets(matching) == [((0, 4), (0, 9))]
    assert [span.start for span in matching.missed] == [5]
    matching = match_spans(spans((0, 9, "A")), spans((0, 4, "A"), (5, 9, "A")))
    assert offsets(matching) == [((0, 9), (0, 4))]


def test_touching_spans_do_not_overlap():
    matching = match_spans(spans((0, 4, "A")), spans((4, 8, "A")))
    assert not matching.matched
    assert (len(matching.missed), len(matching.spurious)) == (1, 1)


@st.composite
def flat_spans(draw):
    borders = sorted(draw(st.sets(st.integers(0, 24), max_size=12)))
    return [
        Span(start, end, draw(st.sampled_from("AB")))
        for start, end in pairwise(borders)
        if draw(st.booleans())
    ]


@given(flat_spans(), flat_spans())
def test_any_spans_as_a_plain_search_over_all_candidates(gold, predicted):
    def key(pair):
        one, other = pair
        shared = min(one.end, other.end) - max(one.start, other.start)
        equal = (one.start, one.end) == (other.start, other.end)
        return not equal, -shared, one.label != other.label, one.start, other.start

    candidates = [(g, p) for g in gold for p in predicted if g.start < p.end and p.start < g.end]
    expected = []
    for one, other in sorted(candidates, key=key):
        if all(one is not a and other is not b for a, b in expected):
            expected.append((one, other))
    matching = match_spans(gold, predicted)
    assert list(matching.matched) == sorted(expected, key=lambda pair: pair[0].start)
    assert len(matching.matched) + len(matching.missed) == len(gold)
    assert len(matching.matched) + len(matching.spurious) == len(predicted)
