"""``conflictner pretrain``, as users run it."""

import importlib.util
import json

import pytest
import yaml
from typer.testing import CliRunner

from conflictner.inference.command_line.commands import app
from conflictner.training.recipe import dump_recipe


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
def recipe_file(pretrain_recipe, tmp_path):
    path = tmp_path / "recipe.yaml"
    path.write_text(dump_recipe(pretrain_recipe("saving.minutes=5.0")), encoding="utf-8")
    return path


def test_a_run_prints_its_folder_and_says_a_line_a_stage(recipe_file, tmp_path):
    result = run("pretrain", recipe_file, "--set", "limits.tokens=300")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{tmp_path / 'output'}\n"
    assert len(result.stderr.splitlines()) == 4
    saved = yaml.safe_load((tmp_path / "output" / "pretraining_config.yaml").read_text(encoding="utf-8"))
    assert saved["limits"]["tokens"] == 300
    assert "exists already; add --overwrite" in refused("pretrain", recipe_file)
    assert run("pretrain", recipe_file, "--overwrite").exit_code == 0
    summary = json.loads((tmp_path / "output" / "pretraining_summary.json").read_text(encoding="utf-8"))
    assert summary["tokens"] >= 1400


def test_check_prints_the_resolved_recipe_and_writes_nothing(recipe_file, tmp_path):
    before = {path.name for path in tmp_path.iterdir()}
    result = run("pretrain", recipe_file, "--check", "--set", "pretrain.seed=99")
    assert result.exit_code == 0, result.output
    assert yaml.safe_load(result.stdout)["pretrain"]["seed"] == 99
    assert result.stderr.startswith("2 files, 80 paragraphs, ")
    assert {path.name for path in tmp_path.iterdir()} == before
    (tmp_path / "news.txt").write_bytes(b"\xe3")
    message = refused("pretrain", recipe_file, "--check")
    assert message.startswith(f"{tmp_path}/news.txt:1: byte 0xe3")


def test_mistakes_are_told_in_one_line(recipe_file, tmp_path):
    before = {path.name for path in tmp_path.iterdir()}
    assert "cannot be read (No such file or directory)" in refused("pretrain", tmp_path / "none.yaml")
    message = refused("pretrain", recipe_file, "--set", "limits.minutes=0", "--set", "pretrain.seeds=1")
    assert "2 problems: " in message
    assert "nothing to resume" in refused("pretrain", recipe_file, "--resume")
    below = tmp_path / "news.txt" / "out"
    message = refused("pretrain", recipe_file, "--set", f"output={below}")
    assert "cannot be written (Not a directory)" in message
    assert {path.name for path in tmp_path.iterdir()} == before


def test_an_interrupted_run_says_how_to_go_on(recipe_file, tmp_path, monkeypatch):
    from conflictner.training.pretraining.loop import Pretrainer

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Pretrainer, "_update", interrupt)
        result = run("pretrain", recipe_file)
    assert result.exit_code == 130
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1].endswith("keeps what was saved: add --resume to go on")
    result = run("pretrain", recipe_file, "--resume")
    assert result.exit_code == 0, result.output


def test_a_missing_extra_is_named_with_the_command(monkeypatch, recipe_file):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name, *rest: None if name == "torch" else find(name, *rest)
    )
    message = refused("pretrain", recipe_file)
    assert message == "pre-training needs torch: pip install 'conflictner[train]'"


def test_packing_alone_prints_the_folder_that_goes_on(recipe_file, tmp_path):
    result = run("pretrain", recipe_file, "--pack-only")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{tmp_path / 'output.training'}\n"
    assert run("pretrain", recipe_file, "--resume").exit_code == 0
