"""Label schemes: the tags that follow from them, their file, and what cannot be a scheme."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data import DataError, Span
from conflictner.data.words import word_offsets
from conflictner.model import DEFAULT_SCHEME, Label, LabelScheme, SchemeError
from conflictner.model.decoding import decode

names = st.text(st.characters(categories=("L", "N"), include_characters="-_.'"), min_size=1, max_size=8)


@st.composite
def schemes(draw):
    labels = []
    for name in draw(st.lists(names, min_size=1, max_size=5, unique=True)):
        values = tuple(draw(st.lists(names, max_size=4, unique=True)))
        labels.append(Label(name, draw(names) if values else None, values))
    return LabelScheme(tuple(labels), tuple(draw(st.lists(names, max_size=4, unique=True))))


def test_default_scheme_has_the_tags_of_the_guidelines():
    assert list(DEFAULT_SCHEME.table) == ["ACTOR", "WEAPON", "LOCATION", "CASUALTY"]
    assert len(DEFAULT_SCHEME.tags) == 23
    assert DEFAULT_SCHEME.tags[:3] == ("O", "B-ACTOR:agent", "I-ACTOR:agent")
    assert DEFAULT_SCHEME.coarse_tags[:3] == ("O", "B-ACTOR", "I-ACTOR")
    assert DEFAULT_SCHEME.attribute_name("CASUALTY") == "status"
    assert DEFAULT_SCHEME.attribute_name("WEAPON") is None
    assert DEFAULT_SCHEME.attribute_name("WEATHER") is None
    assert len(DEFAULT_SCHEME.events) == 7


def test_small_scheme_by_hand():
    scheme = LabelScheme((Label("A", "kind", ("x", "y")), Label("B")))
    assert scheme.tags == ("O", "B-A:x", "I-A:x", "B-A:y", "I-A:y", "B-B", "I-B")
    assert scheme.coarse_tags == ("O", "B-A", "I-A", "B-B", "I-B")
    assert scheme.coarse_of_fine.tolist() == [0, 1, 2, 1, 2, 3, 4]
    assert scheme.table == {"A": ("x", "y"), "B": ()}
    fine = np.array([[0.1, 0.2, 0.05, 0.3, 0.15, 0.12, 0.08]])
    np.testing.assert_allclose(scheme.coarse_probabilities(fine), [[0.1, 0.5, 0.2, 0.12, 0.08]])


@given(schemes())
def test_tags_belong_to_their_coarse_tags(scheme):
    assert len(set(scheme.tags)) == len(scheme.tags)
    for tag, coarse in zip(scheme.tags, scheme.coarse_of_fine, strict=True):
        assert tag.split(":")[0] == scheme.coarse_tags[coarse]


@given(schemes())
def test_any_scheme_survives_its_file(scheme):
    assert LabelScheme.from_dict(json.loads(json.dumps(scheme.to_dict()))) == scheme


def test_bare_names_are_labels():
    scheme = LabelScheme.from_dict({"labels": ["PERSON", {"name": "PLACE"}]})
    assert scheme.tags == ("O", "B-PERSON", "I-PERSON", "B-PLACE", "I-PLACE")
    assert scheme.events == ()


@pytest.mark.parametrize(
    ("record", "complaint"),
    [
        (None, "object with a list 'labels'"),
        ([], "object with a list 'labels'"),
        ({}, "object with a list 'labels'"),
        ({"labels": "ACTOR"}, "object with a list 'labels'"),
        ({"labels": []}, "at least one label"),
        ({"labels": [3]}, "got 3"),
        ({"labels": [{"name": 3}]}, "'name': 3"),
        ({"labels": [{"label": "A"}]}, "a label is a name or an object"),
        ({"labels": [{"name": "A", "attribute": "role", "value": ["x"]}]}, "'value'"),
        ({"labels": [{"name": "A", "attribute": "role", "values": "xyz"}]}, "must be a list, got 'xyz'"),
        ({"labels": [{"name": "A", "attribute": "role", "values": 5}]}, "must be a list, got 5"),
        ({"labels": [{"name": "A", "attribute": "role"}]}, "or neither"),
        ({"labels": [{"name": "A", "values": ["x"]}]}, "or neither"),
        ({"labels": [{"name": "A", "attribute": 3, "values": ["x"]}]}, "3 cannot be a name"),
        ({"labels": [{"name": "A", "attribute": "role", "values": ["x", "x"]}]}, "'x' stands more than once"),
        ({"labels": [{"name": "A", "attribute": "role", "values": ["x", None]}]}, "None cannot be a name"),
        ({"labels": [""]}, "'' cannot be a name"),
        ({"labels": ["A B"]}, "'A B' cannot be a name"),
        ({"labels": ["A\tB"]}, r"'A\\tB' cannot be a name"),
        ({"labels": ["A:B"]}, "'A:B' cannot be a name"),
        ({"labels": ["\ud800"]}, "cannot be a name"),
        ({"labels": ["A", {"name": "A"}]}, "'A' stands more than once"),
        ({"labels": ["A"], "events": ["riot", "riot"]}, "'riot' stands more than once"),
        ({"labels": ["A"], "events": "riot"}, "'events' must be a list"),
        ({"labels": ["A"], "events": [["riot"]]}, r"cannot be a name \(event\)"),
    ],
)
def test_what_is_no_scheme_is_refused(record, complaint):
    with pytest.raises(SchemeError, match=complaint) as caught:
        LabelScheme.from_dict(record)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"labels": ["A B"]}', b"{'labels': []}"]
)
def test_an_unreadable_file_is_named(tmp_path, content):
    path = tmp_path / "labels.json"
    path.write_bytes(content)
    with pytest.raises(SchemeError, match=r"labels\.json") as caught:
        LabelScheme.load(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SchemeError, match=r"labels\.json"):
        LabelScheme.load(tmp_path / "labels.json")


def test_encode_by_hand():
    text = "Al-Rai militia hit Homs"
    words = word_offsets(text)  # Al - Rai militia hit Homs
    spans = [Span(0, 14, "ACTOR", "agent"), Span(19, 23, "LOCATION")]
    tags = [DEFAULT_SCHEME.tags[i] for i in DEFAULT_SCHEME.encode(spans, words)]
    assert tags == ["B-ACTOR:agent", *["I-ACTOR:agent"] * 3, "O", "B-LOCATION"]


def test_encode_gives_a_missing_attribute_the_last_value():
    tags = DEFAULT_SCHEME.encode([Span(0, 4, "ACTOR"), Span(5, 9, "CASUALTY")], [(0, 4), (5, 9)])
    assert [DEFAULT_SCHEME.tags[i] for i in tags] == ["B-ACTOR:other", "B-CASUALTY:mixed"]


def test_encode_keeps_neighbours_apart():
    tags = DEFAULT_SCHEME.encode([Span(0, 3, "WEAPON"), Span(4, 7, "WEAPON")], [(0, 3), (4, 7)])
    assert [DEFAULT_SCHEME.tags[i] for i in tags] == ["B-WEAPON", "B-WEAPON"]


def test_encode_takes_along_words_that_a_span_cuts():
    tags = DEFAULT_SCHEME.encode([Span(2, 7, "WEAPON")], [(0, 4), (5, 9), (10, 12)])
    assert [DEFAULT_SCHEME.tags[i] for i in tags] == ["B-WEAPON", "I-WEAPON", "O"]


@pytest.mark.parametrize(
    ("span", "complaint"),
    [
        (Span(0, 1, "WEATHER"), "'WEATHER' is unknown; the scheme has ACTOR"),
        (Span(0, 1, "ACTOR", "killed"), "'killed' of ACTOR is unknown; the scheme has agent"),
        (Span(0, 1, "WEAPON", "rifle"), "'rifle' of WEAPON is unknown; the scheme has none"),
    ],
)
def test_encode_refuses_what_the_scheme_does_not_know(span, complaint):
    with pytest.raises(DataError, match=complaint):
        DEFAULT_SCHEME.encode([span], [(0, 1)])


def allowed_tags(spans, words, annotated=None):
    rows = DEFAULT_SCHEME.allowed(spans, words, annotated)
    assert rows.shape == (len(words), 23)
    return [{tag for tag, fits in zip(DEFAULT_SCHEME.tags, row, strict=True) if fits} for row in rows]


def test_what_a_word_may_be_where_all_is_annotated():
    spans = [Span(0, 6, "ACTOR", "agent"), Span(9, 12, "WEAPON")]
    assert allowed_tags(spans, [(0, 2), (3, 6), (7, 8), (9, 12)]) == [
        {"B-ACTOR:agent"},
        {"I-ACTOR:agent"},
        {"O"},
        {"B-WEAPON"},
    ]


def test_a_span_without_attribute_may_have_any():
    statuses = ("killed", "injured", "missing", "captive", "mixed")
    assert allowed_tags([Span(0, 5, "CASUALTY")], [(0, 2), (3, 5)]) == [
        {f"B-CASUALTY:{status}" for status in statuses},
        {f"I-CASUALTY:{status}" for status in statuses},
    ]


def test_outside_of_spans_a_word_may_be_what_is_not_annotated():
    open_tags = {"O", "B-WEAPON", "I-WEAPON", "B-LOCATION", "I-LOCATION"}
    spans = [Span(0, 2, "WEAPON"), Span(6, 8, "ACTOR", "source")]
    words = [(0, 2), (3, 5), (6, 8)]
    assert allowed_tags(spans, words, {"ACTOR", "CASUALTY", "PERSON"}) == [
        {"B-WEAPON"},
        open_tags,
        {"B-ACTOR:source"},
    ]
    assert allowed_tags([], [(0, 2)], ()) == [set(DEFAULT_SCHEME.tags)]
    assert allowed_tags([], [(0, 2)], DEFAULT_SCHEME.table) == [{"O"}]


def test_what_the_scheme_does_not_know_is_not_allowed_either():
    with pytest.raises(DataError, match="'WEATHER' is unknown"):
        DEFAULT_SCHEME.allowed([Span(0, 1, "WEATHER")], [(0, 1)])
    with pytest.raises(DataError, match="'killed' of ACTOR is unknown"):
        DEFAULT_SCHEME.allowed([Span(0, 1, "ACTOR", "killed")], [(0, 1)])


@given(schemes(), st.data())
def test_decoding_the_encoded_gives_the_spans_back(scheme, data):
    words = [(3 * i, 3 * i + 2) for i in range(data.draw(st.integers(0, 12)))]
    spans, begin = [], data.draw(st.integers(0, 2))
    while begin < len(words):
        end = min(len(words), begin + data.draw(st.integers(1, 3)))
        label = data.draw(st.sampled_from(scheme.labels))
        value = data.draw(st.sampled_from(label.values)) if label.values else None
        spans.append(Span(words[begin][0], words[end - 1][1], label.name, value, 1.0))
        begin = end + data.draw(st.integers(0, 2))
    tags = scheme.encode(spans, words)
    allowed = scheme.allowed(spans, words)
    assert (allowed.sum(axis=1) == 1).all()
    assert allowed.argmax(axis=1).tolist() == tags.tolist()
    fine = np.eye(len(scheme.tags))[tags]
    decoded, _ = decode(scheme, fine, np.array(words).reshape(-1, 2))
    assert decoded == spans
