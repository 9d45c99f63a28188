"""The stand-off annotations that come with the package, put together with their texts."""

import json
from pathlib import Path

import pytest

from conflictner.data import read_jsonl
from conflictner.data.overlap import Overlap
from conflictner.data.standoff import attach
from conflictner.data.words import word_offsets
from conflictner.model import DEFAULT_SCHEME

FOLDER = Path(__file__).parents[1] / "data" / "annotations"
FILES = sorted(FOLDER.glob("*.jsonl"))


@pytest.fixture(scope="module")
def documents(shared):
    """All annotated documents, with their texts."""
    scheme = DEFAULT_SCHEME
    return [
        document
        for path in FILES
        for document in attach(path, shared / "corpus", scheme.table, scheme.events)
    ]


def test_no_text_is_in_the_files():
    assert [path.name for path in FILES] == ["open-news-1.jsonl", "open-news-2.jsonl"]
    for path in FILES:
        for line in path.read_text(encoding="utf-8").splitlines():
            assert not {"text", "surface"} & json.loads(line).keys()
            assert len(line) < 3000


def test_every_span_begins_and_ends_with_a_word_and_has_its_attribute(documents):
    assert len({document.id for document in documents}) == len(documents) == 7497
    for document in documents:
        words = word_offsets(document.text)
        starts, ends = {start for start, _ in words}, {end for _, end in words}
        for span in document.spans:
            assert span.start in starts, (document.id, span)
            assert span.end in ends, (document.id, span)
            assert (span.attribute is None) == (not DEFAULT_SCHEME.table[span.label]), (document.id, span)


def test_none_repeats_a_passage_that_models_are_chosen_or_scored_on(documents, shared):
    folder = shared / "data" / "conflict-news"
    held_out = [d.text for split in ("dev", "test") for d in read_jsonl(folder / f"{split}.jsonl")]
    overlap = Overlap(held_out)
    assert [document.id for document in documents if overlap.touches(document.text)] == []
