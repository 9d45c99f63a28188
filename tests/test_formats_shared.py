"""Real files, where they are present: what is read is written in every light format and comes back."""

from itertools import islice
from pathlib import Path

import pytest

from conflictner.data.formats import FORMATS, Report, detect_format

LIGHT = [name for name, form in FORMATS.items() if form.write is not None and name not in ("hf", "spacy")]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("conflict-news/dev.jsonl", "jsonl"),
        ("public/re3d/conflibert-split/test.txt", "conll"),
        ("public/gmb/gmb-voa.conll.xz", "gmb"),
        ("public/muc34/gtt-dev.json.xz", "muc-gtt"),
    ],
)
def test_real_documents_come_back(shared: Path, tmp_path: Path, file: str, name: str) -> None:
    source = shared / "data" / file
    if not source.exists():
        pytest.skip(f"{source} is not there")
    form = detect_format(source)
    assert form.name == name
    documents = list(islice(form.read(source, Report()), 25))
    assert len(documents) == 25
    assert sum(len(document.spans) for document in documents) > 15
    for target in LIGHT:
        path, report = tmp_path / target, Report()
        FORMATS[target].write(path, documents, report)  # type: ignore[misc]
        found = {document.id: document for document in FORMATS[target].read(path, Report())}
        assert report.documents == 25
        assert not report.dropped
        for document in documents:
            back = found[document.id]
            assert back.text == document.text
            if not report.snapped:
                assert [(s.start, s.end) for s in back.spans] == [(s.start, s.end) for s in document.spans]
            assert target == "brat" or back.meta == document.meta
