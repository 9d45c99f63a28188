"""JSON Lines: everything comes back as it was written, and every bad line is named."""

import io
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conflictner.data import DataError, Document, Span, read_jsonl, to_json_line, write_jsonl
from conflictner.data import lines as lines_module
from conflictner.data.jsonl import _SURROGATE_PAIR, enumerate_jsonl

GOOD = b'{"id": "a", "text": "Kabul fell"}'
TRICKY = 'ab \n\r\t"\\/\0\x1f\x85\u2028\u2029\ufeff\u0301\u00a0\U0001f4a5\ud800\udc00'


def read(content: bytes, **options: Any) -> list[Document]:
    return list(read_jsonl(io.BytesIO(content), **options))


def errors(content: bytes, **options: Any) -> list[str]:
    """Read on after every error and return what was reported, checking that the first one stops otherwise."""
    found: list[DataError] = []
    read(content, on_error=found.append, **options)
    if found:
        with pytest.raises(DataError) as caught:
            read(content, **options)
        assert str(caught.value) == str(found[0])
    return [str(error) for error in found]


any_text = st.text(st.one_of(st.sampled_from(TRICKY), st.characters(exclude_categories=()))).filter(
    lambda text: not _SURROGATE_PAIR.search(text)
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Draw any valid document: any text, flat spans that begin and end on no white space."""
    text = draw(any_text)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        surface = text[start:end]
        start += len(surface) - len(surface.lstrip())
        end = start + len(surface.strip())
        if start < end:
            label, attribute = draw(st.sampled_from([("ACTOR", "agent"), ("PLACE \u2028", None)]))
            spans.append(Span(start, end, label, attribute, draw(st.none() | st.floats(0, 1))))
    events = draw(st.lists(st.sampled_from(["battle", "riot"]), unique=True))
    meta = draw(st.dictionaries(any_text, json_values, max_size=3))
    return Document(draw(any_text), text, tuple(spans), tuple(events), meta)


@given(documents())
@example(Document("\u2028", "a\u2028b\x85c\ud800", (Span(0, 1, "X"),)))
def test_any_document_comes_back_from_its_line(document: Document) -> None:
    line = to_json_line(document)
    assert len(line.splitlines()) == 1
    assert read(line.encode("utf-8")) == [document]


@settings(max_examples=30)
@given(st.lists(documents(), max_size=3), st.sampled_from([b"\n", b"\r\n", b"\n\n \n"]), st.booleans())
def test_files_come_back_whatever_their_line_breaks(
    collection: list[Document], line_break: bytes, ends_with_break: bool
) -> None:
    lines = [to_json_line(document).encode("utf-8") for document in collection]
    content = b"\xef\xbb\xbf" + line_break.join(lines) + line_break * ends_with_break
    assert read(content) == collection


def test_lines_are_readable_by_people() -> None:
    document = Document("a", "Дамаск", (Span(0, 6, "LOCATION"),), ("battle",), {"n": 1})
    assert to_json_line(document) == (
        '{"id": "a", "text": "Дамаск", "spans": [{"start": 0, "end": 6, "label": "LOCATION"}], '
        '"events": ["battle"], "meta": {"n": 1}}'
    )


def test_line_separators_inside_strings_do_not_break_lines() -> None:
    content = '{"id": "a", "text": "one\u2028two\u0085three"}\n'.encode()
    assert [document.text for document in read(content)] == ["one\u2028two\u0085three"]


def test_lone_surrogates_are_read_and_written_as_escapes() -> None:
    (document,) = read(rb'{"id": "a", "text": "x\ud800y"}')
    assert document.text == "x\ud800y"
    assert r"x\ud800y" in to_json_line(document)


def test_a_surrogate_pair_of_two_characters_is_refused() -> None:
    with pytest.raises(DataError, match="'x' cannot be written: a string holds a surrogate pair"):
        to_json_line(Document("x", "\ud83d\ude00", (Span(0, 2, "ACTOR"),)))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, object()])
def test_meta_that_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(DataError, match="document 'x' cannot be written: no JSON can hold it"):
        to_json_line(Document("x", "text", meta={"value": value}))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON: Expecting property name enclosed in double quotes at column 2, near '{'"),
        (b'{"id": "a" "text": 1}', "not JSON: Expecting ',' delimiter at column 12, near"),
        (b"Kabul fell", "not JSON: Expecting value at column 1, near 'Kabul fell'"),
        (GOOD + GOOD, f"not JSON: Extra data at column {len(GOOD) + 1}, near"),
        (b'{"id": "a", "text": "x\0y"}', "not JSON: Invalid control character at column 23, near"),
        (b"[]", "expected an object with 'id' and 'text', got []"),
        (b"null", "expected an object with 'id' and 'text', got None"),
        (b'"text"', "expected an object with 'id' and 'text', got 'text'"),
        (b'{"id": "a"}', "the field 'text' is missing; the object has ['id']"),
        (b'{"id": "a", "id": "b", "text": ""}', "the field 'id' stands more than once in an object"),
        (b'{"id": "a", "text": "", "meta": {"n": NaN}}', "NaN is not JSON; use null or a number"),
        (b'{"id": "a", "text": "", "meta": {"n": -Infinity}}', "-Infinity is not JSON"),
        (b'{"id": "a", "text": "", "meta": {"n": 1e999}}', "the number '1e999' is too large"),
        (b'{"id": "a", "n": ' + b"9" * 5000 + b"}", "the JSON holds a number of too many digits"),
        (b'{"id": ' + b"[" * 100_000, "the JSON is nested too deeply"),
        (b'{"id": ' + b'{"a":' * 100_000, "the JSON is nested too deeply"),
        (b'{"id": "a", "text": "\xff"}', "byte 0xff at position 22 of the line is not UTF-8"),
        (b'{"id": "a", "text": "\xed\xa0\x80"}', "byte 0xed at position 22 of the line is not UTF-8"),
        (b"\x89PNG\r", "byte 0x89 at position 1 of the line is not UTF-8; save the file as UTF-8"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_read(line: bytes, reason: str) -> None:
    content = b"\n".join([GOOD, b"", line, GOOD])
    (message,) = errors(content, name="news.jsonl")
    assert message.startswith(f"news.jsonl:3: {reason}")
    assert len(read(content, on_error=lambda error: None)) == 2


def test_error_has_its_parts() -> None:
    with pytest.raises(DataError) as caught:
        read(GOOD + b"\n[]", name="news.jsonl")
    error = caught.value
    assert (error.source, error.line) == ("news.jsonl", 2)
    assert str(error) == f"news.jsonl:2: {error.reason}"


def test_labels_and_events_are_checked_where_they_are_given() -> None:
    line = b'{"id": "a", "text": "K", "spans": [{"start": 0, "end": 1, "label": "PLACE"}], "events": ["war"]}'
    assert errors(line) == []
    assert errors(line, labels={"LOCATION": ()}) == [
        "<input>:1: spans[0].label is 'PLACE'; accepted are LOCATION"
    ]
    assert errors(line, events=["battle"]) == ["<input>:1: events[0] is 'war'; accepted are battle"]


def test_utf16_is_recognised() -> None:
    messages = errors(GOOD.decode().encode("utf-16"))
    assert messages[0] == "<input>:1: the file is UTF-16; save it as UTF-8"


def test_lines_beyond_the_limit_are_refused_and_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "LONGEST_LINE", 1 << 20)
    content = b"\n".join([GOOD, b"x" * (5 << 20), GOOD])
    assert errors(content) == ["<input>:2: the line is longer than 1 MiB"]
    assert len(read(content, on_error=lambda error: None)) == 2


def test_documents_are_numbered_by_their_lines() -> None:
    content = b"\n\n" + GOOD + b"\n[]\n" + GOOD
    numbers = [number for number, _ in enumerate_jsonl(io.BytesIO(content), on_error=lambda error: None)]
    assert numbers == [3, 5]


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b" \r\n\t\n"])
def test_empty_files_hold_nothing(content: bytes) -> None:
    assert read(content) == []


def test_a_line_of_ten_megabytes_is_read() -> None:
    text = "Shelling of \u0627\u0644\u0631\u0642\u0629 went on. " * 400_000
    (document,) = read(to_json_line(Document("long", text)).encode())
    assert document.text == text


def test_what_cannot_be_opened_is_a_data_error_even_when_lines_may_be_skipped(tmp_path: Path) -> None:
    for path, reason in [
        (tmp_path / "none.jsonl", "there is no such file"),
        (tmp_path, "is a folder; give a file"),
        ("a\0b", "cannot be read"),
    ]:
        with pytest.raises(DataError, match=reason):
            list(read_jsonl(path, on_error=lambda error: None))


def test_sources_of_the_wrong_kind_are_a_type_error() -> None:
    with pytest.raises(TypeError, match=r"sys\.stdin\.buffer"):
        list(read_jsonl(io.StringIO("{}")))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="got int"):
        list(read_jsonl(3))  # type: ignore[arg-type]


def test_files_are_named_as_given_and_streams_by_their_name(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(b"[]")
    with pytest.raises(DataError) as caught:
        list(read_jsonl(str(path)))
    assert caught.value.source == str(path)
    with path.open("rb") as file, pytest.raises(DataError) as caught:
        list(read_jsonl(file))
    assert caught.value.source == str(path)


def test_reading_is_lazy_and_holds_no_more_than_a_line() -> None:
    class Endless(io.RawIOBase):
        """A file without an end."""

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            piece = (GOOD + b"\n") * (len(buffer) // (len(GOOD) + 1) + 1)
            buffer[:] = piece[: len(buffer)]
            return len(buffer)

    reader = read_jsonl(io.BufferedReader(Endless()), on_error=lambda error: None)
    tracemalloc.start()
    try:
        for _ in range(4_000):
            next(reader)
        assert tracemalloc.get_traced_memory()[1] < 200_000
    finally:
        tracemalloc.stop()


def test_files_are_written_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    collection = [Document("a", "Kabul"), Document("b", "Дамаск\ud800")]
    assert write_jsonl(path, iter(collection)) == 2
    assert path.read_bytes().endswith(b"}\n")
    assert list(read_jsonl(path)) == collection


def test_a_file_may_be_rewritten_from_itself(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    write_jsonl(path, [Document(str(number), "x" * 1000) for number in range(100)])
    assert write_jsonl(path, read_jsonl(path)) == 100
    assert len(list(read_jsonl(path))) == 100


def test_a_failure_on_the_way_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    write_jsonl(path, [Document("old", "text")])

    def failing() -> Iterator[Document]:
        yield Document("new", "text")
        raise DataError("stop")

    with pytest.raises(DataError, match="stop"):
        write_jsonl(path, failing())
    assert [document.id for document in read_jsonl(path)] == ["old"]
    assert list(tmp_path.iterdir()) == [path]


edits = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from(["set", "cut", "add"]), st.integers(0, 255)), max_size=6
)
VALID = b"\n".join(
    to_json_line(document).encode()
    for document in [
        Document("a", "Kabul fell", (Span(0, 5, "LOCATION", None, 0.5),), ("battle",)),
        Document("b", "\u0627\u0644 \U0001f4a5\ud800", (Span(3, 4, "WEAPON"),), (), {"n": [1, 2.5e3, {}]}),
    ]
)


@given(edits)
def test_any_damage_to_a_file_is_a_data_error_or_a_valid_document(
    changes: list[tuple[float, str, int]],
) -> None:
    content = bytearray(VALID)
    for place, kind, byte in changes:
        position = int(place * len(content))
        if kind == "add":
            content.insert(position, byte)
        elif kind == "set":
            content[position : position + 1] = bytes([byte])
        else:
            del content[position : position + 1 + byte % 16]
    found = errors(bytes(content), labels={"LOCATION": (), "WEAPON": ()}, events=["battle"])
    assert all(message.startswith("<input>:") and message.isprintable() for message in found)
    for document in read(bytes(content), on_error=lambda error: None):
        assert Document.from_dict(json.loads(to_json_line(document))) == document
