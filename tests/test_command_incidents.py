"""``conflictner incidents`` and ``conflictner benchmark incidents``: what they read, write and refuse."""

import csv
import io
import itertools
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conflictner.inference.command_line.commands import app
from conflictner.inference.command_line.incidents import IncidentFormat
from conflictner.inference.incidents import assembly, read_reports
from conflictner.inference.incidents import dates as dates_module
from conflictner.inference.incidents.exports import FORMATS
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.inference.tagger import Tagger
from conflictner.model import DEFAULT_SCHEME

TEXT = "Rebels shelled Aleppo on Monday, killing 12 people. Two days earlier a bomb killed nine in Homs."
WORDS = {
    "Rebels": ("ACTOR", "agent"),
    "Aleppo": ("LOCATION", None),
    "Homs": ("LOCATION", None),
    "12 people": ("CASUALTY", "killed"),
    "nine": ("CASUALTY", "killed"),
    "bomb": ("WEAPON", None),
}
SAMPLES = Path(__file__).with_name("incidents.jsonl")


class WordTagger:
    """Tags a few words; has of ``Tagger`` what the commands use."""

    scheme = DEFAULT_SCHEME
    name = "words"

    def predict_batch(self, texts, *, batch_tokens=8192, thresholds=None):
        return map(self._tag, texts)

    def _tag(self, text: str) -> Prediction:
        found = re.finditer("|".join(WORDS), text)
        spans = [PredictedSpan(*match.span(), *WORDS[match[0]], 0.9, match[0]) for match in found]
        return Prediction(text, tuple(spans), ("explosion",), {"explosion": 0.75}, 1.0)


@pytest.fixture(autouse=True)
def setting(monkeypatch, tmp_path):
    """An empty folder, a tagger of a few words, and no gazetteers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Tagger, "load", lambda model=None, **settings: WordTagger())
    monkeypatch.setattr(assembly, "places_note", lambda: "pip install 'conflictner[places]'")
    Path("report.txt").write_text(TEXT, encoding="utf-8")
    Path("table.csv").write_text(
        "text,day,url\nRebels shelled Aleppo.,2024-03-05,a.org/1\n", encoding="utf-8"
    )


def run(*arguments, stdin=b"", code=0):
    done = CliRunner().invoke(app, [*map(str, arguments)], input=stdin)
    assert done.exit_code == code, done.output
    if done.exception is not None:
        assert isinstance(done.exception, SystemExit), repr(done.exception)
    return done


def incidents(*arguments, **settings):
    return run("incidents", *arguments, **settings)


def days(stdout):
    (record,) = json.loads(stdout)
    return [item["dates"][0]["first"] for item in record["incidents"]]


def test_json_has_every_field_and_relative_dates_are_resolved():
    done = incidents("report.txt", "--published", "2024-03-06")
    assert days(done.stdout) == ["2024-03-04", "2024-03-02"]
    (record,) = json.loads(done.stdout)
    assert (record["id"], record["text"], record["published"]) == ("report", TEXT, "2024-03-06")
    assert [item["tolls"][0]["best"] for item in record["incidents"]] == [12, 9]
    assert "2 incidents in 1 document, 0 dates and 2 places unresolved, 0 skipped" in done.stderr
    assert "note: places stay unresolved: pip install 'conflictner[places]'" in done.stderr


def test_documents_without_incidents_are_counted():
    records = [{"id": "a", "text": TEXT}, {"id": "b", "text": "Nothing happened."}]
    Path("in.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    assert "2 incidents in 2 documents (1 without any), " in incidents("in.jsonl").stderr


def test_without_a_day_of_publication_nothing_is_guessed():
    assert days(incidents("report.txt").stdout) == [None, None]


def test_the_page_has_resolved_dates():
    page = incidents("report.txt", "--published", "2024-03-06", "-f", "html").stdout
    assert 'Monday</bdi> <span class="whole">(2024-03-04)</span>' in page


def test_the_standard_input_is_read():
    assert json.loads(incidents(stdin=TEXT.encode()).stdout)[0]["id"] == "stdin"
    assert incidents("-", "-f", "csv-ucdp", stdin=TEXT.encode()).stdout.count("\n") == 3


@pytest.mark.parametrize("form", list(IncidentFormat))
def test_every_format_is_written_to_a_file_whole(form):
    incidents("report.txt", "--format", form.value, "--output", "out")
    written = Path("out").read_text("utf-8")
    if form.value.startswith("csv"):
        assert [row["document"] for row in csv.DictReader(io.StringIO(written))] == ["report", "report"]
    elif form is IncidentFormat.JSONL:
        assert [len(report.incidents) for report in read_reports("out")] == [2]
    elif form is IncidentFormat.HTML:
        assert written.count('<th scope="row">1 ') == 1
        assert written.endswith("</html>\n")
    else:
        json.loads(written)


def test_the_formats_are_those_of_the_library():
    assert [*FORMATS, IncidentFormat.HTML] == list(IncidentFormat)


def test_each_document_may_have_its_own_day():
    records = [{"id": str(n), "text": TEXT, "date": f"2024-03-{n:02}"} for n in (6, 13)] + [
        {"id": "x", "text": TEXT}
    ]
    Path("in.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    done = incidents("in.jsonl", "--published-field", "date", "-f", "jsonl")
    first = [json.loads(line)["incidents"][0]["dates"][0]["first"] for line in done.stdout.splitlines()]
    assert first == ["2024-03-04", "2024-03-11", None]
    assert "note: 1 of 3 documents tell no day in 'date'; their relative dates stay unresolved" in done.stderr
    assert [report.meta for report in read_reports(io.BytesIO(done.stdout.encode()))] == [
        {"date": "2024-03-06"},
        {"date": "2024-03-13"},
        {},
    ]
    Path("in.jsonl").write_text(json.dumps({"id": "y", "text": TEXT, "date": "Monday"}), encoding="utf-8")
    error = incidents("in.jsonl", "--published-field", "date", code=2).stderr
    assert "document 'y', field 'date': the day of publication is 'Monday'" in error
    done = incidents("in.jsonl", "report.txt", "--published-field", "date", "--on-error", "skip")
    assert [record["id"] for record in json.loads(done.stdout)] == ["report"]
    assert "skipped: document 'y', field 'date'" in done.stderr
    assert "1 skipped" in done.stderr


def test_the_rule_of_tolls():
    text = "Police said a bomb killed nine in Homs. A bomb killed 12 people in Homs, doctors said."
    best = [
        json.loads(incidents("--rule", rule, stdin=text.encode()).stdout)[0]["incidents"][0]["tolls"][0][
            "best"
        ]
        for rule in ("ucdp", "highest")
    ]
    assert best == [9, 12]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--published", "Monday"],
            "the day of publication is 'Monday'; accepted is a date such as 2024-03-05",
        ),
        (["--rule", "mean"], "rule is 'mean'; accepted are ucdp, latest, median, highest"),
        (["--published", "2024-03-05", "--published-field", "date"], "not both"),
        (["missing.txt"], "missing.txt"),
        (["-o", "no/folder.json"], "folder does not exist"),
        (["table.csv", "--text-column", "body"], "table.csv: there is no column 'body'"),
    ],
)
def test_mistakes_end_in_one_line(arguments, message):
    error = incidents("report.txt", *arguments, code=2).stderr.splitlines()[-1]
    assert error.startswith("error: ")
    assert message in error


def test_a_day_needs_dateparser(monkeypatch):
    monkeypatch.setattr(dates_module, "are_installed", lambda libraries: False)
    assert (
        "pip install 'conflictner[dates]'"
        in incidents("report.txt", "--published", "2024-03-05", code=2).stderr
    )
    (record,) = json.loads(incidents("report.txt").stdout)
    assert "dateparser" in record["incidents"][0]["dates"][0]["reason"]


def test_rows_of_a_table_keep_their_columns_and_have_their_own_day():
    (record,) = json.loads(incidents("table.csv", "--published-field", "day").stdout)
    assert (record["id"], record["text"]) == ("table-1", "Rebels shelled Aleppo.")
    assert record["published"] == "2024-03-05"
    assert record["meta"] == {"day": "2024-03-05", "url": "a.org/1"}
    Path("table.csv").write_text("text,day\nRebels shelled Aleppo.,\n", encoding="utf-8")
    done = incidents("table.csv", "--published-field", "day")
    assert json.loads(done.stdout)[0]["published"] is None
    assert "note: 1 of 1 documents tell no day in 'day'; their relative dates stay unresolved" in done.stderr


def test_a_table_is_one_text_when_that_is_said():
    done = incidents("table.csv", "--input-format", "text")
    assert json.loads(done.stdout)[0]["text"] == Path("table.csv").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_read_is_skipped_when_asked():
    Path("bad.txt").write_bytes(b"\xff\xfe\x00\xd8")
    done = incidents("bad.txt", "report.txt", "--on-error", "skip", "-f", "jsonl")
    assert len(done.stdout.splitlines()) == 1
    assert "1 skipped" in done.stderr


def benchmark(*arguments, **settings):
    return run("benchmark", "incidents", *arguments, **settings)


def test_benchmark_measures_the_annotated_spans():
    counts = json.loads(benchmark(SAMPLES, "--gold-spans", "--part", "dev", "--json").stdout)
    assert counts["incident"]["annotated"] == 23
    assert counts["incident"]["recall"] >= 0.95
    assert counts["casualties"]["precision"] >= 0.95
    table = benchmark(SAMPLES, "--gold-spans", "--part", "dev").stdout.splitlines()
    assert table[0].split() == ["field", "precision", "recall", "found", "annotated"]
    assert [line.split()[0] for line in table[1:4]] == ["incident", "event_type", "days"]


def test_benchmark_refuses_what_has_no_incidents():
    Path("plain.jsonl").write_text(json.dumps({"id": "a", "text": TEXT}), encoding="utf-8")
    assert "'incidents' must be a list" in benchmark("plain.jsonl", code=2).stderr
    assert "no such documents" in benchmark(SAMPLES, "--part", "none", code=2).stderr


def test_the_samples_are_sound():
    """The incidents annotated by hand name spans of their texts, and are in three parts."""
    records = [json.loads(line) for line in SAMPLES.read_text("utf-8").splitlines()]
    parts = [record["meta"]["part"] for record in records]
    assert (parts.count("dev"), parts.count("test"), parts.count("second")) == (20, 20, 14)
    for record in records:
        spans = {(span["start"], span["end"]) for span in record["spans"]}
        for incident in record["incidents"]:
            assert incident["event_type"] in record["events"]
            names = ("agents", "targets", "weapons", "places", "casualties")
            pieces = itertools.chain.from_iterable(incident[name] for name in names)
            assert {tuple(piece) for piece in pieces} <= spans
            assert all(toll["low"] <= toll["best"] <= toll["high"] for toll in incident["tolls"])
            assert all(record["text"][start:end].strip() for start, end in incident["date"])
