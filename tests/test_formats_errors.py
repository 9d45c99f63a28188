"""What is said about malformed files, and files of no format that is known."""

import gzip
import json
import lzma
import os
from pathlib import Path

import pytest

from conflictner.data import ConflictnerError, DataError, Span
from conflictner.data.formats import FORMATS, Report, detect_format, find_format
from conflictner.data.formats.libraries import load_library

from .tool_files import lines, read

TEXT = "Rebels shelled \U0001f4a5 Kabul"
ACTOR, PLACE = Span(0, 6, "ACTOR", "agent"), Span(17, 22, "LOCATION")


@pytest.mark.parametrize(
    ("name", "content", "line", "reason"),
    [
        ("doccano", '{"text": "a", "label": [[0, 9, "X"]]}', 1, "the span 0:9 lies outside the text"),
        ("doccano", '{"text": "a", "label": []}\n{"label": []}', 2, "the field 'text' is missing"),
        (
            "doccano",
            '{"text": "a", "spans": []}',
            1,
            "the field 'label' is missing; the object has ['spans', ",
        ),
        ("doccano", '{"text": "a", "label": ["X"]}', 1, "a label must be a list [start, end, name], got 'X'"),
        ("doccano", '{"text": "a", "label": [[0, 1, ""]]}', 1, "a span's label must be a string that is not"),
        ("doccano", '{"text": "a", "label": [[0, true, "X"]]}', 1, "a span's offsets must be whole numbers"),
        (
            "doccano",
            '{"text": "\U0001f4a5", "label": [[1, 2, "X"]]}',
            1,
            "the offset 1, in UTF-16 code units",
        ),
        ("doccano", '{"text": "a"', 1, "not JSON: Expecting ',' delimiter at column 13"),
        ("doccano", "[1]", 1, "expected an object, got 1"),
        ("label-studio", '[{"data": {"text": 1}}]', 1, "'data' must hold the text in a field 'text'"),
        ("label-studio", '[\n{"data": 1}]', 2, "a task must have an object 'data' with its text, got 1"),
        (
            "label-studio",
            '[\n{"data": {"text": "a"}},\n{"data": }]',
            3,
            "not JSON: Expecting value at column",
        ),
        ("label-studio", '[\n{"data": {"text": "a"}}\n', 2, "the array does not go on with"),
        ("label-studio", '[{"data": {"text": "a"}}] x', 1, "the array does not end with ']'"),
        (
            "label-studio",
            '[{"data": {"text": "a"}, "annotations": [{"result": [1]}]}]',
            1,
            "a result must be",
        ),
        ("prodigy", '{"text": "a", "spans": [1]}', 1, "a span must be an object, got 1"),
        ("prodigy", '{"text": 1}', 1, "'text' must be a string, got 1"),
        (
            "gliner",
            '[{"tokenized_text": ["a"], "ner": [[0, 1, "X"]]}]',
            1,
            "the entity [0, 1, 'X'] lies outside",
        ),
        ("gliner", '[{"tokenized_text": [1], "ner": []}]', 1, "'tokenized_text' must be a list of strings"),
        ("gliner", '[{"tokenized_text": ["a"], "ner": [[0, 0]]}]', 1, "an entity must be a list"),
        ("hf-jsonl", '{"tokens": ["a"], "ner_tags": ["O", "O"]}', 1, "1 tokens have 2 tags"),
        (
            "hf-jsonl",
            '{"tokens": ["a"], "ner_tags": ["I-X"]}',
            1,
            "tag 0 is 'I-X', which is not IOB2 behind 'O'",
        ),
        ("hf-jsonl", '{"tokens": ["a"], "ner_tags": ["X"]}', 1, "tag 0 is 'X'; accepted are O"),
        (
            "hf-jsonl",
            '{"tokens": ["a", "b"], "ner_tags": ["B-X", "S-X"]}',
            1,
            "tag 1 is 'S-X', which is not BIOES",
        ),
        ("hf-jsonl", '{"tokens": ["a"]}', 1, "a row must have a list 'ner_tags'"),
        ("bioes", "a B-X\nb O\n", 2, "'O' after 'B-X' is not BIOES"),
        ("bioes", "a B-X\n", 1, "the sentence ends behind 'B-X'; in BIOES a span ends with E- or S-"),
        ("bioes", "a X-X\n", 1, "'X-X' is not a BIOES tag"),
        ("bioes", "a E-X\n", 1, "'E-X' after 'O' is not BIOES"),
        (
            "conll",
            '# exact_text = "a b"\na O\n',
            1,
            "'# exact_text =' holds other words than the rows below it",
        ),
        ("conll", "# exact_text = a\na O\n", 1, "'# exact_text =' must be followed by a JSON string"),
    ],
)
def test_malformed_input_stops_with_file_line_and_reason_or_is_skipped(
    name: str, content: str, line: int, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad"
    if name == "conll" and "must be followed" in reason:
        content = content.replace("= a\n", "= [1]\n")
    path.write_bytes(content.encode("utf-8"))
    with pytest.raises(DataError) as caught:
        list(FORMATS[name].read(path, Report()))
    assert str(caught.value).startswith(f"{path}:{line}: {reason}")
    found: list[DataError] = []
    list(FORMATS[name].read(path, Report(), found.append))
    assert [str(error) for error in found] == [str(caught.value)]


def test_behind_an_error_in_an_array_reading_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "tasks.json"
    tasks = [{"data": {"text": text}} for text in "abcd"]
    by_line = "[\n" + ",\n".join(map(json.dumps, tasks)) + "\n]\n"
    for text in (by_line, json.dumps(tasks, indent=1)):
        path.write_text(text.replace('"b"', '"b').replace('"d"', "4"))
        found: list[DataError] = []
        documents = list(FORMATS["label-studio"].read(path, Report(), found.append))
        assert [document.text for document in documents] == ["a", "c"]
        assert len(found) == 2
    path.write_bytes(by_line.encode().replace(b'"b"', b'"\xff"'))
    found = []
    documents = list(FORMATS["label-studio"].read(path, Report(), found.append))
    assert [document.text for document in documents] == ["a", "c", "d"]
    assert [error.line for error in found] == [3]


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="needs /dev/fd")
@pytest.mark.parametrize(
    "content", [lines({"text": "a", "label": []}), "\n[\n" + lines({"text": "a", "label": []}) + "]"]
)
def test_a_pipe_is_read_once_and_not_looked_at(content: str) -> None:
    reading, writing = os.pipe()
    try:
        with os.fdopen(writing, "wb") as file:
            file.write(content.encode())
        pipe = Path(f"/dev/fd/{reading}")
        with pytest.raises(DataError, match="can be read only once; name its format with --from"):
            detect_format(pipe)
        assert [document.text for document in FORMATS["doccano"].read(pipe, Report())] == ["a"]
    finally:
        os.close(reading)


@pytest.mark.parametrize(
    ("annotations", "reason"),
    [
        ("T1\tX 0 9\tabc", "the span 0:9 lies outside the text, which ends at 3"),
        ("T1\tX 0 2\tbc", "the span 0:2 should be 'bc', the text has 'ab'"),
        ("T1\tX 0 1\ta\nT1\tX 1 2\tb", "'T1' stands here once more"),
        ("nothing", "expected 'T1<TAB>LABEL START END<TAB>TEXT' as in brat, got 'nothing'"),
        ("T1 X 0 1 a", "expected 'T1<TAB>LABEL"),
    ],
)
def test_a_bad_annotation_of_brat_is_named(annotations: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("abc")
    (tmp_path / "a.ann").write_text(annotations)
    with pytest.raises(DataError) as caught:
        read("brat", tmp_path)
    line = annotations.count("\n") + 1
    assert str(caught.value).startswith(f"{tmp_path / 'a.ann'}:{line}: {reason}")
    found: list[DataError] = []
    (document,) = FORMATS["brat"].read(tmp_path, Report(), found.append)
    assert [str(error) for error in found] == [str(caught.value)]
    assert len(document.spans) == line - 1
    (tmp_path / "a.txt").write_bytes(b"a\n\xff")
    with pytest.raises(DataError, match=r"a\.txt:2: byte 0xff is not UTF-8"):
        read("brat", tmp_path)


@pytest.mark.parametrize("name", [name for name in FORMATS if FORMATS[name].write])
def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    if name in ("hf", "spacy"):
        pytest.importorskip({"hf": "datasets", "spacy": "spacy"}[name])
    with pytest.raises(DataError, match="nowhere"):
        list(FORMATS[name].read(tmp_path / "nowhere", Report(), lambda error: pytest.fail(str(error))))


def test_formats_are_found_by_name() -> None:
    assert find_format("doccano").title == "doccano JSON Lines"
    with pytest.raises(DataError, match=r"the format 'word' is not known; accepted are jsonl, "):
        find_format("word")
    only_read = next(name for name, form in FORMATS.items() if form.write is None)
    with pytest.raises(DataError, match=f"the format {only_read} is only read; to write, accepted are jsonl"):
        find_format(only_read, to_write=True)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b" \r\n", "holds no documents"),
        (b"prose and nothing else\n", "its format is not recognised; name it with --from: jsonl"),
        (b"[", "its format is not recognised; name it with --from: jsonl"),
        (b"[" * 3000, "its format is not recognised; name it with --from: jsonl"),
        (b'{"b": 2, "a": 1}', "its format is not recognised, its first object has ['a', 'b']; name it with"),
        (b'{"text": a}', "its format is not recognised, its first object is not JSON: Expecting value at"),
        (
            gzip.compress(b'{"id": "a", "text": "b"}', mtime=0),
            "is a gzip archive; unpack it first: gunzip -k FILE",
        ),
        (lzma.compress(b'{"id": "a", "text": "b"}'), "is compressed with xz; unpack it first: unxz -k FILE"),
        (b"PK\x03\x04", "is a zip archive or an office document"),
        (b"\xff\xfe\x00", "is UTF-16 text; convert it to UTF-8: iconv"),
    ],
)
def test_unknown_content_is_named_or_asks_for_a_name(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        detect_format(path)
    assert str(caught.value).startswith(f"{path}: {reason}")


def test_what_is_no_file_of_a_format_asks_for_a_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not recognised"):
        detect_format(tmp_path)
    with pytest.raises(DataError, match="there is no such file"):
        detect_format(tmp_path / "nowhere")


def test_a_missing_library_is_named_with_what_to_type() -> None:
    with pytest.raises(
        ConflictnerError, match=r"spaCy's needs no_such: pip install 'conflictner\[formats\]'"
    ):
        load_library("no_such", "spaCy's")
