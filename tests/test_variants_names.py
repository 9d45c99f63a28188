"""Names: which are replaced, by which others, and what is left alone."""

from collections import Counter
from random import Random

import pytest

from conflictner.data.documents import Document, Span
from conflictner.data.variants.names import Gazetteer, gazetteer, replace_names
from conflictner.model.labels import DEFAULT_SCHEME

NAMES = Gazetteer(
    {
        "country": {
            "labels": ["LOCATION", "ACTOR"],
            "forms": ["{0}"],
            "names": {
                "north": ["Norland", "Westland", "Eastland"],
                "south": ["Sudland", "the Union of Isles", "the Free States"],
                "west": ["Alone"],
            },
        },
        "movement": {
            "labels": ["ACTOR"],
            "forms": ["{0}", "{1}"],
            "names": {"north": ["Free Front | FF", "Red Army | RA"]},
        },
    }
)


def mark(marked):
    """Make a document of a text with spans as in "[ACTOR Rebels] left"."""
    text, spans = "", []
    for index, piece in enumerate(marked.replace("]", "[").split("[")):
        if index % 2:
            label, _, piece = piece.partition(" ")
            spans.append(Span(len(text), len(text) + len(piece), label))
        text += piece
    return Document("a", text, tuple(spans))


def surfaces(document):
    return [document.text[span.start : span.end] for span in document.spans]


def replaced(marked, seed=1, names=NAMES):
    return replace_names(mark(marked), Random(seed), names)


def test_all_mentions_get_the_same_new_name():
    found = {replaced("[ACTOR Norland]'s army left [LOCATION Norland].", seed).text for seed in range(20)}
    assert found == {f"{name}'s army left {name}." for name in ("Westland", "Eastland")}


def test_names_that_meet_stay_different():
    for seed in range(20):
        one, two = surfaces(replaced("From [LOCATION Norland] to [LOCATION Westland].", seed))
        assert one == "Eastland"  # the only one that is not in the text
        assert two == "Westland"


def test_each_form_is_replaced_by_the_same_form():
    after = replaced("The [ACTOR Free Front] ([ACTOR FF]) and the [ACTOR FF]'s men")
    assert after.text == "The Red Army (RA) and the RA's men"
    assert surfaces(after) == ["Red Army", "RA", "RA"]


def test_names_with_an_article_are_replaced_by_such():
    after = replaced("In the [LOCATION Union of Isles]")
    assert after.text == "In the Free States"
    assert replaced("In [LOCATION Sudland]").text == "In Sudland"  # the others of the region have one


@pytest.mark.parametrize(
    "marked",
    [
        "[ACTOR Norland troops] left",  # not the whole span
        "in [LOCATION Norland] and [LOCATION southern Norland]",  # mentions would not agree
        "[ACTOR Norland] after the Norland War",
        "an [ACTOR Eastland] convoy",
        "[WEAPON Norland] fired",  # another label
        "[LOCATION Free Front] street",
        "[LOCATION Nowhere] was hit",
        "in [LOCATION Alone]",  # no other of its region
        "[LOCATION norland]",
        "Norland was not marked",
    ],
)
def test_all_else_is_left_alone(marked):
    before = mark(marked)
    assert replace_names(before, Random(1), NAMES) is before


def test_a_span_inside_a_word_is_left_alone():
    before = Document("a", "Norlandic men", (Span(0, 7, "ACTOR"),))
    assert replace_names(before, Random(1), NAMES) is before


def test_the_shipped_names_stay_in_their_kind_and_region():
    names = gazetteer()
    before = mark("[ACTOR Russia] shelled [LOCATION Kharkiv], [ACTOR Reuters] said in [LOCATION Berlin].")
    after = replace_names(before, Random(3))
    pairs = [
        (a, b, span.label) for a, b, span in zip(surfaces(before), surfaces(after), before.spans, strict=True)
    ]
    assert all(a != b for a, b, _ in pairs)
    for old, new, label in pairs:
        (one, _), (two, _) = names.find(old, label), names.find(new, label)
        assert (one.kind, one.region) == (two.kind, two.region)


def test_the_shipped_file_is_sound():
    names = gazetteer()
    forms = Counter(form for name in names for form in name.forms)
    assert [form for form, count in forms.items() if count > 1] == []
    assert len(names) > 800
    kinds = {name.kind for name in names}
    assert kinds >= {"city", "country", "province", "armed_group", "man", "agency"}
    assert all(names.labels(kind) <= set(DEFAULT_SCHEME.table) for kind in kinds)
    assert all(form == form.strip() and "|" not in form for form in forms)
    assert all(len(names.peers(name)) > 1 for name in names if not name.article)
