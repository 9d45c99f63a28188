import gzip
import io
import itertools
import json
import re
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from conflictner.data import DataError, Document
from conflictner.data.conll import read_conll
from conflictner.data.jsonl import read_jsonl
from conflictner.data.plain_text import decode_text
from conflictner.inference.bulk.source import InputKind
from conflictner.inference.command_line import app
from conflictner.inference.command_line.formats import OutputFormat, Setting, write_results
from conflictner.inference.command_line.progress import Progress
from conflictner.inference.command_line.sources import Sources
from conflictner.inference.command_line.tag import parse_thresholds, tag_documents
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.inference.tagger import Tagger, ThresholdError
from conflictner.model import DEFAULT_SCHEME

TEXT = "Rebels shelled Aleppo, killing 12."
WORDS = {
    "Rebels": ("ACTOR", "agent", 0.9),
    "Aleppo": ("LOCATION", None, 0.7),
    "12": ("CASUALTY", "killed", 0.55),
}


class WordTagger:
    """Tags a few words; has of ``Tagger`` what the command uses."""

    scheme = DEFAULT_SCHEME
    name = "words"
    group = 4  # texts taken in before the first result, as batches do

    def __init__(self):
        self.thresholds = None
        self.taken = 0

    def predict_batch(self, texts, *, batch_tokens=8192, thresholds=None):
        if thresholds and not set(thresholds) <= set(self.scheme.table):
            raise ThresholdError("no such label")
        self.thresholds = thresholds
        return self._predict(iter(texts))

    def _predict(self, texts):
        while group := list(itertools.islice(texts, self.group)):
            self.taken += len(group)
            yield from map(self._tag, group)

    def _tag(self, text: str) -> Prediction:
        found = re.finditer("|".join(WORDS), text)
        spans = [PredictedSpan(*m.span(), *WORDS[m[0]], m[0]) for m in found]
        return Prediction(text, tuple(spans), ("explosion",), {"explosion": 0.75, "riot": 0.125}, 1.0)


@pytest.fixture
def tagger(monkeypatch) -> WordTagger:
    tagger = WordTagger()
    tagger.asked = None

    def load(model=None, **settings):
        tagger.asked = {"model": model, **settings}
        return tagger

    monkeypatch.setattr(Tagger, "load", load)
    return tagger


@pytest.fixture
def tag(tagger, tmp_path, monkeypatch):
    """Runs the command in an empty folder and checks how it ends."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, stdin=b"", code=0):
        done = CliRunner().invoke(app, ["tag", *map(str, arguments)], input=stdin)
        assert done.exit_code == code, done.output
        if done.exception is not None:
            assert isinstance(done.exception, SystemExit), repr(done.exception)
        return done

    return run


def write(name: str, content: str | bytes = TEXT) -> Path:
    path = Path(name)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def lines(*records) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def test_pretty_is_the_default_and_plain_when_piped(tag):
    done = tag(write("report.txt"))
    assert done.stdout.startswith("report ────")
    assert "[Rebels|ACTOR agent] shelled [Aleppo|LOCATION], killing [12|CASUALTY killed]." in done.stdout
    assert "Event types: explosion 0.75" in done.stdout
    assert done.stderr == ""


def test_colours_when_forced(tag, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    write("report.txt")
    assert "\x1b[1;30;48;5;" in tag("report.txt").stdout
    tag("report.txt", "--output", "out.txt")
    assert "\x1b" not in Path("out.txt").read_text("utf-8")


def test_the_standard_input_is_read_without_files_and_for_a_dash(tag):
    assert json.loads(tag("-f", "json", stdin=TEXT.encode()).stdout)["id"] == "stdin"
    assert json.loads(tag("-", "-f", "json", stdin=TEXT.encode()).stdout)["text"] == TEXT
    assert "only once" in tag("-", "-", code=2).stderr


def test_json_of_one_text_is_an_object_with_all_that_was_found(tag):
    assert json.loads(tag(write("report.txt"), "--format", "json").stdout) == {
        "id": "report",
        "text": TEXT,
        "spans": [
            {"start": 0, "end": 6, "label": "ACTOR", "attribute": "agent", "score": 0.9, "text": "Rebels"},
            {"start": 15, "end": 21, "label": "LOCATION", "score": 0.7, "text": "Aleppo"},
            {"start": 31, "end": 33, "label": "CASUALTY", "attribute": "killed", "score": 0.55, "text": "12"},
        ],
        "events": ["explosion"],
        "event_scores": {"explosion": 0.75, "riot": 0.125},
        "coverage": 1.0,
        "meta": {},
    }


@pytest.mark.parametrize("count", [0, 1, 9])
def test_json_of_a_jsonl_file_is_an_array(tag, count):
    write("in.jsonl", lines(*({"id": f"d{i}", "text": TEXT} for i in range(count))))
    records = json.loads(tag("in.jsonl", "-f", "json").stdout)
    assert [record["id"] for record in records] == [f"d{i}" for i in range(count)]


def test_json_of_several_texts_is_an_array(tag):
    records = json.loads(tag(write("a.txt"), write("b.txt"), "-f", "json").stdout)
    assert [record["id"] for record in records] == ["a", "b"]


def test_jsonl_to_jsonl_keeps_order_ids_and_extra_fields(tag):
    gold = [{"start": 0, "end": 6, "label": "WEAPON"}]
    records = [
        {"id": "one", "text": TEXT, "spans": gold, "meta": {"source": "x"}, "date": "2026-03-01"},
        {"id": "two", "text": ""},
        {"id": "two", "text": "nothing \ud800 here \x00"},
        *({"id": str(i), "text": f"{i} {TEXT}"} for i in range(10)),
    ]
    write("in.jsonl", lines(*records))
    done = tag("in.jsonl", "--input-format", "jsonl", "--format", "jsonl")
    written = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["id"] for record in written] == [record["id"] for record in records]
    assert [record["text"] for record in written] == [record["text"] for record in records]
    assert written[0]["meta"] == {"source": "x", "date": "2026-03-01"}
    assert written[0]["spans"] == [
        {"start": 0, "end": 6, "label": "ACTOR", "attribute": "agent", "score": 0.9},
        {"start": 15, "end": 21, "label": "LOCATION", "score": 0.7},
        {"start": 31, "end": 33, "label": "CASUALTY", "attribute": "killed", "score": 0.55},
    ]
    assert done.stderr == "13 documents, 33 spans, 0 skipped, 0 not read in full\n"


def test_jsonl_output_can_be_read_as_data(tag):
    write("in.jsonl", lines({"id": "one", "text": TEXT}))
    tag("in.jsonl", "-f", "jsonl", "-o", "out.jsonl")
    (document,) = read_jsonl("out.jsonl", DEFAULT_SCHEME.table, DEFAULT_SCHEME.events)
    assert [span.label for span in document.spans] == ["ACTOR", "LOCATION", "CASUALTY"]


def test_conll_can_be_read_back(tag):
    tag(write("a.txt"), write("b.txt"), "-f", "conll", "-o", "out.conll")
    documents = list(read_conll("out.conll", DEFAULT_SCHEME.table))
    assert [document.id for document in documents] == ["a", "b"]
    assert [span.attribute for span in documents[1].spans] == ["agent", None, "killed"]


def test_html_is_one_page_of_all_documents(tag):
    html = tag(write("a.txt"), write("b<b>.txt"), "-f", "html").stdout
    assert html.startswith("<!DOCTYPE html>")
    assert html.endswith("</html>\n")
    assert html.count("<article>") == 2
    assert "b&lt;b&gt;" in html


def test_the_ending_decides_how_a_file_is_read_unless_told(tag):
    content = lines({"id": "x", "text": "Rebels left."})
    text, data = write("a.txt", content), write("b.NDJSON", content)
    ids = [json.loads(line)["id"] for line in tag(text, data, "-f", "jsonl").stdout.splitlines()]
    assert ids == ["a", "x"]
    assert json.loads(tag(text, "-f", "jsonl", "--input-format", "jsonl").stdout)["id"] == "x"
    assert json.loads(tag(data, "-f", "jsonl", "--input-format", "text").stdout)["text"] == content


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
    [("nowhere.txt", "No such file or directory"), (".", "is a folder"), ("no\nsuch", "No such file")],
)
def test_files_that_cannot_be_read_are_named_in_one_line(tag, tagger, name, message):
    write("good.txt")
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


def test_skipping_reports_counts_and_goes_on(tag):
    write(
        "in.jsonl",
        lines({"id": "a", "text": TEXT}) + "oops\n" + lines({"id": "b", "text": 1}, {"id": "c", "text": ""}),
    )
    write("bad.txt", b"\xff")
    done = tag("in.jsonl", "bad.txt", "nowhere.txt", write("d.txt"), "-f", "jsonl", "--on-error", "skip")
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["a", "c", "d"]
    reports = done.stderr.splitlines()
    assert [report.split(": ")[1] for report in reports[:-1]] == [
        "in.jsonl:2",
        "in.jsonl:3",
        "bad.txt",
        "nowhere.txt",
    ]
    assert reports[-1] == "3 documents, 6 spans, 4 skipped, 0 not read in full"


def test_a_skipped_text_leaves_no_json(tag):
    done = tag(write("bad.txt", b"\xff"), "-f", "json", "--on-error", "skip")
    assert done.stdout == ""
    assert done.stderr.endswith("0 documents, 0 spans, 1 skipped, 0 not read in full\n")


def test_output_may_replace_the_input(tag):
    write("data.jsonl", lines(*({"id": str(i), "text": TEXT} for i in range(9))))
    tag("data.jsonl", "-f", "jsonl", "-o", "data.jsonl")
    assert [len(document.spans) for document in read_jsonl("data.jsonl")] == [3] * 9


def test_an_output_that_cannot_be_written_is_named_in_one_line(tag):
    done = tag(write("a.txt"), "-o", "nowhere/out.txt", code=2)
    assert done.stderr.startswith("error: nowhere/out.txt: cannot be written")
    assert done.stderr.count("\n") == 1
    assert tag("a.txt", "-o", "-").stdout.startswith("a ──")


def test_options_reach_the_tagger(tag, tagger):
    write("a.txt")
    tag("a.txt")
    assert tagger.asked == {"model": None, "engine": "onnx", "device": "cpu", "threads": None, "verify": True}
    assert tagger.thresholds is None
    tag(
        "a.txt",
        *[
            "-m",
            "folder",
            "--engine",
            "torch",
            "--device",
            "cuda:1",
            "--threads",
            "3",
            "--no-verify",
            "-t",
            "0.5",
            "-t",
            "ACTOR=0.8",
        ],
    )
    assert tagger.asked == {
        "model": "folder",
        "engine": "torch",
        "device": "cuda:1",
        "threads": 3,
        "verify": False,
    }
    assert tagger.thresholds == {"ACTOR": 0.8, "WEAPON": 0.5, "LOCATION": 0.5, "CASUALTY": 0.5}
    tag("a.txt", "-t", "CASUALTY=0.25")
    assert tagger.thresholds == {"CASUALTY": 0.25}


def test_a_threshold_of_an_unknown_label_is_an_error_before_any_output(tag):
    done = tag(write("a.txt"), "-f", "json", "-t", "PLACE=0.5", code=2)
    assert done.stdout == ""
    assert done.stderr == "error: no such label\n"


def test_thresholds_are_read():
    assert parse_thresholds([]) == {}
    assert parse_thresholds(["0.6", "ACTOR=1", "ACTOR=.5", "A=B=0"]) == {None: 0.6, "ACTOR": 0.5, "A=B": 0.0}


def test_a_file_of_thresholds_is_used_where_nothing_else_was_typed(tag, tagger):
    Path("t.json").write_text('{"labels": {"ACTOR": 0.3, "WEAPON": 0.2}, "all": 0.4, "model": "others"}')
    done = tag(write("a.txt"), "-f", "json", "--threshold-file", "t.json", "-t", "ACTOR=0.9")
    assert tagger.thresholds == {"ACTOR": 0.9, "WEAPON": 0.2, "LOCATION": 0.4, "CASUALTY": 0.4}
    assert "note: the thresholds of t.json were chosen for others" in done.stderr
    tag(write("a.txt"), "-f", "json", "--threshold-file", "t.json", "-t", "0.5")
    assert tagger.thresholds == dict.fromkeys(DEFAULT_SCHEME.table, 0.5)
    done = tag(write("a.txt"), "--threshold-file", "none.json", code=2)
    assert done.stderr.startswith("error: none.json: cannot be read")


@pytest.mark.parametrize("value", ["", "x", "ACTOR", "ACTOR=", "ACTOR=x", "ACTOR=1.5", "-0.1", "nan", "=0.5"])
def test_values_that_are_no_threshold_are_refused(value):
    with pytest.raises(typer.BadParameter, match="neither a score from 0 to 1"):
        parse_thresholds([value])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--format", "xml"],
        ["--input-format", "xml"],
        ["--engine", "tf"],
        ["--batch-tokens", "0"],
        ["--threads", "0"],
    ],
)
def test_unknown_values_are_usage_errors(tag, arguments):
    done = tag(write("a.txt"), *arguments, code=2)
    assert arguments[0] in done.stderr
    assert "Traceback" not in done.stderr


def test_documents_are_read_as_they_are_needed():
    endless = (Document(str(i), TEXT) for i in itertools.count())
    tagger = WordTagger()
    tagged = tag_documents(tagger, endless, 8192, None)
    assert tagger.taken == 0
    first = list(itertools.islice(tagged, 6))
    assert [document.id for document, _ in first] == ["0", "1", "2", "3", "4", "5"]
    assert tagger.taken == 8


@pytest.mark.parametrize("lost", ["one", "last", "order"])
def test_a_tagger_that_loses_or_swaps_results_is_noticed(lost):
    class Careless(WordTagger):
        def _predict(self, texts):
            results = list(super()._predict(texts))
            if lost == "order":
                results.reverse()
            else:
                del results[0 if lost == "one" else -1]
            yield from results

    documents = [Document(str(i), f"text {i}") for i in range(5)]
    with pytest.raises(AssertionError, match="prediction"):
        list(tag_documents(Careless(), documents, 8192, None))


def test_results_are_flushed_as_they_come():
    class Stream(io.StringIO):
        seen = 0

        def flush(self):
            self.seen = len(self.getvalue().splitlines())

    stream = Stream()

    def tagged():
        for number, item in enumerate(tag_documents(WordTagger(), [Document("x", TEXT)] * 5, 8192, None)):
            assert stream.seen == number
            yield item

    write_results(
        stream, OutputFormat.JSONL, tagged(), Setting(DEFAULT_SCHEME, "m", single=False, to_file=True)
    )
    assert stream.seen == 5


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


def test_a_damaged_model_is_told_in_one_line(tiny_checkpoint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "model")
    with (folder / "config.json").open("a") as config:
        config.write(" ")
    write("a.txt")
    done = CliRunner().invoke(app, ["tag", "a.txt", "-m", str(folder)])
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert "checksums.json" in done.stderr
    assert done.stderr.count("\n") == 1
    assert CliRunner().invoke(app, ["tag", "a.txt", "-m", str(folder), "--no-verify"]).exit_code == 0
    gone = CliRunner().invoke(app, ["tag", "a.txt", "-m", "nowhere"])
    assert (gone.exit_code, gone.stderr.count("\n")) == (2, 1)
