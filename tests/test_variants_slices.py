"""The slices: documents changed as a whole, with spans that stay true."""

from __future__ import annotations

import json
import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data.documents import Document, Span
from conflictner.data.files import read_documents
from conflictner.data.variants.numbers import number_word, spell_numbers
from conflictner.data.variants.punctuation import drop_punctuation
from conflictner.data.variants.rare_names import rare_names, replace_by_rare_names
from conflictner.data.variants.scanning import MISREADINGS, scan
from conflictner.data.variants.slices import LONG_TEXTS, SLICES, change_all, long_texts
from conflictner.data.words import word_offsets, word_range

PIECES = st.one_of(
    st.sampled_from(
        [
            "U.S.",
            "3,000",
            "12",
            "two",
            "President",
            "Aleppo",
            "the",
            "Hamas",
            "Abu Sayyaf",
            "al-Nur",
            "Homs's",
        ]
    ),
    st.text(st.characters(categories=["L", "N", "P", "S", "M"]), min_size=1, max_size=6),
)


@st.composite
def annotated(draw):
    """Any text of pieces with white space, marks or nothing between, some of them spans on word borders."""
    text, spans = "", []
    labels = st.sampled_from(["ACTOR", "LOCATION", "CASUALTY", "WEAPON", None, None])
    for piece in draw(st.lists(PIECES, max_size=8)):
        label = draw(labels)
        if label is not None:
            spans.append((len(text), len(text) + len(piece), label))
        text += piece + draw(st.sampled_from([" ", " ", " ", ", ", "-", "", "'s ", " (", ").", "\n"]))
    words = word_offsets(text)
    starts, ends = {start for start, _ in words}, {end for _, end in words}
    kept = [Span(*s, "x") for s in spans if s[0] in starts and s[1] in ends]
    return Document("a", text, tuple(kept), ("battle",), {"source": "wire"})


def letters(text):
    return "".join(character for character in text if character.isalnum())


@given(annotated(), st.sampled_from(list(SLICES)), st.integers(0, 3))
def test_spans_stay_true_through_any_change(document, name, seed):
    (changed,) = change_all(name, [document], seed)
    assert Document.from_dict(changed.to_dict()) == changed, "valid: in order, flat, without white space"
    assert [(s.label, s.attribute) for s in changed.spans] == [(s.label, s.attribute) for s in document.spans]
    assert (changed.id, changed.events, changed.meta) == (document.id, document.events, document.meta)
    words = word_offsets(changed.text)
    for span in changed.spans:
        first, last = word_range(words, span.start, span.end)
        assert (words[first][0], words[last - 1][1]) == (span.start, span.end), "on word borders"
    if name in ("upper case", "lower case", "no punctuation"):
        for before, after in zip(document.spans, changed.spans, strict=True):
            old, new = document.text[before.start : before.end], changed.text[after.start : after.end]
            assert letters(new).lower() == letters(old).lower() or not old.isascii()
    assert change_all(name, [document], seed) == [changed], "the seed decides"


@given(st.lists(annotated(), max_size=2 * LONG_TEXTS + 1))
def test_long_texts_hold_what_their_parts_hold(documents):
    joined = long_texts(documents)
    spans = [span for document in documents for span in shown_with_labels(document)]
    assert [span for document in joined for span in shown_with_labels(document)] == spans
    for number, document in enumerate(joined):
        assert Document.from_dict(document.to_dict()) == document
        parts = documents[number * LONG_TEXTS : (number + 1) * LONG_TEXTS]
        assert document.text == "\n\n".join(part.text for part in parts)
        assert document.events == ("battle",)


def shown_with_labels(document):
    return [(document.text[s.start : s.end], s.label, s.attribute) for s in document.spans]


def test_all_samples_change_and_stay_valid():
    documents = list(read_documents("data/samples/samples.jsonl"))
    for name, least in zip(SLICES, (100, 100, 100, 90, 40, 20), strict=True):
        changed = change_all(name, documents)
        assert sum(one.text != two.text for one, two in zip(documents, changed, strict=True)) >= least, name
        for document in changed:
            Document.from_dict(document.to_dict())


def mark(text):
    """Make a document of a text with pieces in brackets, each with its label: "[Homs|LOCATION] fell"."""
    plain, spans = "", []
    for piece in re.split(r"(\[.*?\])", text):
        if piece.startswith("["):
            surface, label = piece[1:-1].split("|")
            spans.append(Span(len(plain), len(plain) + len(surface), label))
            plain += surface
        else:
            plain += piece
    return Document("a", plain, tuple(spans))


def shown(document):
    return [document.text[span.start : span.end] for span in document.spans]


@pytest.mark.parametrize(
    ("text", "without", "spans"),
    [
        ('He said: "[Rebels|ACTOR]" fled.', "He said Rebels fled", ["Rebels"]),
        ("[Assad|ACTOR]'s men, 40%", "Assad s men 40%", ["Assad"]),
        ("the [U.S.|ACTOR] [Deir ez-Zor|LOCATION]; -", "the US Deir ez Zor ", ["US", "Deir ez Zor"]),
        ("[Fatah|ACTOR]-[Hamas|ACTOR] talks", "Fatah Hamas talks", ["Fatah", "Hamas"]),
        ("[U.S.|ACTOR]-made", "US.-made", ["US."]),
        ("[(|ACTOR] x", "( x", ["("]),
    ],
)
def test_punctuation(text, without, spans):
    changed = drop_punctuation(mark(text))
    assert (changed.text, shown(changed)) == (without, spans)


def test_scanning_misreads_letters_of_words_that_stay_words():
    document = mark("[Rebels|ACTOR] in [Mali|LOCATION] shot 15 men.")
    changed = scan(document, Random(0), share=1.0)
    assert changed.text == "Rchc1s lri Mo1l sbaf lS rncri,"
    assert shown(changed) == ["Rchc1s", "Mo1l"]
    assert all(
        one.isalnum() or one in ".," for pair in MISREADINGS.items() for piece in pair for one in piece
    )
    few = scan(Document("a", "a" * 5000), Random(0)).text
    assert 0.03 < few.count("o") / 5000 < 0.05


def test_numbers():
    assert [number_word(number) for number in (0, 21, 100)] == ["zero", "twenty-one", "one hundred"]
    assert number_word(999_999) == "nine hundred ninety-nine thousand nine hundred ninety-nine"
    changed = spell_numbers(
        mark("[At least 1,204 people|CASUALTY] died; 300 others in 2014 attacks, Group 18.")
    )
    assert changed.text == (
        "At least one thousand two hundred four people died; three hundred others in 2014 attacks, Group 18."
    )
    assert shown(changed) == ["At least one thousand two hundred four people"]


def test_rare_names():
    document = mark(
        "President [Ramon Aquilar|ACTOR] met rebels of [Hamas|ACTOR] in [southern Homs Province|LOCATION]. "
        "[Aquilar|ACTOR] left [Homs|LOCATION] for the [Baltic Sea|LOCATION]; [police|ACTOR] in "
        "[Kano|LOCATION], said the Kano mayor."
    )
    changed = replace_by_rare_names(document, Random(1))
    person, group, region, surname, place, sea, police, kano = shown(changed)
    names = rare_names()
    given, last = person.split(" ", 1)
    assert given in names["men"]
    assert last == surname
    assert last in names["surnames"]
    assert any(group in [form.format(name) for name in names["places"]] for form in names["groups"])
    assert region == f"southern {place} Province"
    assert place in names["places"]
    assert (sea, police, kano) == ("Baltic Sea", "police", "Kano"), "an article, no name, also elsewhere"


def test_the_rare_names_are_rare(shared):
    """None of them stands in the annotated training passages."""
    path = shared / "data" / "conflict-news" / "train.jsonl"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    text = " ".join(json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines())
    words = set(re.findall(r"\w+", text))
    lists = rare_names()
    names = [name for kind in ("places", "men", "women", "surnames") for name in lists[kind]]
    assert len(names) == len(set(names))
    known = [name for name in names if set(re.findall(r"\w+", name)) <= words]
    assert known == []
