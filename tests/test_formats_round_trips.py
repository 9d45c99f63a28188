"""Round trips: what a format holds comes back as it was, and what it cannot hold is counted."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from conflictner.data import Document, Span, word_offsets
from conflictner.data.formats import FORMATS, Report, detect_format

STUDIO = ["label-studio", "label-studio-predictions"]
LIGHT = ["jsonl", "conll", "bioes", "hf-jsonl", "doccano", *STUDIO, "prodigy", "brat", "gliner"]
HEAVY = ["hf", "spacy"]
#: Formats that mark characters, so that spans need not begin and end with words.
CHARACTERS = {"jsonl", "doccano", "label-studio", "label-studio-predictions", "prodigy", "brat", "spacy"}

TRICKY = " \n\r\t.-:#'\"ab\u0301\u200d\u00a0\u2028\x85\x1c\0\ufeff\U0001f4a5\U0001f468\ud800"
# One lone surrogate alone: two may make a pair, which no JSON holds as two characters.
any_text = st.text(st.one_of(st.sampled_from(TRICKY), st.characters(exclude_categories=["Cs"])), max_size=40)
plain = st.sampled_from(["a", "news/1", "é b", "..", "x" * 300, "", "CON", "%41", "a:b", "A", "{}", '"q"'])
labels = st.sampled_from(["ACTOR", "PER", "Person name", "a:b", "é"])
attributes = st.sampled_from([None, "agent", "two words", "x:y"])
meta = st.dictionaries(
    st.sampled_from(["source", "tags", "n"]),
    st.sampled_from([1, "a\u2028\n", None, [1, {"b": "é"}], 0.5]),
    max_size=2,
)


@st.composite
def documents(draw: st.DrawFn, *, by_words: bool = False) -> Document:
    """Draw a document of any text, with spans anywhere or on the borders of words."""
    text = draw(any_text)
    words = word_offsets(text)
    places = sorted(draw(st.sets(st.integers(0, len(words) if by_words else len(text)), max_size=6)))
    spans = []
    for first, last in pairwise(places):
        start, end = (words[first][0], words[last - 1][1]) if by_words else (first, last)
        surface = text[start:end]
        if surface == surface.strip() and draw(st.booleans()):
            score = draw(st.sampled_from([None, 0.25]))
            spans.append(Span(start, end, draw(labels), draw(attributes), score))
    events = draw(st.lists(st.sampled_from(["battle", "riot é"]), unique=True))
    return Document(draw(plain), text, tuple(spans), tuple(events), draw(meta))


def there_and_back(name: str, given_documents: list[Document]) -> tuple[list[Document], Report, Report]:
    """Write and read documents; return them with what the writer and the reader report."""
    form = FORMATS[name]
    assert form.write is not None
    written, read = Report(), Report()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"out{form.endings[0] if form.endings else ''}"
        form.write(path, iter(given_documents), written)
        found = list(form.read(path, read))
    return found, written, read


def check(name: str, given_documents: list[Document]) -> None:
    """Check that documents come back, but for what is reported."""
    found, written, read = there_and_back(name, given_documents)
    assert written.documents == len(given_documents) == len(found)
    spans = sum(len(document.spans) for document in given_documents)
    assert written.kept.total() + written.dropped.total() == spans
    assert sum(len(document.spans) for document in found) == written.kept.total()
    assert read.is_lossless
    if written.is_lossless:
        assert found == given_documents
    lost = " ".join(written.lost)
    if "surrogates" not in lost:
        assert sorted(document.text for document in found) == sorted(
            document.text for document in given_documents
        )
    if name in CHARACTERS:
        assert not written.snapped
        assert not written.dropped
    if not written.lost and not written.dropped and not written.snapped:
        return
    if name != "brat" and "surrogates" not in lost:
        for before, after in zip(given_documents, found, strict=True):
            assert (after.id, after.text, after.events, after.meta) == (
                before.id,
                before.text,
                before.events,
                before.meta,
            )


@pytest.mark.parametrize("name", LIGHT)
@settings(max_examples=35, suppress_health_check=[HealthCheck.too_slow])
@given(given_documents=st.lists(documents(), min_size=1, max_size=3))
@example(given_documents=[Document("a", "  two  spaces ", (Span(2, 5, "X"), Span(7, 13, "Y")))])
@example(given_documents=[Document("a", "\U0001f4a5 hit\u0301\r\n\r\nnow", (Span(2, 6, "X"),))])
@example(given_documents=[Document("a", "\ufeffmark"), Document("b", ""), Document("c", "  \r\n ")])
def test_any_document_comes_back_but_for_what_is_reported(name: str, given_documents: list[Document]) -> None:
    check(name, given_documents)


@pytest.mark.parametrize("name", HEAVY)
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(given_documents=st.lists(documents(), min_size=1, max_size=3))
@example(given_documents=[Document("a", "  two  spaces ", (Span(2, 5, "X"), Span(7, 13, "Y")))])
@example(given_documents=[Document("a", "\U0001f4a5 hit\u0301\r\n\r\nnow", (Span(2, 6, "X"),))])
def test_any_document_comes_back_from_libraries_formats(name: str, given_documents: list[Document]) -> None:
    pytest.importorskip({"hf": "datasets", "spacy": "spacy"}[name])
    check(name, given_documents)


def _plain_documents() -> Iterator[Document]:
    """Yield documents that every format but brat holds whole."""
    yield Document(
        "a",
        "Rebels  shelled\r\nAl-Rai \U0001f4a5, cafe\u0301!\n",
        (Span(0, 6, "ACTOR", "agent"), Span(17, 23, "LOCATION"), Span(27, 32, "LOCATION")),
        ("battle",),
        {"source": "own", "n": [1, {"x": None}]},
    )
    yield Document("b", "\ufeffNo spans, no final newline")


@pytest.mark.parametrize("name", [*LIGHT, *HEAVY])
def test_whole_documents_come_back_whole_and_are_recognised(name: str, tmp_path: Path) -> None:
    if name in HEAVY:
        pytest.importorskip({"hf": "datasets", "spacy": "spacy"}[name])
    given_documents = list(_plain_documents())
    if name == "brat":
        given_documents = [replace(document, events=(), meta={}) for document in given_documents]
    form = FORMATS[name]
    assert form.write is not None
    path = tmp_path / f"out{form.endings[0] if form.endings else ''}"
    report = Report()
    form.write(path, given_documents, report)
    assert report.is_lossless
    assert report.kept == {"ACTOR": 1, "LOCATION": 2}
    assert list(form.read(path, Report())) == given_documents
    assert detect_format(path).name == name.removesuffix("-predictions")


@pytest.mark.parametrize(
    "name", ["jsonl", "conll", "bioes", "hf-jsonl", "doccano", "prodigy", "label-studio", "gliner"]
)
def test_line_ends_byte_order_mark_and_final_newline_do_not_matter(name: str, tmp_path: Path) -> None:
    form = FORMATS[name]
    assert form.write is not None
    given_documents = list(_plain_documents())
    form.write(tmp_path / "out", given_documents, Report())
    content = (tmp_path / "out").read_bytes().rstrip(b"\n")
    changed = tmp_path / "changed"
    changed.write_bytes(b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n"))
    assert list(form.read(changed, Report())) == given_documents
    assert detect_format(changed).name == name


@pytest.mark.parametrize("name", ["conll", "bioes", "hf-jsonl", "gliner"])
def test_formats_of_words_snap_and_say_so(name: str) -> None:
    document = Document("a", "pro-Assad troops", (Span(0, 2, "X"), Span(3, 4, "Y"), Span(4, 5, "Z")))
    (found,), written, _ = there_and_back(name, [document])
    assert found.spans == (Span(0, 3, "X"), Span(3, 4, "Y"), Span(4, 9, "Z"))
    assert written.snapped == {"to the borders of words": 2}
    inside = Document("a", "troops", (Span(0, 2, "X"), Span(3, 6, "Y")))
    (found,), written, _ = there_and_back(name, [inside])
    assert found.spans == (Span(0, 6, "X"),)
    assert written.dropped == {"overlaps a longer span": 1}
