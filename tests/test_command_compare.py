"""``conflictner compare``, with predictions in files and with a model."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from conflictner.data import Document, Span
from conflictner.data.conll import write_conll
from conflictner.data.jsonl import read_jsonl, write_jsonl
from conflictner.inference.command_line.commands import app
from conflictner.inference.evaluation.contest import Contestant, hold_contest
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.model.labels import DEFAULT_SCHEME, Label, LabelScheme

TEXT = "Rebels shelled Homs"
SPANS = (Span(0, 6, "ACTOR", "agent"), Span(15, 19, "LOCATION"))
GOLD = [Document(str(number), TEXT, SPANS, ("explosion",)) for number in range(30)]
ONE_MISSING = [Document(d.id, TEXT, SPANS[: 1 + (number > 5)], d.events) for number, d in enumerate(GOLD)]
HALF = [Document(d.id, TEXT, SPANS[:1], ("battle",)) for d in GOLD]


@pytest.fixture
def files(tmp_path):
    for name, documents in (("gold", GOLD), ("good", ONE_MISSING), ("half", HALF)):
        write_jsonl(tmp_path / f"{name}.jsonl", documents)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, ["compare", *map(str, arguments)])


def test_a_better_system_is_called_better_in_the_first_line(files):
    done = run(files / "half.jsonl", files / "good.jsonl", files / "gold.jsonl", "--draws", 200)
    assert done.exit_code == 0, done.output
    first, *rest = done.stdout.splitlines()
    assert first.startswith(
        f"{files / 'good.jsonl'} is better than {files / 'half.jsonl'}: micro F1 0.947 against "
    )
    assert first.endswith(", p = 0.005.")
    rows = [line.split() for line in rest]
    assert ["ACTOR", "1.000", "1.000", "+0.000", "+0.000", "to", "+0.000", "50.0", "%", "1.000"] in rows
    assert any(row[:3] == ["LOCATION", "0.000", "0.889"] for row in rows)
    assert any(row[:5] == ["event", "types,", "micro", "0.000", "1.000"] for row in rows)


@pytest.mark.parametrize(
    ("a", "b", "better", "words"),
    [
        ("good", "half", "a", "is worse than"),
        ("half", "good", "b", "is better than"),
        ("good", "good", None, "is neither better nor worse than"),
    ],
)
def test_json(files, a, b, better, words):
    done = run(files / f"{a}.jsonl", files / f"{b}.jsonl", files / "gold.jsonl", "--json", "--draws", 100)
    record = json.loads(done.stdout)
    assert record["better"] == better
    assert words in record["verdict"]
    assert record["verdict"].count(". ") == 0, "one sentence"
    assert record["tests"] == {"level": 0.95, "draws": 100, "seed": 0}
    assert set(record["labels"]) == set(DEFAULT_SCHEME.table)
    assert record["micro"]["lead"] == record["micro"]["b"] - record["micro"]["a"]


def test_a_small_difference_may_be_luck(files):
    write_jsonl(files / "most.jsonl", [*ONE_MISSING[:4], *HALF[4:6], *GOLD[6:29], *HALF[29:]])
    write_jsonl(files / "gold.jsonl", [*GOLD[:28], *HALF[28:]])
    done = run(files / "good.jsonl", files / "most.jsonl", files / "gold.jsonl")
    assert done.stdout.splitlines()[0].startswith("It is not shown that ")
    assert "which may be luck" in done.stdout


def test_without_draws_nothing_is_told(files):
    done = run(files / "half.jsonl", files / "good.jsonl", files / "gold.jsonl", "--draws", 0)
    assert "cannot be told without several documents and draws" in done.stdout
    assert "leads" in done.stdout


def test_documents_that_were_not_predicted_are_missed_and_said(files):
    write_jsonl(files / "part.jsonl", GOLD[:20][::-1])
    done = run(files / "good.jsonl", files / "part.jsonl", files / "gold.jsonl", "--json", "--draws", 50)
    record = json.loads(done.stdout)
    assert record["labels"]["ACTOR"]["b"] == pytest.approx(0.8)
    assert record["notes"][0].startswith(f"{files / 'part.jsonl'}: Coverage is 66.66 %: 10 documents")
    assert "20 lie behind the end" in record["notes"][0]


def test_predictions_under_other_ids_are_taken_in_their_order(files):
    for name in ("gold", "good"):  # a document of columns is called after its file: gold-1, good-1
        write_conll(files / f"{name}.conll", read_jsonl(files / f"{name}.jsonl"))
        lines = (files / f"{name}.conll").read_text().splitlines(keepends=True)
        (files / f"{name}.conll").write_text("".join(line for line in lines if not line.startswith("# id")))
    done = run(files / "good.jsonl", files / "good.conll", files / "gold.jsonl", "--draws", 50)
    assert done.exit_code == 0, done.output
    assert "both have the same numbers of right and wrong spans" in done.stdout
    done = run(files / "good.conll", files / "good.conll", files / "gold.conll", "--draws", 50)
    assert "micro F1 0.947 against 0.947" in done.stdout


def test_documents_that_do_not_mark_everything_are_noted(files):
    write_jsonl(files / "gold.jsonl", [replace(d, meta={"annotated": ["ACTOR"]}) for d in GOLD])
    done = run(files / "half.jsonl", files / "good.jsonl", files / "gold.jsonl", "--draws", 50)
    assert "note: 30 documents do not mark everything (meta.annotated)" in done.stdout


def test_predictions_for_a_skipped_document_are_no_mistake(files):
    lines = (files / "gold.jsonl").read_text().splitlines(keepends=True)
    (files / "gold.jsonl").write_text("".join(["no document\n", *lines[1:]]))
    arguments = (files / "half.jsonl", files / "good.jsonl", files / "gold.jsonl", "--draws", 50)
    done = run(*arguments, "--on-error", "skip")
    assert done.exit_code == 0, done.output
    assert "note: 1 lines of the data could not be read and were skipped." in done.stdout


@pytest.mark.parametrize(
    ("documents", "said"),
    [
        ([Document("other", TEXT)], "the document 'other' is not in the gold data"),
        ([Document("1", TEXT), Document("1", TEXT)], "2 documents for 30 gold ones, and ids are not unique"),
        ([Document("1", "Another text.")], "have different texts"),
    ],
)
def test_predictions_of_something_else_are_one_line(files, documents, said):
    write_jsonl(files / "odd.jsonl", documents)
    done = run(files / "good.jsonl", files / "odd.jsonl", files / "gold.jsonl")
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert said in done.stderr


def test_a_model_beside_a_file(files, tiny_checkpoint):
    done = run(tiny_checkpoint, files / "good.jsonl", files / "gold.jsonl", "--json", "--draws", 50)
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert record["a"] == "tiny"
    assert record["better"] == "b"


def test_systems_of_other_labels_are_compared_on_all():
    def predictions(*spans):
        found = tuple(PredictedSpan(*span) for span in spans)
        return [Prediction(TEXT, found, (), {}, 1.0)] * 30

    a = Contestant("a", predictions((0, 6, "ACTOR")), LabelScheme((Label("ACTOR"), Label("LOCATION"))))
    b = Contestant(
        "b", predictions((0, 6, "ACTOR"), (7, 14, "ACT")), LabelScheme((*a.scheme.labels, Label("ACT")))
    )
    gold = [Document(str(number), TEXT, (Span(0, 6, "ACTOR"),)) for number in range(30)]
    contest = hold_contest(gold, a, b, draws=50)
    assert list(contest.labels) == ["ACTOR", "LOCATION", "ACT"]
    assert contest.better == "a"
    assert contest.events is None
