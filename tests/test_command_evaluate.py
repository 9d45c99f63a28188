"""``conflictner evaluate``, with a tagger that knows the answers."""

from __future__ import annotations

import json
import shutil

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from conflictner.data import Document, Span
from conflictner.data.conll import write_conll
from conflictner.data.jsonl import read_jsonl, write_jsonl
from conflictner.data.variants.slices import SLICES
from conflictner.inference.command_line.commands import app
from conflictner.inference.evaluation import report_schema
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.inference.tagger import Tagger
from conflictner.model.labels import DEFAULT_SCHEME

DOCUMENTS = [
    Document(
        "one",
        "Rebels shelled Aleppo.",
        (Span(0, 6, "ACTOR", "agent"), Span(15, 21, "LOCATION")),
        ("explosion",),
    ),
    Document(
        "two",
        "Police killed 4 miners.",
        (Span(0, 6, "ACTOR", "agent"), Span(14, 15, "CASUALTY", "killed")),
        ("violence",),
    ),
    Document("three", "Wheat prices fell.", meta={"source": "wire"}),
]


class FakeTagger:
    """Finds all spans of the documents but locations."""

    scheme = DEFAULT_SCHEME
    name = "fake-model"

    def __init__(self, coverage=1.0):
        self.coverage = coverage
        self.loaded_with = None
        self.texts = 0

    def least_scores(self, thresholds):
        return {**dict.fromkeys(self.scheme.table, 0.0), **(thresholds or {})}

    def predict_batch(self, texts, thresholds=None):
        answers = {document.text: document for document in DOCUMENTS}
        assert thresholds == 0.0, "the thresholds are tried afterwards"
        answers["Rebels shelled Aleppo ."] = DOCUMENTS[0]  # as CoNLL joins its tokens
        for text in texts:
            self.texts += 1
            document = answers[text]
            spans = tuple(
                PredictedSpan(s.start, s.end, s.label, s.attribute, 0.75, text[s.start : s.end])
                for s in document.spans
                if s.label != "LOCATION"
            )
            yield Prediction(text, spans, document.events, dict.fromkeys(document.events, 0.9), self.coverage)


@pytest.fixture
def tagger(monkeypatch):
    fake = FakeTagger()

    def load(model=None, **options):
        fake.loaded_with = model, options
        return fake

    monkeypatch.setattr(Tagger, "load", load)
    return fake


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "gold.jsonl"
    write_jsonl(path, DOCUMENTS)
    return path


def run(*arguments, terminal=False):
    environment = {"FORCE_COLOR": "1" if terminal else None, "COLUMNS": "100", "NO_COLOR": None}
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)], env=environment)


def rows(output, title):
    """Return the rows of a plain table as lists of words."""
    lines = iter(output.splitlines())
    assert title in lines, f"no table {title!r}"
    table = []
    for line in lines:
        if not line:
            break
        table.append(line.split())
    return table


def test_tables_are_plain_when_piped(tagger, data):
    done = run(data, "--bootstrap", 50)
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert done.stdout.isascii()
    lines = done.stdout.splitlines()
    assert lines[0] == f"data: {data}, 3 documents, 4 annotated spans, 3 predicted"
    assert lines[1] == "model: fake-model"
    assert lines[2] == "coverage: 100.00 % of 56 characters, 13 of 13 words"
    exact = rows(done.stdout, "Exact spans")
    assert exact[1][:4] == ["ACTOR", "1.000", "1.000", "1.000"]
    assert exact[3][:4] == ["LOCATION", "0.000", "0.000", "0.000"]
    assert exact[5][:4] == ["micro", "1.000", "0.750", "0.857"]
    assert exact[6][:4] == ["macro", "0.667", "0.667", "0.667"]
    for name in ('seqeval strict (mode="strict", scheme=IOB2)', "seqeval default"):
        assert ["micro", "avg", "1.000", "0.750", "0.857", "4"] in rows(done.stdout, name)
    assert ["ACTOR", "role", "1.000", "2", "2", "0"] in rows(done.stdout, "Attributes of matched spans")
    assert ["all", "0.250", "0.750", "1.000", "3"] in rows(done.stdout, "Calibration of span scores")
    assert rows(done.stdout, "Event types")[-3][:4] == ["micro", "1.000", "1.000", "1.000"]


def test_a_terminal_gets_frames_and_a_progress_bar_that_goes_away(tagger, data):
    done = run(data, "--bootstrap", 0, terminal=True)
    assert done.exit_code == 0, done.output
    assert "\x1b[" in done.stdout
    assert "Exact spans" in done.stdout
    assert "─" in done.stdout
    assert "tagging" in done.stderr
    assert "tagging" not in done.stdout


def test_json_goes_to_standard_output_alone(tagger, data):
    done = run(data, "--json", "--bootstrap", 20)
    record = json.loads(done.stdout)
    assert record["exact"]["micro"]["f1"] == pytest.approx(6 / 7)
    assert record["intervals"]["draws"] == 20
    assert record["model"]["name"] == "fake-model"


def test_options_reach_the_tagger(tagger, data):
    assert (
        run(data, "--model", "folder", "--engine", "torch", "--threads", 2, "--bootstrap", 0).exit_code == 0
    )
    options = {"engine": "torch", "device": "cpu", "threads": 2, "verify": True}
    assert tagger.loaded_with == ("folder", options)
    assert run(data, "--engine", "stone").exit_code == 2
    assert run(data, "--bootstrap", -1).exit_code == 2


def test_report_folder_and_predictions_file(tagger, data, tmp_path):
    done = run(
        data, "--report", tmp_path / "report", "--predictions", tmp_path / "out.jsonl", "--bootstrap", 20
    )
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "report" / "report.json").read_text())["data"]["documents"] == 3
    assert "report.json" in done.stderr
    predicted = list(read_jsonl(tmp_path / "out.jsonl"))
    assert [document.id for document in predicted] == ["one", "two", "three"]
    assert predicted[0].spans == (Span(0, 6, "ACTOR", "agent", 0.75),)
    assert predicted[1].events == ("violence",)
    assert predicted[2].meta == {"source": "wire"}


def test_names_in_colons_stay_what_they_are(tagger, data, tmp_path):
    path = data.rename(tmp_path / ":smile:.jsonl")
    assert ":smile:.jsonl" in run(path, "--bootstrap", 0).stdout


def test_errors_are_written_and_counted_by_what_training_has_seen(tagger, data, tmp_path):
    train = tmp_path / "train.jsonl"
    write_jsonl(train, [Document("t", "They fled Aleppo.", (Span(10, 16, "LOCATION"),))])
    done = run(data, "--report", tmp_path / "report", "--train", train, "--json", "--bootstrap", 0)
    assert done.exit_code == 0, done.output
    groups = json.loads(done.stdout)["errors"]["groups"]["training"]
    assert [(name, group["gold"], group["misses"]) for name, group in groups.items()] == [
        ("seen", 1, 1),
        ("partly seen", 0, 0),
        ("unseen", 3, 0),
    ]
    [line] = (tmp_path / "report" / "errors.jsonl").read_text().splitlines()
    error = json.loads(line)
    assert (error["kind"], error["document"], error["gold"]["text"]) == ("missed", "one", "Aleppo")
    assert error["training"] == {"familiarity": "seen", "spans": 1}
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert page.count('<article class="error"') == 1
    assert "Errors by frequency in training" in page


def test_training_data_that_cannot_be_read_are_told_before_the_work(tagger, data, tmp_path):
    assert_one_line_error(run(data, "--train", tmp_path / "none.jsonl"), "none.jsonl", "no such file")
    (tmp_path / "empty.jsonl").write_text("")
    assert_one_line_error(run(data, "--train", tmp_path / "empty.jsonl"), "empty.jsonl", "no documents")
    assert tagger.loaded_with is None


def test_conll_is_read_too(tagger, tmp_path):
    write_conll(tmp_path / "gold.conll", [DOCUMENTS[0]])
    done = run(tmp_path / "gold.conll", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["exact"]["micro"]["recall"] == 0.5


def assert_one_line_error(done, *parts):
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: ")
    for part in parts:
        assert part in done.stderr


def test_an_empty_file_is_an_error(tagger, tmp_path):
    (tmp_path / "empty.jsonl").write_text("\n\n")
    assert_one_line_error(run(tmp_path / "empty.jsonl"), "empty.jsonl", "no documents")
    assert_one_line_error(run(tmp_path / "missing.jsonl"), "missing.jsonl", "no such file")
    assert tagger.loaded_with is None, "the model is not loaded for nothing"


def test_labels_the_model_lacks_are_one_line(tagger, tmp_path):
    write_jsonl(tmp_path / "other.jsonl", [Document("x", "Acme Corp", (Span(0, 9, "ORG"),))])
    done = run(tmp_path / "other.jsonl")
    assert_one_line_error(done, "ORG (1 times)", "'x'", "fake-model", "ACTOR, WEAPON, LOCATION, CASUALTY")
    assert tagger.texts == 0, "nothing is tagged before the labels are checked"


def test_a_bad_line_stops_or_is_skipped_and_counted(tagger, data):
    data.write_text(data.read_text() + '{"id": "bad"}\n')
    assert_one_line_error(run(data), "gold.jsonl:4", "'text'")
    done = run(data, "--on-error", "skip", "--json", "--bootstrap", 0)
    assert done.exit_code == 0
    assert "skipped: " in done.stderr
    assert "gold.jsonl:4" in done.stderr
    record = json.loads(done.stdout)
    assert record["data"] == {
        "name": str(data),
        "documents": 3,
        "skipped": 1,
        "gold_spans": 4,
        "predicted_spans": 3,
    }
    assert "1 lines of the data could not be read" in record["notes"][0]


def test_all_lines_skipped_is_an_error(tagger, tmp_path):
    (tmp_path / "bad.jsonl").write_text("nonsense\n")
    done = run(tmp_path / "bad.jsonl", "--on-error", "skip")
    assert done.exit_code == 2
    assert "all 1 records were skipped" in done.stderr


def test_outputs_that_cannot_be_written_are_found_before_the_work(tagger, data, tmp_path):
    (tmp_path / "file").write_text("")
    assert_one_line_error(run(data, "--report", tmp_path / "file"), "cannot write the report there")
    assert_one_line_error(run(data, "--predictions", tmp_path / "no" / "out.jsonl"), "folder does not exist")
    assert tagger.texts == 0


def test_low_coverage_is_said_first(tagger, data):
    tagger.coverage = 0.5
    lines = run(data, "--bootstrap", 0).stdout.splitlines()
    assert lines[3].startswith("note: Coverage is 50")


def test_a_changed_model_is_measured_only_when_told(tiny_checkpoint, tmp_path):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "model")
    with (folder / "config.json").open("a") as config:
        config.write(" ")
    data = tmp_path / "data.jsonl"
    data.write_text('{"id": "a", "text": "Rebels shelled Homs.", "spans": []}\n')
    arguments = ["evaluate", str(data), "--model", str(folder), "--bootstrap", "0"]
    refused = CliRunner().invoke(app, arguments)
    assert refused.exit_code == 2
    assert "--no-verify" in refused.stderr
    assert CliRunner().invoke(app, [*arguments, "--no-verify"]).exit_code == 0


def scored_data(tmp_path):
    """Gold data, and predictions of which the right ones score 0.6 and more, but for a CASUALTY at 0.3."""
    text = "Rebels shelled Homs, killing 4"
    gold = (Span(0, 6, "ACTOR", "agent"), Span(15, 19, "LOCATION"), Span(29, 30, "CASUALTY", "killed"))
    found = (
        Span(0, 6, "ACTOR", "agent", 0.9),
        Span(7, 14, "WEAPON", None, 0.55),
        Span(15, 19, "LOCATION", None, 0.6),
        Span(21, 28, "CASUALTY", "killed", 0.2),
        Span(29, 30, "CASUALTY", "killed", 0.3),
    )
    for name, spans in (("gold", gold), ("found", found)):
        write_jsonl(tmp_path / f"{name}.jsonl", [Document(str(n), text, spans) for n in range(4)])
    return tmp_path / "gold.jsonl", tmp_path / "found.jsonl"


def test_thresholds_are_chosen_on_one_file_and_used_on_another(tmp_path):
    gold, found = scored_data(tmp_path)
    thresholds = tmp_path / "thresholds.json"
    done = run(gold, "--model", found, "--write-thresholds", thresholds, "--json", "--bootstrap", 0)
    assert done.exit_code == 0, done.output
    before = json.loads(done.stdout)
    assert before["exact"]["micro"]["f1"] == pytest.approx(2 * 3 / (5 + 3))
    written = json.loads(thresholds.read_text())
    assert written["labels"] == pytest.approx({"ACTOR": 0.0, "LOCATION": 0.0, "CASUALTY": 0.25})
    assert written["all"] == pytest.approx(0.25)
    assert (written["model"], written["data"]) == (str(found), str(gold))
    done = run(gold, "--model", found, "--threshold-file", thresholds, "--json", "--bootstrap", 0)
    after = json.loads(done.stdout)
    assert after["exact"]["micro"]["f1"] == pytest.approx(2 * 3 / (4 + 3))
    assert after["thresholds"] == pytest.approx(
        {"ACTOR": 0.0, "WEAPON": 0.25, "LOCATION": 0.0, "CASUALTY": 0.25}
    )
    assert after["curves"] == before["curves"], "the curves are of all spans"


def test_only_spans_over_the_thresholds_are_written(tmp_path):
    gold, found = scored_data(tmp_path)
    thresholds = tmp_path / "mine.json"
    thresholds.write_text('{"all": 0.56, "model": "other"}')
    arguments = ["--model", found, "--threshold-file", thresholds, "--predictions", tmp_path / "out.jsonl"]
    done = run(gold, *arguments, "--bootstrap", 0)
    assert f"note: the thresholds of {thresholds} were chosen for other" in done.stderr
    kept = next(iter(read_jsonl(tmp_path / "out.jsonl"))).spans
    assert [span.score for span in kept] == [0.9, 0.6]


def test_thresholds_that_do_not_fit_are_one_line(tagger, data, tmp_path):
    (tmp_path / "t.json").write_text("{}")
    assert_one_line_error(
        run(data, "--threshold-file", tmp_path / "t.json"), "t.json: is no file of thresholds"
    )
    assert tagger.loaded_with is None
    gold, found = scored_data(tmp_path)
    (tmp_path / "t.json").write_text('{"labels": {"PERSON": 0.5}}')
    assert_one_line_error(
        run(gold, "--model", found, "--threshold-file", tmp_path / "t.json"), "no label 'PERSON'"
    )
    assert_one_line_error(
        run(data, "--write-thresholds", tmp_path / "no" / "t.json"), "folder does not exist"
    )
    assert tagger.texts == 0


def test_no_threshold_is_chosen_where_nothing_is_right(tmp_path):
    gold, _ = scored_data(tmp_path)
    write_jsonl(tmp_path / "none.jsonl", [Document("0", "Rebels shelled Homs, killing 4")])
    path = tmp_path / "t.json"
    arguments = [gold, "--model", tmp_path / "none.jsonl", "--write-thresholds", path, "--bootstrap", 0]
    assert_one_line_error(run(*arguments), "no threshold can be chosen")
    assert not path.exists()
    assert run(*arguments, "--report", tmp_path / "report").exit_code == 2
    assert (tmp_path / "report" / "report.json").exists(), "the report is not lost"


def test_slices_are_a_table_with_a_line_each(tiny_checkpoint, data, tmp_path):
    done = run(data, "--model", tiny_checkpoint, "--slices", "--bootstrap", 20)
    assert done.exit_code == 0, done.output
    table = rows(done.stdout, "Robustness: F1 of exact spans on changed text")
    names = ["as it is", *SLICES, "in long texts"]
    assert [" ".join(row)[: len(name)] for row, name in zip(table[1:], names, strict=False)] == names
    done = run(data, "--model", tiny_checkpoint, "--slices", "--bootstrap", 20, "--json")
    record = json.loads(done.stdout)
    Draft202012Validator(report_schema()).validate(record)
    assert [item["changed"] for item in record["slices"]][:3] == [3, 3, 3]
    for item in record["slices"]:
        lead = item["exact"]["micro"]["f1"] - record["exact"]["micro"]["f1"]
        assert item["lead"]["difference"] == pytest.approx(lead)
        assert item["exact"]["micro"]["support"] == 4


def test_slices_of_a_file_are_refused(tmp_path):
    gold, found = scored_data(tmp_path)
    assert_one_line_error(run(gold, "--model", found, "--slices"), "--slices needs a model", str(found))
