"""Statistics: everything is counted once."""

import json
import statistics as reference
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflictner.data import Document, Span, read_jsonl, statistics, word_offsets
from conflictner.data.statistics import Lengths

COLLECTION = [
    Document(
        "a",
        "Rebels shelled Al Bab; rebels fled.",
        (Span(0, 6, "ACTOR", "agent"), Span(15, 21, "LOCATION"), Span(23, 29, "ACTOR", "other")),
        ("battle", "explosion"),
    ),
    Document("b", "Rebels\n fled", (Span(0, 6, "ACTOR"),), ("battle",)),
    Document("c", "Calm."),
]


@st.composite
def collections(draw: st.DrawFn) -> list[Document]:
    """Draw documents whose spans begin and end with words."""
    documents = []
    for number in range(draw(st.integers(0, 5))):
        text = draw(st.text("ab .\n", max_size=30))
        words = word_offsets(text)
        cuts = sorted(draw(st.sets(st.integers(0, len(words)), max_size=6)))
        spans = tuple(
            Span(
                words[first][0],
                words[last - 1][1],
                draw(st.sampled_from("XYZ")),
                draw(st.sampled_from(["p", "q", None])),
            )
            for first, last in zip(cuts[::2], cuts[1::2], strict=False)
        )
        events = tuple(draw(st.lists(st.sampled_from("ef"), unique=True)))
        documents.append(Document(str(number), text, spans, events))
    return documents


def test_a_worked_example() -> None:
    result = statistics(COLLECTION)
    assert (result.documents, result.characters, result.words, result.spans) == (3, 52, 12, 4)
    assert (result.documents_without_spans, result.documents_without_events) == (1, 1)
    assert result.events == {"battle": 2, "explosion": 1}
    assert result.span_words == Lengths(mean=1.25, median=1.0, longest=2)
    assert list(result.labels) == ["ACTOR", "LOCATION"]
    actor = result.labels["ACTOR"]
    assert (actor.spans, actor.attributes, actor.without_attribute) == (3, {"agent": 1, "other": 1}, 1)
    assert actor.surfaces == (("Rebels", 2), ("rebels", 1))
    assert result.labels["LOCATION"].words == Lengths(2.0, 2.0, 2)
    assert result.surfaces_complete


def test_nothing_is_counted_as_nothing() -> None:
    result = statistics([])
    assert (result.documents, result.words, result.spans) == (0, 0, 0)
    assert result.span_words == Lengths(0.0, 0.0, 0)
    assert result.labels == {}


def test_the_dictionary_is_json() -> None:
    record = statistics(COLLECTION).to_dict()
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["labels"]["ACTOR"]["surfaces"] == {"Rebels": 2, "rebels": 1}
    assert record["span_words"] == {"mean": 1.25, "median": 1.0, "longest": 2}


@given(collections())
def test_counts_add_up(collection: list[Document]) -> None:
    result = statistics(collection, most_common=1000)
    spans = [(document, span) for document in collection for span in document.spans]
    assert result.spans == len(spans) == sum(label.spans for label in result.labels.values())
    assert result.words == sum(len(document.text.replace(".", " . ").split()) for document in collection)
    assert result.events == Counter(event for document in collection for event in document.events)
    for name, label in result.labels.items():
        own = [(document, span) for document, span in spans if span.label == name]
        assert label.spans == len(own) == sum(label.attributes.values()) + label.without_attribute
        assert dict(label.surfaces) == Counter(
            " ".join(document.text[span.start : span.end].split()) for document, span in own
        )


@given(collections())
def test_lengths_agree_with_the_standard_library(collection: list[Document]) -> None:
    lengths = [
        len(word_offsets(document.text[span.start : span.end]))
        for document in collection
        for span in document.spans
    ]
    result = statistics(collection).span_words
    if lengths:
        assert result.mean == pytest.approx(reference.mean(lengths))
        assert result.median == reference.median(lengths)
        assert result.longest == max(lengths)
    else:
        assert result == Lengths()


@settings(max_examples=30)
@given(collections(), st.randoms())
def test_the_order_of_documents_does_not_matter(collection: list[Document], random: object) -> None:
    shuffled = list(collection)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert statistics(shuffled).to_dict() == statistics(collection).to_dict()


def test_the_most_frequent_surfaces_are_named() -> None:
    assert statistics(COLLECTION, most_common=1).labels["ACTOR"].surfaces == (("Rebels", 2),)
    assert statistics(COLLECTION, most_common=0).labels["ACTOR"].surfaces == ()


def test_rare_surfaces_are_forgotten_when_there_are_too_many() -> None:
    def documents() -> Iterator[Document]:
        for number in range(500):
            yield Document(str(number), f"n{number} common", (Span(0, len(f"n{number}"), "X"),))
            yield Document(str(number), "common", (Span(0, 6, "X"),))

    result = statistics(documents(), most_common=1000, surface_limit=20)
    assert not result.surfaces_complete
    assert result.spans == 1000
    assert len(result.labels["X"].surfaces) <= 40
    assert result.labels["X"].surfaces[0] == ("common", 500)


def test_long_surfaces_are_told_apart_by_their_beginning() -> None:
    text = "word " * 100 + "end"
    (surface, count), *rest = (
        statistics([Document("a", text, (Span(0, len(text), "X"),))]).labels["X"].surfaces
    )
    assert (len(surface), count, rest) == (100, 1, [])
    assert surface.endswith("…")


def test_the_shared_training_data_is_counted_as_its_card_says(shared: Path) -> None:
    folder = shared / "data" / "conflict-news"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    assert statistics(read_jsonl(folder / "dev.jsonl")).documents == 412
    assert statistics(read_jsonl(folder / "test.jsonl")).documents == 496
