"""Decoding: Viterbi against brute force, legality on any scores, attributes and scores by hand."""

import doctest
import math
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from conflictner.data import Span
from conflictner.model import DEFAULT_SCHEME, Label, LabelScheme, decoding
from conflictner.model.decoding import SpanConfidence, decode, softmax, spans_of_tags, viterbi

few_scores = st.sampled_from([0.0, -0.5, -1.0, -2.0, -7.0])  # few values, so that ties are frequent
any_scores = st.one_of(
    few_scores, st.floats(-1e30, 1e30), st.sampled_from([-np.inf, -1e300, 1e300, 0.0, -0.0, 5e-324])
)


def score_arrays(elements, most_words, most_labels):
    shapes = st.tuples(st.integers(0, most_words), st.integers(1, most_labels).map(lambda n: 1 + 2 * n))
    return shapes.flatmap(lambda shape: npst.arrays(np.float64, shape, elements=elements))


def is_legal(tags, first=None):
    before = 0
    for index, tag in enumerate(tags):
        if first is not None and first[index]:
            before = 0
        if tag and tag % 2 == 0 and before not in (tag - 1, tag):
            return False
        before = tag
    return True


def score_of(scores, tags):
    return sum(scores[index, tag] for index, tag in enumerate(tags))


def best_score(scores):
    """Try all legal sequences of one text."""
    words, states = scores.shape
    return max(score_of(scores, tags) for tags in product(range(states), repeat=words) if is_legal(tags))


def test_docstring_examples():
    assert doctest.testmod(decoding).failed == 0


@given(score_arrays(few_scores, most_words=5, most_labels=2))
def test_viterbi_is_as_good_as_brute_force(scores):
    tags = viterbi(scores)
    assert is_legal(tags)
    assert score_of(scores, tags) == pytest.approx(best_score(scores))


@given(score_arrays(st.floats(-20, 0), most_words=4, most_labels=2), st.data())
def test_viterbi_on_several_texts_is_viterbi_on_each(scores, data):
    first = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(scores), max_size=len(scores))), dtype=bool
    )
    tags = viterbi(scores, first)
    assert is_legal(tags, first)
    begins = [0, *(i for i in range(1, len(scores)) if first[i]), len(scores)]
    for begin, end in pairwise(begins):
        assert score_of(scores[begin:end], tags[begin:end]) == pytest.approx(best_score(scores[begin:end]))


@given(score_arrays(any_scores, most_words=12, most_labels=3), st.data())
def test_viterbi_is_legal_on_any_scores(scores, data):
    first = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(scores), max_size=len(scores))), dtype=bool
    )
    with np.errstate(all="ignore"):
        tags = viterbi(scores, first)
    assert tags.shape == (len(scores),)
    assert is_legal(tags, first)


@given(score_arrays(st.sampled_from([np.nan, 0.0, -1.0, np.inf]), most_words=6, most_labels=2))
def test_viterbi_is_legal_even_on_what_is_no_number(scores):
    with np.errstate(all="ignore"):
        assert is_legal(viterbi(scores))


def test_viterbi_gives_way_to_the_better_whole():
    scores = np.log([[0.5, 0.2, 0.3], [0.2, 0.1, 0.7]])
    assert viterbi(scores).tolist() == [1, 2]  # 0.14 for B I; 0.10 for O O; O I would be 0.35 and is illegal
    assert viterbi(scores, np.array([True, True])).tolist() == [0, 0]  # two texts: nothing to continue


def test_viterbi_does_not_continue_another_label():
    scores = np.log([[0.1, 0.8, 0.02, 0.06, 0.02], [0.1, 0.1, 0.1, 0.2, 0.5]])
    assert viterbi(scores).tolist() == [1, 3]  # B-1 then B-2, not I-2


def test_viterbi_decodes_one_endless_span():
    scores = np.log(np.tile([0.1, 0.2, 0.7], (3000, 1)))
    assert viterbi(scores).tolist() == [1] + [2] * 2999


def test_viterbi_adds_up_long_stretches_without_rounding_errors():
    scores = np.tile(np.float32([-100.0, -101.0, -100.5]), (20_000, 1))
    scores[-1] = [
        -100.0,
        -99.9,
        -99.8,
    ]  # never cut; O has the best sum by far less than fp32 can tell at the end
    tags = viterbi(scores)
    assert tags[:-1].max() == 0
    assert tags[-1] == 1


def test_viterbi_works_on_stretches_side_by_side(monkeypatch):
    """As many steps as the longest stretch has words whose best tags are not legal, however many of them."""
    steps = 0
    take = np.take_along_axis

    def counting(*args, **kwargs):
        nonlocal steps
        steps += 1
        return take(*args, **kwargs)

    monkeypatch.setattr(np, "take_along_axis", counting)
    illegal = np.log([[0.5, 0.4, 0.1], [0.1, 0.3, 0.6], [0.2, 0.3, 0.5]])  # O I I; cut where B is at least I
    legal = np.log([[0.1, 0.6, 0.3], *[[0.1, 0.2, 0.7]] * 9])  # B I I I ..., which needs no search
    tags = viterbi(np.tile(np.concatenate([illegal, legal]), (5000, 1)))
    assert tags.tolist() == [1, 2, 2, 1, *[2] * 9] * 5000
    assert steps == 2


def test_spans_of_tags_by_hand():
    assert spans_of_tags(np.array([0, 1, 2, 1, 3, 4, 4, 0, 3])).tolist() == [
        [1, 3, 0],
        [3, 4, 0],
        [4, 7, 1],
        [8, 9, 1],
    ]
    assert spans_of_tags(np.array([], dtype=np.intp)).shape == (0, 3)
    assert spans_of_tags(np.array([0, 0])).shape == (0, 3)


@given(score_arrays(few_scores, most_words=30, most_labels=3))
def test_spans_of_tags_cover_what_is_not_o(scores):
    tags = viterbi(scores)
    spans = spans_of_tags(tags).tolist()
    covered = sorted(word for begin, end, _ in spans for word in range(begin, end))
    assert covered == np.flatnonzero(tags).tolist()
    for begin, end, label in spans:
        assert tags[begin:end].tolist() == [2 * label + 1] + [2 * label + 2] * (end - begin - 1)


def test_decode_by_hand():
    scheme = LabelScheme((Label("A", "kind", ("x", "y")), Label("B")))
    #         O    B-A:x I-A:x B-A:y I-A:y B-B  I-B
    fine = np.array(
        [
            [0.90, 0.02, 0.02, 0.02, 0.02, 0.01, 0.01],
            [0.10, 0.50, 0.00, 0.30, 0.00, 0.10, 0.00],  # B-A 0.8, x ahead
            [0.05, 0.05, 0.15, 0.05, 0.65, 0.05, 0.00],  # I-A 0.8, y ahead: x 0.70, y 1.00 in all
            [0.20, 0.05, 0.05, 0.05, 0.05, 0.60, 0.00],  # B-B 0.6
        ]
    )
    words = np.array([[0, 3], [4, 6], [6, 9], [12, 15]])
    spans, first_words = decode(scheme, fine, words)
    assert [(s.start, s.end, s.label, s.attribute) for s in spans] == [(4, 9, "A", "y"), (12, 15, "B", None)]
    assert [s.score for s in spans] == pytest.approx([(0.8 + 0.8) / 2, 0.6])
    assert first_words.tolist() == [1, 3]


def test_the_confidence_of_a_span_by_hand():
    scheme = LabelScheme((Label("A"),))
    #         O    B    I
    fine = np.array([[0.1, 0.8, 0.1], [0.1, 0.3, 0.6], [0.6, 0.1, 0.3], [0.2, 0.8, 0.0], [0.9, 0.0, 0.1]])
    words = np.array([[0, 1], [1, 2], [2, 3], [3, 4], [0, 1]])
    first = np.array([True, False, False, False, True])
    spans, _ = decode(scheme, fine, words, first, SpanConfidence(2.0, 0.5, -1.0))

    def score(inside, end):
        odds = math.log(inside / (1 - inside)) * 2.0 + math.log(end / (1 - end)) * 0.5 - 1.0
        return 1 / (1 + math.exp(-odds))

    assert [(span.start, span.end) for span in spans] == [(0, 2), (3, 4)]
    # The first ends before an I of 0.3; behind the second the text is over, which is as sure as can be.
    assert [span.score for span in spans] == pytest.approx([score(0.7, 0.7), score(0.8, 0.9999)])


def test_the_plain_confidence_is_the_mean_probability():
    inside = np.array([0.2, 0.5, 0.97])
    assert SpanConfidence().scores(inside, np.array([0.1, 0.9, 0.3])) == pytest.approx(inside)


def test_decode_sums_fine_tags_before_it_decides():
    """No fine tag of A beats O, their sum does: an argmax over fine tags would miss the span."""
    scheme = LabelScheme((Label("A", "kind", ("x", "y", "z")),))
    fine = np.array([[0.40, 0.20, 0.0, 0.21, 0.0, 0.19, 0.0]])
    spans, _ = decode(scheme, fine, np.array([[0, 2]]))
    assert spans == [Span(0, 2, "A", "y", pytest.approx(0.6))]


def test_decode_of_no_words():
    spans, first_words = decode(DEFAULT_SCHEME, np.zeros((0, 23)), np.zeros((0, 2), dtype=np.int64))
    assert spans == []
    assert first_words.shape == (0,)


@given(
    st.integers(0, 15).flatmap(
        lambda n: npst.arrays(np.float32, (n, 23), elements=st.floats(-200, 200, width=32))
    )
)
def test_decoded_spans_are_flat_sorted_and_scored(logits):
    words = np.arange(2 * len(logits)).reshape(-1, 2)
    spans, _ = decode(DEFAULT_SCHEME, softmax(logits), words)
    border = 0
    for span in spans:
        assert border <= span.start < span.end
        border = span.end
        assert 0 <= span.score <= 1
        assert span.attribute in (DEFAULT_SCHEME.table[span.label] or (None,))


def test_softmax_of_large_logits_and_temperature():
    logits = np.array([[1000.0, 1000.0, -1000.0], [0.0, np.log(3.0), -np.inf]])
    np.testing.assert_allclose(softmax(logits), [[0.5, 0.5, 0.0], [0.25, 0.75, 0.0]])
    np.testing.assert_allclose(softmax(logits[1:], 0.5), [[0.1, 0.9, 0.0]])
    assert logits[0, 0] == 1000.0  # the argument is left as it is
