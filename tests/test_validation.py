"""Validation of whole files."""

import json
from pathlib import Path
from typing import Any

import pytest

from conflictner.data import DataError
from conflictner.data.validation import Validation, validate

LABELS = {"ACTOR": ("agent", "target"), "LOCATION": ()}


def check(path: Path, records: list[Any]) -> tuple[Validation, list[str], list[str]]:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    errors: list[DataError] = []
    warnings: list[DataError] = []
    found = validate(path, LABELS, ["battle"], errors.append, warnings.append)
    place = len(f"{path}:")
    return found, [str(error)[place:] for error in errors], [str(warning)[place:] for warning in warnings]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.jsonl"


def test_a_clean_file_has_no_problems(path: Path) -> None:
    spans = [{"start": 0, "end": 6, "label": "ACTOR", "attribute": "agent"}]
    records = [{"id": "a", "text": "Rebels fled", "spans": spans}, {"id": "b", "text": "Calm"}]
    assert check(path, records) == (Validation(documents=2, spans=1, errors=0, warnings=0), [], [])


def test_every_bad_line_is_reported(path: Path) -> None:
    bad = [{"id": "a"}, [], {"id": "a", "text": "x", "events": ["war"]}]
    found, errors, warnings = check(path, [{"id": "b", "text": "Calm"}, *bad, {"id": "c", "text": "Quiet"}])
    assert found == Validation(documents=2, spans=0, errors=3, warnings=0)
    assert [error.split(":")[0] for error in errors] == ["2", "3", "4"]
    assert warnings == []


@pytest.mark.parametrize(
    ("span", "warnings"),
    [
        (
            {"start": 1, "end": 6, "label": "LOCATION"},
            ["1: the span 1:6 'ebels' (LOCATION) starts inside the word 'Rebels'"],
        ),
        (
            {"start": 0, "end": 5, "label": "LOCATION"},
            ["1: the span 0:5 'Rebel' (LOCATION) ends inside the word 'Rebels'"],
        ),
        (
            {"start": 0, "end": 6, "label": "ACTOR"},
            ["1: the span 0:6 'Rebels' (ACTOR) has no attribute; ACTOR has agent, target"],
        ),
        (
            {"start": 1, "end": 5, "label": "ACTOR"},
            [
                "1: the span 1:5 'ebel' (ACTOR) starts inside the word 'Rebels'",
                "1: the span 1:5 'ebel' (ACTOR) ends inside the word 'Rebels'",
                "1: the span 1:5 'ebel' (ACTOR) has no attribute; ACTOR has agent, target",
            ],
        ),
    ],
)
def test_suspicious_spans_are_warned_of(path: Path, span: dict[str, Any], warnings: list[str]) -> None:
    found = check(path, [{"id": "a", "text": "Rebels fled", "spans": [span]}])
    assert found == (Validation(1, 1, 0, len(warnings)), [], warnings)


def test_repeated_ids_and_texts_are_warned_of_with_the_first_line(path: Path) -> None:
    records = [
        {"id": "a", "text": "Calm"},
        {"id": "b", "text": "Quiet"},
        {"id": "a", "text": "Storm"},
        {"id": "c", "text": "Quiet"},
    ]
    assert check(path, records)[2] == [
        "3: the id 'a' stands in line 1 already",
        "4: the text 'Quiet' stands in line 2 already",
    ]


@pytest.mark.parametrize("text", ["", " \n"])
def test_texts_without_words_are_warned_of(path: Path, text: str) -> None:
    assert check(path, [{"id": "a", "text": text}])[2] == ["1: the text has no words"]


@pytest.mark.parametrize("name", ["label", "labels", "entities", "annotations"])
def test_spans_of_other_tools_are_warned_of(path: Path, name: str) -> None:
    spans = [{"start": 0, "end": 6, "label": "ACTOR", "attribute": "agent"}]
    records = [
        {"id": "a", "text": "Rebels fled", name: [[0, 6, "ACTOR"]]},
        {"id": "b", "text": "Rebels won", name: ["politics"], "spans": spans},
        {"id": "c", "text": "Calm", name: []},
    ]
    _, _, warnings = check(path, records)
    assert warnings == [
        f"1: there are no spans, but a list {name!r}; conflictner convert reads other tools' files"
    ]


def test_an_empty_file_is_an_error(path: Path) -> None:
    assert check(path, []) == (Validation(0, 0, 1, 0), [" holds no documents"], [])


def test_a_file_of_bad_lines_is_not_called_empty_as_well(path: Path) -> None:
    assert check(path, [[]])[0] == Validation(0, 0, 1, 0)


def test_a_missing_file_is_raised(path: Path) -> None:
    with pytest.raises(DataError, match="there is no such file"):
        validate(path, None, None, lambda error: None, lambda warning: None)
