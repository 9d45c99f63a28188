"""The sample passages and articles, the guidelines' markup, and the figures of the dataset card."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from conflictner.data import Document, word_offsets
from conflictner.model.labels import DEFAULT_SCHEME

DATA = Path(__file__).parents[1] / "data"
SAMPLES = DATA / "samples"
ARTICLES = ("air_campaign.txt", "ambush.txt", "protest.txt")
DETERMINERS = {"the", "a", "an", "this", "that", "these", "those", "its", "their", "his", "her", "some"}
MARKUP_CODES = {"AG", "AT", "AS", "AO", "W", "L", "K", "I", "M", "C", "X"}


@pytest.fixture(scope="module")
def records():
    lines = (SAMPLES / "samples.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def documents(records):
    return [Document.from_dict(record, DEFAULT_SCHEME.table, DEFAULT_SCHEME.events) for record in records]


@pytest.fixture(scope="module")
def card():
    """The two- and three-column rows of the dataset card's tables, as ``{(first, ...): last}``."""
    text = (DATA / "README.md").read_text(encoding="utf-8")
    section = text.split("## Counts", 1)[1].split("\n## ", 1)[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("|")
    ]
    return {tuple(cells): int(number) for *cells, number in rows if number.isdigit()}


def surfaces(document):
    return [(span, document.text[span.start : span.end]) for span in document.spans]


def word_runs(text, length=9):
    """All runs of ``length`` words of the text, without case and punctuation."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def test_records_are_in_canonical_form(records, documents):
    assert [document.to_dict() for document in documents] == records
    for record in records:
        for span in record["spans"]:
            assert ("attribute" in span) == bool(DEFAULT_SCHEME.table[span["label"]]), record["id"]
        assert record["events"] == [event for event in DEFAULT_SCHEME.events if event in record["events"]]


def test_ids_are_numbered_and_texts_differ(documents):
    assert [document.id for document in documents] == [f"sample-{i + 1:03}" for i in range(len(documents))]
    assert len({document.text for document in documents}) == len(documents)


def test_texts_are_one_clean_line(documents):
    for document in documents:
        assert document.text == " ".join(document.text.split()), document.id
        assert not re.search(r"[{}]", document.text), document.id
        assert 8 <= len(document.text.split()) <= 90, document.id


def test_spans_begin_and_end_on_word_borders(documents):
    for document in documents:
        words = word_offsets(document.text)
        starts, ends = {start for start, _ in words}, {end for _, end in words}
        for span, surface in surfaces(document):
            assert span.start in starts, (document.id, surface)
            assert span.end in ends, (document.id, surface)


def test_spans_carry_no_determiner_possessive_or_outer_punctuation(documents):
    for document in documents:
        for span, surface in surfaces(document):
            first = surface.split()[0].lower()
            assert span.label == "CASUALTY" or first not in DETERMINERS, (document.id, surface)
            assert first != "the", (document.id, surface)
            assert surface[0].isalnum(), (document.id, surface)
            assert surface[-1].isalnum() or re.search(r"(?:[A-Z]\.){2,}$", surface), (document.id, surface)
            assert not surface.endswith("'s"), (document.id, surface)


def test_an_actor_has_one_role_in_a_passage(documents):
    for document in documents:
        roles = {}
        for span, surface in surfaces(document):
            if span.label == "ACTOR":
                assert roles.setdefault(surface.lower(), span.attribute) == span.attribute, (
                    document.id,
                    surface,
                )


def test_every_further_mention_of_a_marked_name_is_marked(documents):
    for document in documents:
        marked = {
            i for span in document.spans for i in range(span.start, span.end)
        }  # characters inside any span
        for span, surface in surfaces(document):
            if span.label != "ACTOR" or not surface[0].isupper():
                continue
            for match in re.finditer(rf"\b{re.escape(surface)}\b", document.text):
                assert match.start() in marked, (document.id, surface)


def test_samples_are_many_and_from_everywhere(documents):
    assert len(documents) >= 60
    conflicts = {document.meta["conflict"] for document in documents} - {"none"}
    continents = {document.meta["continent"] for document in documents}
    years = [document.meta["year"] for document in documents]
    assert len(conflicts) >= 12
    assert len(continents) >= 4
    assert min(years) >= 2000
    assert max(years) <= 2026


def test_every_label_attribute_and_event_occurs_several_times(documents):
    spans = Counter((span.label, span.attribute) for document in documents for span in document.spans)
    for label, values in DEFAULT_SCHEME.table.items():
        for value in values or (None,):
            assert spans[label, value] >= 5, (label, value)
    events = Counter(event for document in documents for event in document.events)
    for event in DEFAULT_SCHEME.events:
        assert events[event] >= 5, event
    assert sum(not document.events for document in documents) >= 10
    assert all((document.meta["conflict"] == "none") == (not document.events) for document in documents)


def test_card_gives_the_counts_of_the_file(documents, card):
    spans = Counter((span.label, span.attribute or "-") for document in documents for span in document.spans)
    events = Counter((event,) for document in documents for event in document.events)
    years = [document.meta["year"] for document in documents]
    totals = {
        "passages": len(documents),
        "passages without event": sum(not document.events for document in documents),
        "conflicts": len({document.meta["conflict"] for document in documents} - {"none"}),
        "continents": len({document.meta["continent"] for document in documents}),
        "first year": min(years),
        "last year": max(years),
        "words between white space": sum(len(document.text.split()) for document in documents),
        "spans": spans.total(),
    }
    assert card == {**spans, **events, **{(what,): number for what, number in totals.items()}}


def test_card_example_is_a_valid_document():
    text = (DATA / "README.md").read_text(encoding="utf-8")
    record = json.loads(re.search(r"```json\n(.*?)\n```", text, re.DOTALL)[1])
    document = Document.from_dict(record, DEFAULT_SCHEME.table, DEFAULT_SCHEME.events)
    assert [surface for _, surface in surfaces(document)] == ["Rebels", "mortars", "Mocha", "six"]
    assert document.to_dict() == record


def test_guidelines_markup_is_well_formed_and_shows_every_code():
    text = (DATA / "GUIDELINES.md").read_text(encoding="utf-8").replace("{CODE text}", "")
    spans = re.findall(r"\{(\w+) ([^{}\n]+)\}", text)
    assert {code for code, _ in spans} == MARKUP_CODES
    assert len(spans) == text.count("{") == text.count("}")
    for code, surface in spans:
        first = surface.split()[0].lower()
        assert first != "the", surface
        assert code in "KIMCX" or first not in DETERMINERS, surface


@pytest.mark.parametrize("name", ARTICLES)
def test_articles_are_short_reports(name):
    text = (SAMPLES / name).read_text(encoding="utf-8")
    assert 250 <= len(text.split()) <= 500
    assert text.count("\n\n") >= 4
    assert re.match(r"[A-Z]+, [A-Z][a-z]+ \d{1,2} - ", text), "a dateline opens the report"
    assert re.search(r'[.!?]"?\n\Z', text), "the last sentence is whole"


def test_no_text_repeats_the_training_data(documents, shared):
    ours = {document.id: word_runs(document.text) for document in documents}
    ours |= {name: word_runs((SAMPLES / name).read_text(encoding="utf-8")) for name in ARTICLES}
    files = sorted((shared / "data" / "conflict-news").glob("*.jsonl"))
    assert files, "no files to compare with"
    theirs = set()
    for file in files:
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                theirs |= word_runs(json.loads(line)["text"])
    assert {name: runs & theirs for name, runs in ours.items() if runs & theirs} == {}
