"""Names of public sets, marked as the guidelines want them or left open."""

import pytest

from conflictner.data.corpora import ImportCounts
from conflictner.data.corpora.borders import is_name, mark_name
from conflictner.data.corpora.draft import Draft
from conflictner.data.corpora.nouns import mark_armed, mark_weapon
from conflictner.data.corpora.places import is_government_name, place_or_actor

LABELS = ("ACTOR", "WEAPON", "LOCATION", "CASUALTY")


def marked(text, mark):
    """Mark what stands in brackets; return the spans as ``LABEL surface``, and the labels left open."""
    start, end = text.index("["), text.index("]") - 1
    draft = Draft("set", "d", text.replace("[", "").replace("]", ""), ImportCounts(), LABELS)
    first, last = draft.range(start, end)
    mark(draft, first, last)
    [document] = draft.passages(0)
    spans = [f"{span.label} {document.text[span.start : span.end]}" for span in document.spans]
    return spans, sorted(set(LABELS) - set(document.meta["annotated"]))


def name(text, kind):
    return marked(text, lambda draft, first, last: mark_name(draft, first, last, kind))


@pytest.mark.parametrize(
    ("text", "kind", "span"),
    [
        ("He met [President Idriss Deby] there.", "person", "ACTOR Idriss Deby"),
        ("He met [Mr. Deby].", "person", "ACTOR Deby"),
        ("Then [Gen. Omar Said] spoke.", "organisation", "ACTOR Omar Said"),
        ("He quit [the African Union] in May.", "organisation", "ACTOR African Union"),
        ("The [African Union (AU)] met.", "organisation", "ACTOR African Union"),
        ("He died in [Goma].", "place", "LOCATION Goma"),
        ("He died in southern [Helmand] province.", "place", "LOCATION southern Helmand province"),
        ("He died in the [West Bank] city of Nablus.", "organisation", None),
        ("He lives in the [Gaza Strip].", "organisation", "LOCATION Gaza Strip"),
        ("He lives north of [Sudan].", "place", "LOCATION Sudan"),
        ("Troops left [Sudan].", "place", "LOCATION Sudan"),
        ("[Sudan] denies the report.", "place", "ACTOR Sudan"),
        ("It rained in Kasese, [Uganda], on Friday.", "place", "LOCATION Uganda"),
        ("It fell in the [U.S]. embassy.", "place", None),
        ("He lives in the [U.S].", "place", "LOCATION U.S."),
        ("He fought the [Islamic State].", "place", "ACTOR Islamic State"),
        ("SHELLS HIT [GOMA] TODAY.", "place", "LOCATION GOMA"),
        ("HE MET [COL. OMAR SAID] THERE.", "person", "ACTOR OMAR SAID"),
    ],
)
def test_names_are_marked_with_the_borders_of_the_guidelines(text, kind, span):
    spans, still_open = name(text, kind)
    assert spans == ([span] if span else [])
    assert bool(still_open) == (span is None)


@pytest.mark.parametrize(
    ("text", "kind", "still_open"),
    [
        ("Aid for [Sudan] ended.", "place", ["ACTOR", "LOCATION"]),
        ("The [Goma] mayor spoke.", "place", ["ACTOR", "LOCATION"]),
        ("The [Hamas] fighters fled.", "organisation", ["ACTOR"]),
        ("The Sudan [Liberation] Army fled.", "organisation", ["ACTOR"]),
        ("He left the Republic of [Congo].", "place", ["ACTOR", "LOCATION"]),
        ("A [Russia]-backed group fled.", "place", ["ACTOR", "LOCATION"]),
        ("The [president] spoke.", "person", ["ACTOR"]),
        ("The [President] spoke.", "person", ["ACTOR"]),
        ("The [rebel group] fled.", "organisation", ["ACTOR"]),
        ("He left the [border area].", "place", ["LOCATION"]),
        ("In [Goma and Kigali] it rained.", "place", ["ACTOR", "LOCATION"]),
        ("The [Sudanese] fled.", "place", ["ACTOR"]),
        ("So [they] fled.", "person", []),
        ("The [Geneva Convention] held.", "organisation", []),
    ],
)
def test_what_is_not_certain_is_left_open(text, kind, still_open):
    spans, found = name(text, kind)
    assert spans == []
    assert found == still_open


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("They fired [a rocket] at us.", "WEAPON rocket"),
        ("They fired 30 [rockets].", "WEAPON rockets"),
        ("They used [two powerful car bombs] and fled.", "WEAPON car bombs"),
        ("A [bomb] blast shook Goma.", "WEAPON bomb"),
        ("A pipe [bomb] exploded.", None),
        ("The [bomb] squad came.", None),
        ("An [airstrike] hit Goma.", None),
        ("They used [rifles and mortars] there.", None),
        ("A home-[bomb] exploded.", None),
    ],
)
def test_weapons_are_marked_without_count_where_nothing_modifies_them(text, span):
    spans, still_open = marked(text, mark_weapon)
    assert spans == ([span] if span else [])
    assert still_open == ([] if span else ["WEAPON"])


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("The [rebels] fled.", True),
        ("[Police] said so.", True),
        ("Tamil [rebels] fled.", False),
        ("U.S. [troops] left.", False),
        ("The [police] station burned.", False),
        ("The [farmers] fled.", False),
    ],
)
def test_armed_people_are_marked_where_they_stand_alone(text, done):
    spans, _ = marked(text, mark_armed)
    assert bool(spans) == done


def test_overlaps_are_dropped_and_counted():
    draft = Draft("set", "d", "Rebels took Goma", ImportCounts())
    draft.mark(0, 2, "ACTOR")
    draft.mark(1, 3, "LOCATION")
    assert draft.counts.dropped == {"overlaps another span": 1}
    [document] = draft.passages()
    assert [span.label for span in document.spans] == ["ACTOR"]


def test_borders_inside_a_word_are_snapped_and_counted():
    draft = Draft("set", "d", "Rebels took Goma", ImportCounts())
    assert draft.range(7, 10) == (1, 2)
    assert draft.counts.snapped == 1


def test_a_text_becomes_passages_of_a_few_sentences():
    counts = ImportCounts()
    text = "Rebels took Goma. They left.\n\nThe army came. It stayed. Goma rests."
    draft = Draft("set", "d", text, counts, ("LOCATION", "ACTOR"))
    draft.mark(*draft.range(0, 6), "ACTOR")
    draft.mark(*draft.range(12, 16), "LOCATION")
    draft.mark(*draft.range(text.rindex("Goma"), text.rindex("Goma") + 4), "LOCATION")
    draft.drop(*draft.range(text.index("army"), text.index("army") + 4), "not clear", "ACTOR")
    documents = list(draft.passages(3))
    assert [document.text for document in documents] == [
        "Rebels took Goma. They left. The army came.",
        "It stayed. Goma rests.",
    ]
    assert [[d.text[s.start : s.end] for s in d.spans] for d in documents] == [["Rebels", "Goma"], ["Goma"]]
    assert [document.meta["annotated"] for document in documents] == [["LOCATION"], ["LOCATION", "ACTOR"]]
    assert [document.id for document in documents] == ["set-d-0", "set-d-1"]
    assert (counts.documents, counts.passages, counts.kept.total()) == (1, 2, 3)
    [whole] = draft.passages(0)
    assert whole.text == text
    assert len(whole.spans) == 3


def test_passages_that_teach_nothing_are_left_out():
    counts = ImportCounts()
    draft = Draft("set", "d", "Nothing here.", counts)
    assert list(draft.passages()) == []
    assert counts.left_out.total() == 1


def test_spans_that_cross_a_sentence_are_dropped():
    draft = Draft("set", "d", "Go. Now", ImportCounts(), ("ACTOR",), [(0, 3), (4, 7)])
    draft.mark(0, 3, "ACTOR")
    documents = list(draft.passages(1))
    assert documents == []  # what was there is open in both sentences
    assert draft.counts.dropped == {"crosses the border of a sentence": 1}


def test_names_and_places_by_example():
    assert is_name("al-Qaida")
    assert not is_name("the city")
    assert is_government_name("united arab emirates")
    assert not is_government_name("Mosul")
    assert place_or_actor("on", "Mosul", "today") == "LOCATION"
