"""Files of either form, told apart by ending or first line."""

import os
import threading
from pathlib import Path

import pytest

from conflictner.data import DataError, Document, read_documents, require_documents
from conflictner.data.files import enumerate_documents

JSONL = b'\n{"id": "a", "text": "Kabul fell"}\n'
CONLL = b"# id = a\nKabul\tO\nfell\tO\n"
EXPECTED = [Document("a", "Kabul fell")]


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", ["x.jsonl", "x.ndjson", "x.JSONL", "x.txt", "x.tsv", "x.json", "x"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_json_lines_are_read_under_any_of_their_endings(tmp_path: Path, name: str, mark: bytes) -> None:
    assert list(read_documents(write(tmp_path, name, mark + JSONL))) == EXPECTED


@pytest.mark.parametrize("name", ["x.conll", "x.iob", "x.iob2", "x.bio", "x.CoNLL", "x.txt", "x.tsv", "x"])
@pytest.mark.parametrize("content", [CONLL, b"\xef\xbb\xbf" + CONLL, b"-DOCSTART- O\n\n" + CONLL])
def test_columns_are_read_under_any_of_their_endings(tmp_path: Path, name: str, content: bytes) -> None:
    assert list(read_documents(write(tmp_path, name, content))) == EXPECTED


@pytest.mark.parametrize("name", ["x.csv", "x.pdf", "x.jsonl.gz"])
def test_an_unknown_ending_is_refused_with_those_that_are_known(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name, JSONL)
    with pytest.raises(DataError) as caught:
        list(read_documents(path, on_error=lambda error: None))
    assert str(caught.value) == (
        f"{path}: the ending {path.suffix!r} is not known; accepted are JSON Lines, an object with 'id' and "
        "'text' a line (.jsonl, .ndjson), and columns, a token and its IOB2 tag a line (.conll, .iob, .iob2, "
        ".bio), or either (.tsv, .txt, .json); conflictner convert reads other formats"
    )


@pytest.mark.parametrize("line", [b"Fighting broke out in Kabul on Sunday.", b"Kabul", b"[", b"Kabul fell"])
def test_text_of_neither_form_is_refused_with_its_line(tmp_path: Path, line: bytes) -> None:
    path = write(tmp_path, "x.txt", b"\n" + line + b"\n")
    with pytest.raises(DataError) as caught:
        list(read_documents(path, on_error=lambda error: None))
    assert str(caught.value).startswith(
        f"{path}:2: neither JSON Lines nor columns, this line is {line.decode()!r}; accepted are JSON Lines"
    )


@pytest.mark.parametrize("name", ["x.txt", "x.conll", "x.jsonl"])
def test_binary_files_are_named_with_the_line(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name, b"\x89PNG\r\n\x1a\n\0\0")
    with pytest.raises(DataError, match=r":1: byte 0x89 at position 1 of the line is not UTF-8"):
        list(read_documents(path))


@pytest.mark.parametrize("name", ["x.txt", "x.conll", "x.jsonl"])
@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_empty_files_hold_nothing(tmp_path: Path, name: str, content: bytes) -> None:
    assert list(read_documents(write(tmp_path, name, content))) == []


def test_a_missing_file_is_named_before_its_ending_matters(tmp_path: Path) -> None:
    for name in ("none.csv", "none.jsonl"):
        with pytest.raises(DataError, match="there is no such file"):
            list(read_documents(tmp_path / name))


def test_labels_events_and_errors_are_passed_on(tmp_path: Path) -> None:
    jsonl = write(tmp_path, "x.jsonl", b'{"id": "a", "text": "x", "events": ["war"]}\n[]\n' + JSONL)
    conll = write(tmp_path, "x.conll", b'# events = ["war"]\nA O\n\nB B-X\n\n' + CONLL)
    for path, lines in ((jsonl, [1, 2]), (conll, [1, 4])):
        found: list[DataError] = []
        documents = list(read_documents(path, {"ACTOR": ()}, ["battle"], found.append))
        assert documents == EXPECTED
        assert [(error.source, error.line) for error in found] == [(str(path), line) for line in lines]


def test_documents_are_numbered_by_their_first_lines(tmp_path: Path) -> None:
    assert [line for line, _ in enumerate_documents(write(tmp_path, "x.txt", JSONL))] == [2]
    assert [line for line, _ in enumerate_documents(write(tmp_path, "x.txt", b"\n" + CONLL))] == [2]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("content", [JSONL, CONLL])
def test_a_pipe_loses_nothing_to_the_look_at_its_first_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(content,))
    writer.start()
    assert list(read_documents(path)) == EXPECTED
    writer.join()


def test_required_documents_are_passed_on_or_missed() -> None:
    assert list(require_documents(EXPECTED, "x.jsonl")) == EXPECTED
    with pytest.raises(DataError, match=r"^x\.jsonl: holds no documents$"):
        list(require_documents([], "x.jsonl"))
