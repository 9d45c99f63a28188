"""Readers of public sets, on the published files; skipped where those are not at hand."""

from itertools import islice

import pytest

from conflictner.data import Document
from conflictner.data.corpora import CORPORA, ImportCounts
from conflictner.data.words import word_offsets
from conflictner.model import DEFAULT_SCHEME

#: Set -> its file, how many passages are read (``None``: all) and labels that must be among them.
FILES = {
    "gmb": ("gmb/gmb-voa.conll.xz", 1500, {"ACTOR", "LOCATION"}),
    "muc": ("muc34/muc34.tar.gz", 200, {"ACTOR", "LOCATION", "WEAPON", "CASUALTY"}),
    "muc-gtt": ("muc34/gtt-dev.json.xz", None, {"ACTOR", "WEAPON"}),
    "re3d": ("re3d/original", None, {"ACTOR", "LOCATION", "WEAPON"}),
    "uner": ("uner-ewt/test.iob2.xz", None, {"ACTOR", "LOCATION"}),
    "wikievents": ("wikievents/dev.jsonl.xz", None, {"ACTOR", "LOCATION", "WEAPON"}),
    "worldwide": ("worldwide-newswire/processed_annotated.tar.xz", 300, {"ACTOR", "LOCATION"}),
}


@pytest.mark.parametrize("name", FILES)
def test_published_files_give_documents_that_training_takes(name, shared):
    file, count, labels = FILES[name]
    path = shared / "data" / "public" / file
    if not path.exists():
        pytest.skip(f"{path} is not there")
    counts = ImportCounts()
    documents = list(islice(CORPORA[name](path, counts=counts), count))
    assert len(documents) > 100
    seen = set()
    for document in documents:
        assert Document.from_dict(document.to_dict(), DEFAULT_SCHEME.table, DEFAULT_SCHEME.events) == document
        words = word_offsets(document.text)
        starts, ends = {start for start, _ in words}, {end for _, end in words}
        assert all(span.start in starts and span.end in ends for span in document.spans)
        assert document.annotated <= set(DEFAULT_SCHEME.table)
        assert document.spans or document.annotated
        assert document.text == document.text.strip()
        seen |= {span.label for span in document.spans}
    assert seen == labels
    assert counts.dropped
    assert len({document.id for document in documents}) == len(documents)


def test_the_two_forms_of_wikievents_are_read(shared):
    path = shared / "data" / "public" / "wikievents" / "train79_full_entities.json.xz"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    documents = list(CORPORA["wikievents"](path))
    assert sum(len(document.spans) for document in documents) > 1000
