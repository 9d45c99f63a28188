"""What ``conflictner tag`` reads: texts, lines, tables, packed files, and what it refuses."""

import gzip
import json
from pathlib import Path

import pytest

from conflictner.data import DataError
from conflictner.data.plain_text import decode_text
from conflictner.inference.bulk.source import InputKind
from conflictner.inference.command_line.progress import Progress
from conflictner.inference.command_line.sources import Sources

from .word_tagger import TEXT, lines, write


def test_the_ending_decides_how_a_file_is_read_unless_told(tag):
    content = lines({"id": "x", "text": "Rebels left."})
    text, data = write("a.txt", content), write("b.NDJSON", content)
    ids = [json.loads(line)["id"] for line in tag(text, data, "-f", "jsonl").stdout.splitlines()]
    assert ids == ["a", "x"]
    assert json.loads(tag(text, "-f", "jsonl", "--input-format", "jsonl").stdout)["id"] == "x"
    assert json.loads(tag(data, "-f", "jsonl", "--input-format", "text").stdout)["text"] == content


def test_json_is_never_taken_for_a_text(tag):
    record = {"id": "x", "text": "Rebels left."}
    assert json.loads(tag(write("a.json", lines(record)), "-f", "jsonl").stdout)["id"] == "x"
    error = tag(write("b.JSON", json.dumps([record], indent=1)), code=2).stderr
    assert error.startswith("error: b.JSON:1: not JSON: ")
    assert error.endswith("a line must hold one whole object\n")


def test_files_of_the_same_name_get_ids_of_their_own(tag):
    for folder in ("north", "south", "east"):
        Path(folder).mkdir()
    files = [write(name) for name in ("north/a.txt", "a-2.txt", "south/a.txt", "east/a.md", "north/b.txt")]
    written = tag(*files, files[0], "-f", "jsonl").stdout.splitlines()
    assert [json.loads(line)["id"] for line in written] == ["a", "a-2", "a-3", "a-4", "b", "a-5"]


def test_byte_order_mark_goes_and_line_ends_stay(tag):
    write("a.txt", b"\xef\xbb\xbfRebels\r\nleft Aleppo.\r\n")
    record = json.loads(tag("a.txt", "-f", "json").stdout)
    assert record["text"] == "Rebels\r\nleft Aleppo.\r\n"
    assert [record["text"][s["start"] : s["end"]] for s in record["spans"]] == ["Rebels", "Aleppo"]


def test_an_empty_file_gives_an_empty_prediction_and_a_note(tag):
    done = tag(write("empty.txt", ""), "-f", "json")
    assert json.loads(done.stdout)["spans"] == []
    assert done.stderr.startswith("note: empty.txt is empty\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"caf\xe9 bomb", "not UTF-8 text: byte 0xe9 at position 4 is not UTF-8"),
        (b"\xef\xbb\xbfcaf\xe9", "byte 0xe9 at position 7"),
        (TEXT.encode("utf-16"), "UTF-16 text; convert it to UTF-8: iconv -f UTF-16"),
        (TEXT.encode("utf-16-le"), "NUL, the first at position 2"),
        (b"\x7fELF\x00\x00\x00\x00\xff\x00\x00", "binary data: byte 0xff at position 9"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"PK\x03\x04\x14\x00", "an office document"),
        (b"\x1f\x8b\x08\x00", "is damaged or cut short"),
        (b"\xed\xa0\x80", "byte 0xed at position 1"),
    ],
)
def test_files_that_are_no_utf8_text_are_refused_in_one_line(tag, content, message):
    done = tag(write("a.txt", content), code=2)
    assert done.stdout == ""
    assert done.stderr.startswith("error: a.txt: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_folder_is_read_with_all_below_it(tag):
    Path("reports/north").mkdir(parents=True)
    for name in ("b.txt", "north/a.txt", "north/b.TXT.gz", "notes.md"):
        write(f"reports/{name}", gzip.compress(TEXT.encode()) if name.endswith("gz") else TEXT)
    done = tag("reports", write("b.txt"), "-f", "json")
    ids = [record["id"] for record in json.loads(done.stdout)]
    assert ids == ["b", "north/a", "north/b", "b-2"]
    assert "note: 1 other files are left out: notes.md\n" in done.stderr
    only = json.loads(tag("reports/north", "-f", "json", "--input-format", "text").stdout)
    assert [record["id"] for record in only] == ["a", "b"]
    assert sources(Path("reports/north")).size == sum(
        p.stat().st_size for p in Path("reports/north").iterdir()
    )


def test_a_folder_of_several_kinds_is_refused_before_the_model_is_loaded(tag, tagger):
    Path("reports").mkdir()
    write("reports/a.txt")
    write("reports/b.csv")
    assert "must hold files of one kind" in tag("reports", code=2).stderr
    assert tagger.asked is None


def test_lines_may_have_a_number_or_nothing_for_an_id_and_their_text_in_any_field(tag):
    records = [
        {"id": 4711, "notes": TEXT, "meta": {"source": "x"}, "spans": [], "events": ["riot"]},
        {"notes": TEXT, "text": "short"},
    ]
    write("in.jsonl", lines(*records))
    written = tag("in.jsonl", "--text-column", "notes", "-f", "jsonl").stdout.splitlines()
    assert [(record["id"], record["text"], record["meta"]) for record in map(json.loads, written)] == [
        ("4711", TEXT, {"source": "x"}),
        ("in-2", TEXT, {"text": "short"}),
    ]


def test_packed_files_are_unpacked(tag):
    write("a.txt.gz", gzip.compress(TEXT.encode()))
    write("b.jsonl.gz", gzip.compress(lines({"id": "b", "text": TEXT}).encode()))
    records = [json.loads(line) for line in tag("a.txt.gz", "b.jsonl.gz", "-f", "jsonl").stdout.splitlines()]
    assert [(record["id"], record["text"]) for record in records] == [("a", TEXT), ("b", TEXT)]


TABLE = b'id,body,source\r\n7,"Rebels shelled Aleppo.","Daily, the"\r\n,"Ten\nfled.",\r\n'


def test_each_row_of_a_table_is_a_document(tag):
    write("in.csv", TABLE)
    done = tag("in.csv", "--text-column", "body", "-f", "jsonl")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(record["id"], record["text"], record["meta"]) for record in records] == [
        ("7", "Rebels shelled Aleppo.", {"source": "Daily, the"}),
        ("in-2", "Ten\nfled.", {"source": ""}),
    ]
    assert records[0]["spans"]
    piped = tag("--input-format", "csv", "--text-column", "body", "-f", "jsonl", stdin=TABLE)
    assert [json.loads(line)["id"] for line in piped.stdout.splitlines()] == ["7", "stdin-2"]


def test_a_table_without_the_column_is_refused_with_its_columns(tag):
    error = tag(write("in.csv", TABLE), code=2).stderr
    assert error == (
        "error: in.csv: there is no column 'text'; the columns are 'id', 'body', 'source'; name the one with "
        "the text by --text-column\n"
    )


def test_a_bad_row_is_skipped_when_asked(tag):
    write("in.csv", TABLE + b"8,too few\r\n9,Ten died.,x\r\n")
    done = tag("in.csv", "--text-column", "body", "-f", "jsonl", "--on-error", "skip")
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["7", "in-2", "9"]
    assert "skipped: in.csv:5: has 2 fields, the header has 3" in done.stderr
    assert "has 2 fields" in tag("in.csv", "--text-column", "body", "-f", "jsonl", code=2).stderr


def test_rows_of_parquet_have_plain_values(tag):
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = arrow.table({"text": [TEXT], "id": [12], "day": arrow.array([19787], arrow.date32())})
    parquet.write_table(table, "in.parquet")
    (record,) = map(json.loads, tag("in.parquet", "-f", "jsonl").stdout.splitlines())
    assert (record["id"], record["meta"]) == ("12", {"day": "2024-03-05"})


def test_a_few_nul_characters_do_not_make_a_file_binary():
    text = "Rebels\x00 shelled the market of the old town."
    assert decode_text(text.encode(), "a.txt") == text


@pytest.mark.parametrize(
    ("name", "message"),
    [("nowhere.txt", "No such file or directory"), ("empty", "holds no files"), ("no\nsuch", "No such file")],
)
def test_files_that_cannot_be_read_are_named_in_one_line(tag, tagger, name, message):
    write("good.txt")
    Path("empty").mkdir()
    done = tag("good.txt", name, code=2)
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_missing_file_is_found_before_the_model_is_loaded(tag, tagger):
    tag(write("good.txt"), "nowhere.txt", code=2)
    assert tagger.asked is None


def test_a_malformed_line_stops_behind_what_came_before(tag):
    write(
        "in.jsonl",
        lines({"id": "a", "text": TEXT}, {"id": "b", "text": TEXT})
        + '{"id": 3}\n'
        + lines({"id": "c", "text": ""}),
    )
    done = tag("in.jsonl", "-f", "jsonl", code=2)
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["a", "b"]
    assert done.stderr.startswith("error: in.jsonl:3: ")
    assert done.stderr.count("\n") == 1


def test_a_malformed_line_leaves_the_output_file_as_it_was(tag):
    write("in.jsonl", lines({"id": "a", "text": TEXT}) + "oops\n")
    write("out.jsonl", "before")
    tag("in.jsonl", "-f", "jsonl", "-o", "out.jsonl", code=2)
    assert Path("out.jsonl").read_text() == "before"
    assert sorted(path.name for path in Path().iterdir()) == ["in.jsonl", "out.jsonl"]


def sources(*paths: Path, form: InputKind | None = None, report=None) -> Sources:
    return Sources(paths, form, "text", report, note=lambda remark: None)


def test_position_goes_from_nothing_to_the_size(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = write("in.jsonl", lines(*({"id": str(i), "text": TEXT} for i in range(4))))
    reading = sources(write("a.txt"), data)
    positions = [reading.position for _ in reading]
    assert reading.size == len(TEXT) + data.stat().st_size
    assert positions == sorted(positions)
    assert positions[0] == len(TEXT)
    assert reading.position == reading.size


def test_the_size_of_the_standard_input_is_unknown(tmp_path):
    assert sources(Path("-")).size is None


def test_a_failure_is_kept_for_the_end(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    reading = sources(write("a.txt"), write("bad.txt", b"\xff"), write("c.txt"))
    assert [document.id for document in reading] == ["a"]
    assert isinstance(reading.failure, DataError)


def test_progress_passes_everything_on(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    reading = sources(write("a.txt"), write("b.txt"))
    with Progress(reading.size, hidden=False) as progress:
        watched = progress.watch(((d, None) for d in reading), lambda: reading.position)
        assert [document.id for document, _ in watched] == ["a", "b"]
    assert capsys.readouterr() == ("", "")
