"""``conflictner data``: what it prints, where, and how it ends."""

import json
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conflictner.data import DataError
from conflictner.inference.command_line.data import app
from conflictner.model import SchemeError

GOOD = {
    "id": "a",
    "text": "Rebels shelled Kabul",
    "spans": [
        {"start": 0, "end": 6, "label": "ACTOR", "attribute": "agent"},
        {"start": 15, "end": 20, "label": "LOCATION"},
    ],
    "events": ["explosion"],
}


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.jsonl"
    path.write_text(json.dumps(GOOD) + "\n")
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.jsonl"
    unlabelled = GOOD | {"spans": [{"start": 0, "end": 6, "label": "NAME"}]}
    path.write_text("".join(json.dumps(record) + "\n" for record in ([], GOOD, unlabelled, GOOD)) + "{")
    return path


def test_validate_is_quiet_about_a_good_file(good: Path) -> None:
    result = CliRunner().invoke(app, ["validate", str(good)])
    assert result.exit_code == 0
    assert result.stdout == f"{good}: 1 document, 2 spans, 0 errors, 0 warnings\n"
    assert result.stderr == ""


def test_validate_names_every_problem_and_ends_with_one(bad: Path) -> None:
    result = CliRunner().invoke(app, ["validate", str(bad)])
    assert result.exit_code == 1
    assert result.stdout == f"{bad}: 2 documents, 4 spans, 3 errors, 2 warnings\n"
    assert result.stderr.splitlines() == [
        f"{bad}:1: expected an object with 'id' and 'text', got []",
        f"{bad}:3: spans[0].label is 'NAME'; accepted are ACTOR, WEAPON, LOCATION, CASUALTY",
        f"{bad}:4: warning: the id 'a' stands in line 2 already",
        f"{bad}:4: warning: the text 'Rebels shelled Kabul' stands in line 2 already",
        f"{bad}:5: not JSON: Expecting property name enclosed in double quotes at column 2, near '{{'; "
        "a line must hold one whole object",
    ]


def test_validate_ends_with_zero_when_there_are_warnings_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.conll"
    path.write_text("Kabul B-LOCATION\n\nKabul B-LOCATION\n")
    result = CliRunner().invoke(app, ["validate", str(path)])
    assert result.exit_code == 0
    assert result.stdout == f"{path}: 2 documents, 2 spans, 0 errors, 1 warning\n"


def test_validate_takes_a_label_scheme(good: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.json"
    labels.write_text('{"labels": ["ACTOR"], "events": []}')
    result = CliRunner().invoke(app, ["validate", str(good), "--labels", str(labels)])
    assert result.exit_code == 1
    assert "attribute is 'agent'; accepted for ACTOR are none" in result.stderr
    labels.write_text('{"labels": []}')
    result = CliRunner().invoke(app, ["validate", str(good), "--labels", str(labels)])
    assert isinstance(result.exception, SchemeError)


def test_validate_calls_an_empty_file_an_error(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.touch()
    result = CliRunner().invoke(app, ["validate", str(path)])
    assert result.exit_code == 1
    assert result.stderr == f"{path}: holds no documents\n"


@pytest.mark.parametrize("command", ["validate", "stats"])
def test_a_missing_file_is_a_data_error(command: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, [command, str(tmp_path / "none.jsonl")])
    assert isinstance(result.exception, DataError)
    assert str(result.exception) == f"{tmp_path / 'none.jsonl'}: there is no such file"


def test_stats_prints_plain_columns_when_piped(good: Path) -> None:
    result = CliRunner().invoke(app, ["stats", str(good)])
    assert result.exit_code == 0
    assert result.stderr == ""
    assert result.stdout.isascii()
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["collection", "number"],
        ["documents", "1"],
        ["without", "spans", "0"],
        ["without", "events", "0"],
        ["characters", "20"],
        ["words", "3"],
        ["spans", "2"],
        [],
        ["label", "spans", "mean", "words", "median", "longest"],
        ["all", "2", "1.00", "1", "1"],
        ["ACTOR", "1", "1.00", "1", "1"],
        ["LOCATION", "1", "1.00", "1", "1"],
        [],
        ["label", "attribute", "spans", "share"],
        ["ACTOR", "agent", "1", "100.0%"],
        [],
        ["event", "documents", "share"],
        ["explosion", "1", "100.0%"],
        [],
        ["label", "surface", "spans"],
        ["ACTOR", "Rebels", "1"],
        ["LOCATION", "Kabul", "1"],
    ]


def test_stats_frames_its_tables_in_a_terminal(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    result = CliRunner().invoke(app, ["stats", str(good)])
    assert result.exit_code == 0
    assert "──" in result.stdout


def test_stats_shows_surfaces_as_they_stand_and_without_control_characters(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    text = "[red]:bomb:\x1b[31m\ud800" + "x" * 70
    span = {"start": 0, "end": len(text), "label": "WEAPON"}
    path.write_text(json.dumps({"id": "a", "text": text, "spans": [span]}))
    result = CliRunner().invoke(app, ["stats", str(path)])
    assert "[red]:bomb:\\x1b[31m\\ud800" + "x" * 70 in result.stdout


def test_stats_prints_json(good: Path) -> None:
    result = CliRunner().invoke(app, ["stats", str(good), "--json", "--top", "1"])
    record = json.loads(result.stdout)
    assert record["documents"] == 1
    assert record["labels"]["ACTOR"]["attributes"] == {"agent": 1}
    assert record["labels"]["LOCATION"]["surfaces"] == {"Kabul": 1}


def test_stats_needs_documents_and_good_lines(tmp_path: Path, bad: Path) -> None:
    empty = tmp_path / "x.jsonl"
    empty.touch()
    result = CliRunner().invoke(app, ["stats", str(empty)])
    assert str(result.exception) == f"{empty}: holds no documents"
    result = CliRunner().invoke(app, ["stats", str(bad)])
    assert str(result.exception).startswith(f"{bad}:1: expected an object")


def test_stats_says_when_surfaces_were_forgotten(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = import_module("conflictner.data.statistics")
    monkeypatch.setattr(module, "statistics", partial(module.statistics, surface_limit=0))
    result = CliRunner().invoke(app, ["stats", str(good)])
    assert "lower bounds" in result.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["validate", "--help"], ["stats", "--help"]])
def test_help_is_given(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert "Usage" in result.stdout


def test_the_shared_data_is_valid(shared: Path) -> None:
    path = shared / "data" / "conflict-news" / "dev.jsonl"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    result = CliRunner().invoke(app, ["validate", str(path)])
    assert result.stdout == f"{path}: 412 documents, 2,008 spans, 0 errors, 0 warnings\n"
