"""What a bulk run reads: files and folders of each kind, packed or not, and what can be wrong with them."""

import gzip
import json
import os
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflictner.data import DataError
from conflictner.inference.bulk import BulkError, InputKind
from conflictner.inference.bulk.errors import ColumnError
from conflictner.inference.bulk.records import Record, open_reader, read_items
from conflictner.inference.bulk.source import find_source

TEXT = "Rebels shelled Homs."


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def zstd(content: bytes) -> bytes:
    return pyarrow.Codec("zstd").compress(content, asbytes=True)


def items(path: Path, kind: InputKind | None = None, *, text_column: str = "text", must_encode: bool = True):
    source = find_source(path, kind)
    return list(read_items(source, open_reader(source.kind, text_column, must_encode=must_encode)))


def fields(path: Path, kind: InputKind | None = None, **settings) -> list:
    """The columns of records, and the reasons of rejects with their lines."""
    return [
        dict(item.fields) if isinstance(item, Record) else (item.line, item.reason)
        for item in items(path, kind, **settings)
    ]


def lines(*records) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def test_a_folder_of_texts_is_read_in_the_order_of_names_with_all_below_it(tmp_path):
    for name in ("b.txt", "a/2.txt", "a/10.TXT", ".hidden.txt", "_notes.txt", "c.md"):
        write(tmp_path / name, f"{name}\r\n")
    assert fields(tmp_path) == [
        {"path": name, "text": f"{name}\r\n"} for name in ("a/10.TXT", "a/2.txt", "b.txt")
    ]
    source = find_source(tmp_path)
    assert (source.left_out, source.examples) == (1, ("c.md",))


def test_texts_of_any_ending_are_read_when_told(tmp_path):
    write(tmp_path / "one", TEXT)
    write(tmp_path / "two.md", TEXT)
    assert [item.text for item in items(tmp_path, InputKind.TEXT)] == [TEXT, TEXT]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd], ids=["plain", "gzip", "zstd"])
@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_packing_is_told_by_the_content(tmp_path, pack, ending):
    records = [{"id": number, "text": f"{number} {TEXT}"} for number in range(300)]
    path = write(tmp_path / f"in.jsonl{ending}", pack(lines(*records).encode()))
    assert fields(path) == records


def test_packed_files_of_several_parts_are_read_to_the_end(tmp_path):
    for pack in (gzip.compress, zstd):
        path = write(tmp_path / "in.jsonl", pack(lines({"text": "a"}).encode()) + pack(b'{"text": "b"}'))
        assert [item.text for item in items(path)] == ["a", "b"]


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_a_packed_file_cut_short_is_named_and_what_came_before_is_kept(tmp_path, pack):
    text = "".join(f"{number} {os.urandom(40).hex()}" for number in range(3000))
    records = lines(*({"text": text[start : start + 50]} for start in range(0, len(text), 50)))
    whole = pack(records.encode())
    found = items(write(tmp_path / "in.jsonl.gz", whole[: len(whole) * 2 // 3]))
    assert len(found) > 100
    assert all(isinstance(item, Record) for item in found[:-1])
    assert "cut short" in str(found[-1]) or "Truncated" in str(found[-1])
    assert str(tmp_path / "in.jsonl.gz") in str(found[-1])


def test_jsonl_names_every_line_that_is_no_document(tmp_path):
    content = b"\n".join(
        [
            b'{"text": "good", "n": 1}',
            b"",
            b"[1]",
            b'{"body": "x"}',
            b'{"text": null}',
            b'{"text": 3}',
            b'{"text": "\xff"}',
            b'{"text": ',
            b'{"text": "\\ud800"}',
            b'{"text": "last"}',
        ]
    )
    found = fields(write(tmp_path / "in.jsonl", content))
    assert found[0] == {"text": "good", "n": 1}
    assert found[-1] == {"text": "last"}
    reasons = dict(found[1:-1])
    assert list(reasons) == [3, 4, 5, 6, 7, 8, 9]
    assert reasons[4] == (
        "the field 'text' is missing; the object has ['body']; name the field with the text by --text-column"
    )
    assert reasons[5] == "'text' is null"
    assert reasons[6] == "'text' must be a string, got 3"
    assert "0xff" in reasons[7]
    assert "not JSON" in reasons[8]
    assert "--format jsonl can" in reasons[9]


def test_values_nested_too_deep_are_refused(tmp_path):
    lines = [f'{{"text": "a", "more": {"[" * deep}{"]" * deep}}}' for deep in (99, 100, 900)]
    lines.append('{"text": "many", "more": [' + ", ".join(["{}"] * 500) + "]}")
    good, *reasons, wide = fields(write(tmp_path / "in.jsonl", "\n".join(lines)))
    assert (good["text"], wide["text"]) == ("a", "many")
    assert reasons == [(n, "its values are nested more than 100 deep; flatten them") for n in (2, 3)]


def test_lone_surrogates_are_read_where_the_output_can_hold_them(tmp_path):
    path = write(tmp_path / "in.jsonl", r'{"text": "a\ud800b"}')
    assert [item.text for item in items(path, must_encode=False)] == ["a\ud800b"]


def test_csv_keeps_line_breaks_quotes_and_long_fields(tmp_path):
    long = "word " * 60_000
    content = '\ufeffid,text\r\n1,"Rebels, ""so\r\ncalled"", left."\r\n\r\n2,' + long + "\r\n"
    assert fields(write(tmp_path / "in.csv", content)) == [
        {"id": "1", "text": 'Rebels, "so\r\ncalled", left.'},
        {"id": "2", "text": long},
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("name", ["in.csv", "in.tsv"])
def test_the_header_tells_by_what_columns_are_separated(tmp_path, name, separator):
    content = '\ufeff"day, hour";"text"\r\n"1, 2";"a, b; c\t"\r\n'.replace(";", separator, 1)
    content = content.replace('";"a', f'"{separator}"a')
    assert fields(write(tmp_path / name, content)) == [{"day, hour": "1, 2", "text": "a, b; c\t"}]


def test_a_header_with_the_text_in_no_column_is_shown_as_it_is_separated(tmp_path):
    with pytest.raises(ColumnError, match="the columns are 'id', 'body';"):
        items(write(tmp_path / "in.csv", "id;body\n1;x\n"))


def test_csv_names_rows_that_do_not_fit(tmp_path):
    content = b'id,text\n1,a\n2\n3,b\xff\n4,"c"d\n5,e\n6,"never closed\n7,f\n'
    found = fields(write(tmp_path / "in.csv", content))
    assert found == [
        {"id": "1", "text": "a"},
        (3, "has 1 fields, the header has 2"),
        (4, "byte 0xff is not UTF-8; save the file as CSV UTF-8"),
        (5, "not CSV (',' expected after '\"')"),
        {"id": "5", "text": "e"},
        (7, "not CSV (unexpected end of data)"),
    ]


def test_csv_columns_must_be_there_once_and_the_same_in_every_file(tmp_path):
    write(tmp_path / "a.csv", "id,body\n1,x\n")
    with pytest.raises(ColumnError, match=r"there is no column 'text'; the columns are 'id', 'body'; name"):
        items(tmp_path / "a.csv")
    write(tmp_path / "b.csv", "id,body,date\n1,x,y\n")
    with pytest.raises(ColumnError, match=r"b\.csv: has other columns"):
        items(tmp_path, text_column="body")
    with pytest.raises(ColumnError, match="more than once"):
        items(write(tmp_path / "c.csv", "text,text\n1,x\n"))
    (reject,) = items(write(tmp_path / "d.csv", ""))
    assert "holds no header" in str(reject)


def parquet(path: Path, **columns) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.table(columns), path, row_group_size=2)
    return path


@pytest.mark.parametrize(
    "kind",
    [pyarrow.string(), pyarrow.large_string(), pyarrow.dictionary(pyarrow.int32(), pyarrow.string())],
    ids=str,
)
def test_parquet_text_of_any_arrow_type_and_nulls(tmp_path, kind):
    texts = pyarrow.array(["a", None, "b", "a"], pyarrow.string()).cast(kind)
    path = parquet(tmp_path / "in.parquet", id=[1, 2, 3, 4], text=texts)
    assert fields(path) == [
        {"id": 1, "text": "a"},
        (2, "'text' is null"),
        {"id": 3, "text": "b"},
        {"id": 4, "text": "a"},
    ]


def test_parquet_text_that_is_not_utf8_is_one_reject(tmp_path):
    data = pyarrow.array([b"good", b"b\xffd", b"fine"]).cast(pyarrow.binary())
    texts = pyarrow.StringArray.from_buffers(3, data.buffers()[1], data.buffers()[2])
    assert fields(parquet(tmp_path / "in.parquet", text=texts)) == [
        {"text": "good"},
        (2, "'text' is not UTF-8"),
        {"text": "fine"},
    ]


def test_parquet_values_beside_the_text_that_are_not_utf8(tmp_path):
    data = pyarrow.array([b"b\xffd"]).buffers()
    name = pyarrow.StringArray.from_buffers(1, data[1], data[2])
    both = pyarrow.StructArray.from_arrays([name, pyarrow.array([1])], ["name", "number"])
    several = pyarrow.ListArray.from_arrays([0, 1], both)
    (row,) = fields(parquet(tmp_path / "in.parquet", text=["a"], name=name, both=both, several=several))
    told = {"name": "b\ufffdd", "number": 1}
    assert row == {"text": "a", "name": told["name"], "both": told, "several": [told]}


def test_parquet_columns_with_names_that_are_not_utf8(tmp_path):
    content = parquet(tmp_path / "in.parquet", text=["a"], extra=[1]).read_bytes()
    (reject,) = items(write(tmp_path / "in.parquet", content.replace(b"extra", b"ex\xffra")))
    assert "in.parquet: is no Parquet file, or damaged or cut short" in str(reject)


def test_parquet_columns_that_are_missing_or_no_text_are_named_with_those_that_are(tmp_path):
    path = parquet(tmp_path / "in.parquet", id=[1], text=["a"], note=["b"])
    with pytest.raises(
        ColumnError, match=r"no column 'body'.*'id', 'text', 'note'.*of text are 'text', 'note'"
    ):
        items(path, text_column="body")
    with pytest.raises(ColumnError, match=r"the column 'id' holds int64, not text"):
        items(path, text_column="id")
    parquet(tmp_path / "z.parquet", id=["1"], text=["a"], note=["b"])
    with pytest.raises(ColumnError, match=r"z\.parquet: has other columns.*id: int64, id: string"):
        items(tmp_path)


def test_parquet_cut_short_or_of_another_kind(tmp_path):
    whole = parquet(tmp_path / "a.parquet", text=["a", "b"]).read_bytes()
    for content in (whole[: len(whole) // 2], whole[:-1], b"", b"text\nRebels\n"):
        (reject,) = items(write(tmp_path / "cut.parquet", content))
        assert "cut.parquet: is no Parquet file, or damaged or cut short" in str(reject)
        assert "\n" not in str(reject)
    damaged = bytearray(whole)
    damaged[4:40] = os.urandom(36)
    (*_, reject) = items(write(tmp_path / "damaged.parquet", bytes(damaged)))
    assert isinstance(reject, DataError)


def test_a_bad_file_of_a_folder_does_not_keep_the_others_away(tmp_path):
    write(tmp_path / "1.txt", TEXT)
    write(tmp_path / "2.txt", b"\xff\xfeR\0")
    write(tmp_path / "3.txt", TEXT)
    first, second, third = items(tmp_path)
    assert (first.text, third.text) == (TEXT, TEXT)
    assert "UTF-16" in str(second)


def test_sources_that_cannot_be_told_apart(tmp_path):
    with pytest.raises(DataError, match="nowhere: cannot be read"):
        find_source(tmp_path / "nowhere")
    with pytest.raises(DataError, match="holds no files"):
        find_source(tmp_path)
    write(tmp_path / "a.txt", TEXT)
    write(tmp_path / "b.jsonl", lines({"text": TEXT}))
    with pytest.raises(BulkError, match=r"text \(1\) and jsonl \(1\); say which to read with --input-format"):
        find_source(tmp_path)
    assert [item.text for item in items(tmp_path, InputKind.JSONL)] == [TEXT]
    with pytest.raises(BulkError, match=r"the ending '.docx' is not known; accepted are .txt, .jsonl"):
        find_source(write(tmp_path / "c.docx", TEXT))
    with pytest.raises(BulkError, match="cannot be read from a pipe"):
        find_source(Path("-"), InputKind.PARQUET)


def test_positions_grow_to_the_size_of_the_source(tmp_path):
    parquet(tmp_path / "p/a.parquet", text=["a"] * 3000)
    parquet(tmp_path / "p/b.parquet", text=["b"] * 10)
    for name in ("a.jsonl", "b.jsonl"):
        write(tmp_path / "j" / name, gzip.compress(lines(*({"text": str(n)} for n in range(99))).encode()))
    for folder in ("p", "j"):
        positions = [item.position for item in items(tmp_path / folder)]
        assert positions == sorted(positions)
        assert positions[-1] == find_source(tmp_path / folder).size


@settings(max_examples=30)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=5))
def test_any_text_comes_through_every_kind(tmp_path_factory, texts):
    import csv
    import io

    folder = tmp_path_factory.mktemp("any")
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([["n", "text"], *([n, text] for n, text in enumerate(texts))])
    write(folder / "a.csv", stream.getvalue())
    write(folder / "a.jsonl", lines(*({"text": text} for text in texts)))
    parquet(folder / "a.parquet", text=texts)
    for ending in ("csv", "jsonl", "parquet"):
        assert [item.text for item in items(folder / f"a.{ending}")] == texts


def test_what_unpacks_to_more_than_a_text_or_row_may_have_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("conflictner.inference.bulk.records.LONGEST_LINE", 1 << 20)
    texts = [write(tmp_path / "a.txt.gz", gzip.compress(bytes(2 << 20)))]
    texts.append(write(tmp_path / "a.txt", bytes(2 << 20)))
    for path in texts:
        (problem,) = items(path)
        assert problem.reason == "holds more than 1 MiB, too much for one text"
    for row in (b"," * (2 << 20), b'"a\n",' * (1 << 19)):
        path = write(tmp_path / "a.csv.gz", gzip.compress(b"text\nfirst\n" + row + b"\nlast\n"))
        first, problem = items(path)
        assert first.text == "first"
        assert (problem.line, problem.reason) == (
            3,
            "the row is longer than 1 MiB; the rest of the file is not read",
        )
