import json
import lzma

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data import DataError, Document, Span
from conflictner.data.standoff import Place, attach, detach, write_standoff

TEXT = "Rebels took the town of Harim on Friday.\nTalks failed.  A truce held.\nLast line.\n"
PLACE = Place("news.txt", 1, 2, 0, 54)
DOCUMENT = Document(
    "n1",
    "Rebels took the town of Harim on Friday. Talks failed.",
    (Span(0, 6, "ACTOR", "agent"), Span(24, 29, "LOCATION")),
    ("battle",),
    {"source": "news"},
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "news.txt").write_text(TEXT, encoding="utf-8")
    with lzma.open(tmp_path / "more.txt.xz", "wb") as file:
        file.write(TEXT.encode())
    return tmp_path


def test_annotations_come_back_with_their_text(folder):
    part = Document("n2", "A truce held.", (), ())
    path = folder / "annotations.jsonl"
    assert write_standoff(path, [(part, Place("more.txt.xz", 2, 1, 15, 28)), (DOCUMENT, PLACE)]) == 2
    assert list(attach(path, folder)) == [part, DOCUMENT]


def test_no_word_of_the_text_is_in_the_annotations(folder):
    record = json.dumps(detach(DOCUMENT, PLACE))
    assert "Rebels" not in record
    assert "Harim" not in record


def test_another_text_is_refused(folder):
    path = folder / "annotations.jsonl"
    write_standoff(path, [(DOCUMENT, PLACE)])
    (folder / "news.txt").write_text(TEXT.replace("Harim", "Hamam"), encoding="utf-8")
    with pytest.raises(
        DataError, match=r"annotations.jsonl:1: 'n1' was annotated on another text than paragraph 1"
    ):
        list(attach(path, folder))


def test_a_place_behind_the_end_is_refused(folder):
    path = folder / "annotations.jsonl"
    write_standoff(path, [(DOCUMENT, Place("news.txt", 9, 1, 0, 54))])
    with pytest.raises(DataError, match="another text than paragraph 9"):
        list(attach(path, folder))


def test_a_missing_corpus_file_is_named(folder):
    path = folder / "annotations.jsonl"
    write_standoff(path, [(DOCUMENT, Place("other.txt", 1, 1, 0, 5))])
    with pytest.raises(DataError, match=r"other\.txt"):
        list(attach(path, folder))


@pytest.mark.parametrize(
    "change",
    [
        {"paragraph": 0},
        {"paragraph": "1"},
        {"paragraphs": True},
        {"paragraphs": 10**12},
        {"sha256": None},
        {"file": "../news.txt"},
        {"file": "x" * 300 + ".txt"},
        {"id": 3},
        {"spans": None},
        {"start": None},
    ],
)
def test_a_malformed_record_is_shown(folder, change):
    path = folder / "annotations.jsonl"
    path.write_text(json.dumps({**detach(DOCUMENT, PLACE), **change}), encoding="utf-8")
    with pytest.raises(DataError, match=r"annotations.jsonl:1: no stand-off annotation"):
        list(attach(path, folder))


@pytest.mark.parametrize("spans", [[[0, 99, "ACTOR"]], [[0, 6]], ["x"], [[0, 6, "ACTOR", "agent", 1]]])
def test_a_malformed_span_is_shown(folder, spans):
    path = folder / "annotations.jsonl"
    path.write_text(json.dumps({**detach(DOCUMENT, PLACE), "spans": spans}), encoding="utf-8")
    with pytest.raises(DataError, match=r"annotations.jsonl:1: "):
        list(attach(path, folder))


@pytest.mark.parametrize("line", ["[]", "{}", "nonsense", '"n1"'])
def test_a_line_that_is_no_record_is_shown(folder, line):
    path = folder / "annotations.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(DataError, match=r"annotations.jsonl:1: "):
        list(attach(path, folder))


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1, max_size=5),
    st.data(),
)
def test_any_stretch_of_any_text_comes_back(tmp_path_factory, paragraphs, data):
    paragraphs = [text for text in (p.strip() for p in paragraphs) if text]
    if not paragraphs:
        return
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "a.txt").write_text("\n".join(paragraphs), encoding="utf-8", newline="\n")
    first = data.draw(st.integers(1, len(paragraphs)))
    count = data.draw(st.integers(1, len(paragraphs) - first + 1))
    joined = " ".join(paragraphs[first - 1 : first - 1 + count])
    start = data.draw(st.integers(0, len(joined) - 1))
    end = data.draw(st.integers(start + 1, len(joined)))
    document = Document("x", joined[start:end])
    write_standoff(folder / "s.jsonl", [(document, Place("a.txt", first, count, start, end))])
    assert list(attach(folder / "s.jsonl", folder)) == [document]
