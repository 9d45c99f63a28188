"""``conflictner benchmark``: what it trains, scores, prints and writes."""

import json

import pytest
import yaml
from typer.testing import CliRunner

from conflictner.data import Document
from conflictner.data.conll import conll_lines
from conflictner.inference.command_line.baseline_systems import finetuned
from conflictner.inference.command_line.commands import app
from conflictner.training.recipe import load_recipe

TINY = [
    "encoder=null",
    "new_encoder={vocabulary: 200, layers: 1, hidden: 32, heads: 2, feed_forward: 32}",
    "windows={max_length: 16, overlap: 4}",
    "finetune.epochs=3",
    "finetune.batch_size=4",
    "finetune.learning_rate=2.0e-2",
    "finetune.precision=fp32",
    "runs=2",
]


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def with_settings(settings):
    return [item for setting in settings for item in ("--set", setting)]


@pytest.fixture
def columns(reports, tmp_path):
    """Column files of the reports without attributes."""
    paths = {}
    for name, part in (("train", reports[:14]), ("dev", reports[14:17]), ("test", reports[17:])):
        lines = []
        for report in part:
            spans = [{**span, "attribute": None} for span in report["spans"]]
            document = Document.from_dict({**report, "spans": spans, "events": []})
            lines += [line for line in conll_lines(document) if not line.startswith("#")]
        paths[name] = tmp_path / f"{name}.txt"
        paths[name].write_text("\n".join(lines) + "\n", encoding="utf-8")
    return paths


@pytest.fixture
def re3d_settings(columns, tmp_path):
    return [
        *TINY,
        f"output={tmp_path / 'models'}",
        f"report={tmp_path / 'report.json'}",
        f"data={{train: [{columns['train']}], dev: [{columns['dev']}], dev_share: 0.0}}",
        f"test=[{columns['test']}]",
        "labels={labels: [ACTOR, WEAPON, LOCATION, CASUALTY], events: []}",
    ]


def test_re3d_trains_for_each_seed_and_writes_the_report(re3d_settings, tmp_path):
    result = run("benchmark", "re3d", *with_settings(re3d_settings))
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["mode"] == "seqeval default"
    assert report["sentences"] == 3
    assert list(report["runs"]) == ["13", "14"]
    scores = [item["micro"]["f1"] for item in report["runs"].values()]
    assert report["micro_f1"]["mean"] == pytest.approx(sum(scores) / 2)
    assert report["micro_f1"]["spread"] == pytest.approx(abs(scores[0] - scores[1]) / 2**0.5)
    assert {item["micro"]["support"] for item in report["runs"].values()} == {15}  # five spans a report
    lines = result.stdout.splitlines()
    assert lines[1].startswith(f"micro F1 {report['micro_f1']['mean']:.3f} +- ")
    assert "ConfliBERT: 0.684 +- 0.015 (" in result.stdout

    before = (tmp_path / "models" / "seed-13" / "model.onnx").stat().st_mtime_ns
    again = run("benchmark", "re3d", *with_settings(re3d_settings))
    assert again.stdout == result.stdout
    assert (tmp_path / "models" / "seed-13" / "model.onnx").stat().st_mtime_ns == before


def test_re3d_refuses_test_sentences_with_other_labels_before_it_trains(re3d_settings, columns, tmp_path):
    columns["test"].write_text("Goma\tB-PLACE\n", encoding="utf-8")
    result = run("benchmark", "re3d", *with_settings(re3d_settings))
    assert result.exit_code == 2
    assert "the test sentences have the label 'PLACE'" in result.stderr
    assert not (tmp_path / "models").exists()


def test_re3d_names_files_that_are_missing(re3d_settings, columns):
    columns["train"].unlink()
    result = run("benchmark", "re3d", *with_settings(re3d_settings))
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert "train.txt does not exist" in line


def test_check_prints_the_recipe(re3d_settings):
    result = run("benchmark", "re3d", "--check", *with_settings(re3d_settings))
    assert yaml.safe_load(result.stdout)["runs"] == 2
    result = run("benchmark", "baselines", "--check", "--set", "crf=null")
    assert yaml.safe_load(result.stdout)["crf"] is None


@pytest.fixture
def baseline_settings(reports, tmp_path):
    data = tmp_path / "reports.jsonl"
    data.write_text("".join(json.dumps(report) + "\n" for report in reports), encoding="utf-8")
    return [
        f"output={tmp_path / 'out'}",
        f"data={{train: [{data}], dev: [{data}], test: [{data}]}}",
        "bootstrap=50",
        "crf={l1: 0.01, l2: 0.01, iterations: 30, context: 1}",
        "spacy=null",
        "bert.new_encoder={vocabulary: 200, layers: 1, hidden: 32, heads: 2, feed_forward: 32}",
        "bert.windows={max_length: 32, overlap: 8}",
        "bert.finetune.epochs=2",
        "bert.finetune.precision=fp32",
    ]


def test_baselines_are_trained_once_and_compared(baseline_settings, tmp_path, sample_checkpoint):
    pytest.importorskip("sklearn_crfsuite")
    baseline_settings.append(f"ours.model={sample_checkpoint}")
    result = run("benchmark", "baselines", *with_settings(baseline_settings))
    assert result.exit_code == 0, result.output
    table = (tmp_path / "out" / "table.md").read_text(encoding="utf-8")
    assert result.stdout == table
    names = [line.split("|")[1].strip() for line in table.splitlines()[2:]]
    assert names == ["conflictner", "BERT without pre-training", "CRF"]
    record = json.loads((tmp_path / "out" / "table.json").read_text(encoding="utf-8"))
    crf = record["systems"][2]
    assert crf["exact"]["micro"]["f1"] > 0.9  # it has seen these passages
    assert crf["exact"]["micro"]["interval"][0] <= crf["exact"]["micro"]["f1"]
    assert crf["margin"]["difference"] < 0

    model = tmp_path / "out" / "crf.model"
    before = model.stat().st_mtime_ns
    again = run("benchmark", "baselines", *with_settings([*baseline_settings, "bert=null"]))
    assert again.exit_code == 0
    assert model.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["data.dev=[none.jsonl]"], "error: data.dev: none.jsonl does not exist"),
        (
            [
                "labels={labels: [LOCATION], events: []}",
                "data={train: [own.jsonl], dev: [own.jsonl], test: [own.jsonl]}",
            ],
            "error: ours.model: bundled has the label ACTOR, which the recipe's labels lack",
        ),
    ],
)
def test_baselines_that_cannot_be_compared_are_not_trained(
    baseline_settings, tmp_path, monkeypatch, settings, message
):
    pytest.importorskip("sklearn_crfsuite")
    monkeypatch.chdir(tmp_path)
    own = {"id": "a", "text": "They left Homs.", "spans": [{"start": 10, "end": 14, "label": "LOCATION"}]}
    (tmp_path / "own.jsonl").write_text(json.dumps(own), encoding="utf-8")
    result = run("benchmark", "baselines", *with_settings([*baseline_settings, "bert=null", *settings]))
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith(message)
    assert not (tmp_path / "out").exists()


def test_baselines_need_at_least_one_system():
    nothing = [f"{name}=null" for name in ("ours", "crf", "spacy", "bert")]
    result = run("benchmark", "baselines", *with_settings(nothing))
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


def test_a_missing_package_is_named(monkeypatch):
    import importlib.util

    real = importlib.util.find_spec
    lacking = {"sklearn_crfsuite", "spacy"}
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in lacking else real(name))
    result = run("benchmark", "baselines", "--set", "output=x")
    assert result.exit_code == 2
    assert result.stderr == (
        "error: this benchmark needs sklearn_crfsuite, spacy: pip install 'conflictner[benchmark]'\n"
    )


def test_a_trained_model_is_kept_for_the_very_weights_of_its_encoder(monkeypatch):
    asked = []
    monkeypatch.setattr(
        "conflictner.training.benchmark.kept.train_once",
        lambda record, settings, files, *_: asked.extend(files) or 0.0,
    )
    finetuned(load_recipe("conflictner:configs/finetune/default.yaml"), overwrite=False)
    assert "model.safetensors" in [path.name for path in asked]
