import io
import itertools
import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from conflictner.data import Document
from conflictner.data.conll import read_conll
from conflictner.data.jsonl import read_jsonl
from conflictner.inference.command_line.commands import app
from conflictner.inference.command_line.formats import OutputFormat, Setting, write_results
from conflictner.inference.command_line.tag import parse_thresholds, tag_documents
from conflictner.model import DEFAULT_SCHEME

from .word_tagger import TEXT, WordTagger, lines, write


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


def test_nothing_left_behind_what_was_skipped_is_an_error(tag):
    done = tag(write("bad.txt", b"\xff"), "-f", "json", "--on-error", "skip", "-o", "out.json", code=2)
    assert done.stderr.endswith("\nerror: nothing is left to read, for all was skipped (1)\n")
    assert not Path("out.json").exists()


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
    assert tagger.asked == {"model": None, "engine": None, "device": "cpu", "threads": None, "verify": True}
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
