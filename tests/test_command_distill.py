"""``conflictner distill``: a recipe is checked without the train extra, and what is missing is named."""

import importlib.util
import subprocess
import sys

from typer.testing import CliRunner

from conflictner.inference.command_line import train
from conflictner.inference.command_line.commands import app
from conflictner.training.distillation import distill

RECIPE = "conflictner:configs/distill/default.yaml"


def test_a_recipe_is_checked_without_torch():
    code = (
        "import sys\n"
        "from conflictner.inference.command_line.commands import app\n"
        f"app(['distill', '{RECIPE}', '--check', '--set', 'teachers.count=7'], standalone_mode=False)\n"
        "assert not {'torch', 'transformers', 'gensim'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert "\n  count: 7\n" in done.stdout


def test_the_card_has_the_scores_on_the_dev_documents(monkeypatch, tmp_path):
    scored = []
    monkeypatch.setattr(train, "_evaluate", lambda folder, dev, name: scored.append((folder, dev, name)))
    monkeypatch.setattr(train, "_write_card", lambda folder, reports: scored.append(set(reports)))

    def run(recipe, *, finish, **_):
        finish(tmp_path, ["a document"])
        return tmp_path

    monkeypatch.setattr(distill, "distill", run)
    result = CliRunner().invoke(app, ["distill", RECIPE])
    assert result.stdout == f"{tmp_path}\n"
    assert scored == [(tmp_path, ["a document"], "dev.jsonl"), {"dev.jsonl"}]


def test_a_missing_package_is_named(monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "gensim" else real(name))
    result = CliRunner().invoke(app, ["distill", RECIPE])
    assert result.exit_code == 2
    assert result.stderr == "error: distillation needs gensim: pip install 'conflictner[train]'\n"
