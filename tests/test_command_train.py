"""``conflictner train`` and ``conflictner card``, as users run them."""

import importlib.util
import json
import pickletools
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from conflictner.data.errors import ConflictnerError
from conflictner.inference import Tagger
from conflictner.inference.command_line.commands import app
from conflictner.model.checkpoint import Checkpoint
from conflictner.training.recipe import dump_recipe, load_recipe

FILES = (
    "config.json",
    "model.safetensors",
    "event_head.safetensors",
    "tokenizer.json",
    "labels.json",
    "calibration.json",
    "model.onnx",
    "README.md",
    "training_config.yaml",
    "checksums.json",
    "learning_curves.png",
    "training_summary.json",
)
SAMPLE = "conflictner:configs/finetune/sample.yaml"


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def refused(*arguments):
    """The one line on standard error that a command leaves with exit code 2."""
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    return line.removeprefix("error: ")


@pytest.fixture
def recipe_file(tiny_recipe, tmp_path):
    """Writes a tiny recipe."""

    def write(*settings):
        path = tmp_path / "recipe.yaml"
        path.write_text(dump_recipe(tiny_recipe(*settings)), encoding="utf-8")
        return path

    return write


def test_the_sample_recipe_makes_a_complete_checkpoint_in_time(sample_run):
    folder = sample_run.folder
    present = {path.name for path in folder.iterdir()}
    assert present == {*FILES, "tokenizer_config.json", "tensorboard"}
    assert all((folder / name).stat().st_size > 100 for name in FILES)
    assert [path.name[:19] for path in (folder / "tensorboard").iterdir()] == ["events.out.tfevents"]
    assert [path.name for path in folder.parent.iterdir()] == ["sample"]
    assert sample_run.seconds < 100  # of one processor, so that two minutes do even where others use it too


def test_standard_output_is_the_folder_and_standard_error_a_line_a_stage(sample_run):
    assert sample_run.stdout == f"{sample_run.folder}\n"
    lines = sample_run.stderr.splitlines()
    patterns = [
        r"\d+ documents to train on, as \d+ windows; \d+ to select on",
        *[rf"epoch {epoch} of 20: dev micro F1 0\.\d{{4}}" for epoch in range(1, 21)],
        r"best epoch \d+: dev micro F1 0\.\d{4}",
        r"model\.onnx is fp32, \d\.\d MB",
        r"the held-out share: micro F1 0\.\d{4} on \d+ documents",
    ]
    assert len(lines) == len(patterns), sample_run.stderr
    for line, pattern in zip(lines, patterns, strict=True):
        assert re.fullmatch(pattern, line)


def test_nothing_in_the_checkpoint_is_a_pickle(sample_checkpoint):
    for path in sample_checkpoint.rglob("*"):
        if path.is_file():
            assert path.suffix not in {".bin", ".pt", ".pth", ".pkl", ".npy"}
            content = path.read_bytes()
            assert not content.startswith(b"PK"), path  # torch.save writes a zip archive of pickles
            with pytest.raises((ValueError, UnicodeDecodeError, IndexError, KeyError)):
                list(pickletools.genops(content))


def test_the_checkpoint_says_nothing_of_the_machine(sample_checkpoint):
    for name in ("config.json", "tokenizer_config.json", "training_summary.json", "README.md", "labels.json"):
        assert str(sample_checkpoint.parent) not in (sample_checkpoint / name).read_text(encoding="utf-8")


def test_what_was_learned_is_predicted_by_both_engines(sample_checkpoint):
    text = "Rebels killed three soldiers in Aleppo on Monday, the army said."
    onnx, torch = (
        Tagger.load(sample_checkpoint, engine=engine).predict(text) for engine in ("onnx", "torch")
    )
    assert onnx.coverage == 1.0
    assert onnx.spans
    assert [(s.start, s.end, s.label) for s in onnx.spans] == [(s.start, s.end, s.label) for s in torch.spans]


def test_transformers_loads_the_checkpoint(sample_checkpoint):
    from transformers import pipeline

    found = pipeline("token-classification", model=str(sample_checkpoint))("Rebels shelled the town.")
    assert {item["entity"][:2] for item in found} <= {"B-", "I-"}
    tagger = pipeline("token-classification", model=str(sample_checkpoint)).model
    assert tuple(tagger.config.id2label.values()) == Checkpoint.load(sample_checkpoint).scheme.tags


def test_the_record_of_the_run_agrees_with_itself(sample_run):
    summary = json.loads((sample_run.folder / "training_summary.json").read_text(encoding="utf-8"))
    scores = {row["epoch"]: row["dev_f1"] for row in summary["history"] if "dev_f1" in row}
    assert len(scores) == 20
    assert summary["dev"]["f1"] == max(scores.values()) == scores[summary["best_epoch"]]
    assert 0.15 < summary["dev"]["f1"] < 0.9
    assert load_recipe(sample_run.folder / "training_config.yaml").card == load_recipe(SAMPLE).card
    card = (sample_run.folder / "README.md").read_text(encoding="utf-8")
    micro = re.search(r"\*\*micro\*\* \| [\d.]+ \| [\d.]+ \| ([\d.]+)", card)[1]
    said = re.search(r"held-out share: micro F1 ([\d.]+)", sample_run.stderr)[1]
    assert float(micro) == pytest.approx(float(said), abs=0.0006)
    assert summary["onnx"]["dev_f1_fp32"] == pytest.approx(float(said), abs=0.0001)
    assert yaml.safe_load(card.split("---\n")[1])["license"] == "cc-by-4.0"


def test_all_users_may_read_the_checkpoint(sample_checkpoint):
    modes = {path.name: path.stat().st_mode & 0o777 for path in sample_checkpoint.iterdir() if path.is_file()}
    assert len(set(modes.values())) == 1, modes


def test_a_run_by_the_command_line(recipe_file, tmp_path):
    result = run("train", recipe_file(), "--set", "finetune.epochs=2")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{tmp_path / 'output'}\n"
    assert load_recipe(tmp_path / "output" / "training_config.yaml").finetune.epochs == 2
    assert "## Scores on the held-out share" in (tmp_path / "output" / "README.md").read_text(
        encoding="utf-8"
    )
    assert "exists already; add --overwrite" in refused("train", recipe_file())


def test_an_interrupted_run_says_how_to_go_on(recipe_file, tmp_path, monkeypatch):
    from conflictner.training.loop import TaggerTrainer

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(TaggerTrainer, "training_step", interrupt)
        result = run("train", recipe_file())
    assert result.exit_code == 130
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1].endswith("keeps the finished epochs: add --resume to go on")
    result = run("train", recipe_file(), "--resume")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{tmp_path / 'output'}\n"


def test_check_prints_the_resolved_recipe_and_trains_nothing(recipe_file, tmp_path):
    path = recipe_file()
    result = run("train", path, "--check", "--set", "finetune.seed=99")
    assert result.exit_code == 0
    assert yaml.safe_load(result.stdout)["finetune"]["seed"] == 99
    assert not (tmp_path / "output").exists()


def test_mistakes_are_told_in_one_line(recipe_file, tmp_path):
    path = recipe_file()
    assert "none.yaml: cannot be read (No such file or directory)" in refused("train", tmp_path / "none.yaml")
    assert "2 problems: " in refused(
        "train", path, "--set", "finetune.epoch=3", "--set", "finetune.seed=1e-5"
    )
    assert "data.train: none.jsonl does not exist" in refused(
        "train", path, "--set", "data.train=[none.jsonl]"
    )
    assert "nothing to resume" in refused("train", path, "--resume")
    below = tmp_path / "reports.jsonl" / "out"
    assert "cannot be written (Not a directory)" in refused("train", path, "--set", f"output={below}")
    huge = ("--set", "finetune.learning_rate=1.0e+6", "--set", "finetune.warmup_share=0.0")
    assert (
        run("train", path, *huge)
        .stderr.splitlines()[-1]
        .startswith("error: training has diverged: the loss is")
    )
    assert {p.name for p in tmp_path.iterdir()} == {"recipe.yaml", "reports.jsonl"}


def test_a_missing_extra_is_named_with_the_command(monkeypatch, recipe_file):
    find = importlib.util.find_spec
    lacking = {"torch", "onnx"}
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name, *rest: None if name in lacking else find(name, *rest)
    )
    message = refused("train", recipe_file())
    assert message == "training needs onnx, torch: pip install 'conflictner[train]'"
    assert run("train", recipe_file(), "--check").exit_code == 0


def test_the_card_scores_the_files_that_are_named(sample_checkpoint, tmp_path, reports):
    model = tmp_path / "model"
    shutil.copytree(sample_checkpoint, model)
    paths = [tmp_path / "a" / "test.jsonl", tmp_path / "b" / "test.jsonl", tmp_path / "dev.jsonl"]
    for number, path in enumerate(paths, start=2):
        path.parent.mkdir(exist_ok=True)
        lines = (json.dumps(report) + "\n" for report in reports[:number])
        path.write_text("".join(lines), encoding="utf-8")
    result = run("card", model, *paths)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{model / 'README.md'}\n"
    card = (model / "README.md").read_text(encoding="utf-8")
    scored = re.findall(r"^## Scores on (.*)\n\n(\d+) passages", card, flags=re.MULTILINE)
    assert scored == [(str(paths[0]), "2"), (str(paths[1]), "3"), ("dev.jsonl", "4")]
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == [name for name, _ in scored]
    assert Tagger.load(model)  # its checksums still hold


def test_mistakes_about_cards_are_told_in_one_line(sample_checkpoint, tmp_path, reports):
    data = tmp_path / "data.jsonl"
    data.write_text("", encoding="utf-8")
    assert "holds no documents" in refused("card", sample_checkpoint, data)
    data.write_text(json.dumps({**reports[0], "events": ["picnic"]}), encoding="utf-8")
    assert f"{data}:1: events[0] is 'picnic'" in refused("card", sample_checkpoint, data)
    assert "no folder" in refused("card", tmp_path / "none", data)


def test_a_card_needs_no_training_library(sample_checkpoint, tmp_path, reports):
    model, data = tmp_path / "model", tmp_path / "data.jsonl"
    shutil.copytree(sample_checkpoint, model)
    data.write_text(json.dumps(reports[0]), encoding="utf-8")
    code = (
        "import sys; from conflictner.inference.command_line.commands import app; "
        "app(sys.argv[1:], standalone_mode=False); "
        "print({'torch', 'transformers', 'datasets', 'accelerate', 'matplotlib'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code, "card", str(model), str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


def test_a_checkpoint_without_an_onnx_file_runs_on_torch(recipe_file, tmp_path):
    result = run("train", recipe_file(), "--set", "export.onnx=none")
    assert result.exit_code == 0, result.output
    folder = Path(result.stdout.strip())
    assert not (folder / "model.onnx").exists()
    assert "none; only the torch engine runs this model" in (folder / "README.md").read_text(encoding="utf-8")
    assert Tagger.load(folder).predict("Rebels shelled Homs.").coverage == 1.0
    text = tmp_path / "text.txt"
    text.write_text("Rebels shelled Homs.", encoding="utf-8")
    assert run("tag", text, "--model", folder).exit_code == 0
    with pytest.raises(ConflictnerError, match=r"was written without model\.onnx; use engine 'torch'"):
        Tagger.load(folder, engine="onnx")
