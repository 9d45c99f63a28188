"""Files as Label Studio writes them: what is taken from them, and what is left out."""

import json
from pathlib import Path
from typing import Any

import pytest

from conflictner.data import DataError, Document, Span
from conflictner.data.formats import FORMATS, Report, detect_format, find_format

from .tool_files import read

TEXT = "Rebels shelled \U0001f4a5 Kabul"
ACTOR, PLACE = Span(0, 6, "ACTOR", "agent"), Span(17, 22, "LOCATION")


def label_studio_result(start: int, end: int, text: str | None, label: str, **more: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "labels": [label]} | ({} if text is None else {"text": text})
    return {"from_name": "label", "to_name": "text", "type": "labels", "value": value, **more}


def test_label_studio_takes_the_annotation_that_counts(tmp_path: Path) -> None:
    cancelled = {"was_cancelled": True, "result": [label_studio_result(0, 1, None, "NO")]}
    other = {"result": [label_studio_result(0, 1, None, "NO")]}
    truth = {
        "ground_truth": True,
        "result": [
            label_studio_result(0, 6, "Rebels", "ACTOR:agent"),
            label_studio_result(18, 23, "Kabul", "LOCATION"),
            {"from_name": "events", "to_name": "text", "type": "choices", "value": {"choices": ["battle"]}},
            {"from_name": "mood", "to_name": "text", "type": "choices", "value": {"choices": ["sad"]}},
        ],
    }
    predicted = {
        "model_version": "m",
        "score": 0.5,
        "result": [label_studio_result(0, 6, None, "X", score=0.5)],
    }
    tasks = [
        {"id": 4, "data": {"text": TEXT, "source": "own"}, "annotations": [cancelled, other, truth]},
        {"data": {"report": TEXT}, "annotations": [], "predictions": [predicted]},
    ]
    path = tmp_path / "tasks.json"
    found, report = read("label-studio", path, json.dumps(tasks, indent=2))
    assert found == [
        Document("4", TEXT, (ACTOR, PLACE), ("battle",), {"source": "own"}),
        Document("tasks-2", TEXT, (Span(0, 6, "X", None, 0.5),)),
    ]
    assert report.left_out == {
        "annotations that were cancelled": 1,
        "annotations of a task beside the one that was taken": 1,
        "results of the type 'choices'": 1,
    }
    assert report.notes == {"spans with offsets in UTF-16 code units, as their texts tell": 1}
    assert detect_format(path).name == "label-studio"
    path.write_text(json.dumps(tasks[1], indent=2))  # a task alone, over several lines
    assert detect_format(path).name == "label-studio"
    assert len(read("label-studio", path)[0]) == 1


def test_label_studio_leaves_out_what_is_no_span(tmp_path: Path) -> None:
    results = [
        label_studio_result(0, 6, "Rebels", "ACTOR:agent", id="r1"),
        label_studio_result(17, 22, "Kabul", "LOCATION", id="r2"),
        {"type": "relation", "from_id": "r1", "to_id": "r2", "direction": "right"},
        {"type": "labels", "value": {"start": 7, "end": 14, "text": "shelled"}},
        {"type": "labels", "value": {"start": 7, "end": 14, "text": "shelled", "labels": []}},
    ]
    tasks = [{"id": 4, "data": {"text": TEXT}, "annotations": [{"result": results}]}]
    found, report = read("label-studio", tmp_path / "tasks.json", json.dumps(tasks))
    assert found == [Document("4", TEXT, (ACTOR, PLACE))]
    assert report.left_out == {"results of the type 'relation'": 1}
    assert report.dropped == {"has no label": 2}


def test_label_studio_tasks_that_were_skipped_are_no_texts_without_spans(tmp_path: Path) -> None:
    skipped = {"was_cancelled": True, "result": []}
    predicted = {"result": [label_studio_result(0, 6, "Rebels", "X")]}
    tasks = [
        {"data": {"text": TEXT}, "annotations": [skipped]},
        {"data": {"text": TEXT}, "annotations": [skipped], "predictions": [predicted]},
        {"data": {"text": "Calm"}, "annotations": [{"result": []}]},
        {"data": {"text": "New"}, "annotations": []},
    ]
    found, report = read("label-studio", tmp_path / "tasks.json", json.dumps(tasks))
    assert [document.text for document in found] == ["Calm", "New"]
    assert report.left_out == {"annotations that were cancelled": 2, "tasks that were skipped": 2}
    assert report.notes == {"tasks without annotation, read as texts without spans": 1}


def test_label_studio_writes_the_end_of_a_line_in_a_span_as_two_characters(tmp_path: Path) -> None:
    text = "\U0001f4a5 in Al\r\nBab"
    results = [label_studio_result(5, 12, r"Al\n\nBab", "X"), label_studio_result(6, 13, r"Al\nBab", "X")]
    for result in results:  # in code points, and in UTF-16 code units
        tasks = [{"data": {"text": text}, "annotations": [{"result": [result]}]}]
        (found,), _ = read("label-studio", tmp_path / "tasks.json", json.dumps(tasks))
        assert found.spans == (Span(5, 12, "X"),)
    path = r"C:\news"
    tasks = [{"data": {"text": path}, "annotations": [{"result": [label_studio_result(0, 7, path, "X")]}]}]
    (found,), _ = read("label-studio", tmp_path / "tasks.json", json.dumps(tasks))
    assert found.spans == (Span(0, 7, "X"),)


def test_label_studio_asks_for_json_instead_of_json_min(tmp_path: Path) -> None:
    row = {"id": 1, "text": "a", "label": [{"start": 0, "end": 1, "labels": ["X"]}], "annotation_id": 2}
    path = tmp_path / "min.json"
    path.write_text(json.dumps([row]))
    assert detect_format(path).name == "label-studio"
    with pytest.raises(DataError, match="export as JSON, not as JSON-MIN"):
        read("label-studio", path)


def test_label_studio_predictions_carry_scores_and_a_model(tmp_path: Path) -> None:
    document = Document("a", "Rebels fled", (Span(0, 6, "ACTOR", "agent", 0.75),), ("battle",))
    path = tmp_path / "tasks.json"
    form = find_format("label-studio-predictions", to_write=True)
    assert form.write is not None
    form.write(path, [document], Report())
    (task,) = json.loads(path.read_text())
    assert task["data"] == {"text": "Rebels fled", "id": "a"}
    (prediction,) = task["predictions"]
    assert (prediction["model_version"], prediction["score"]) == ("conflictner", 0.75)
    assert prediction["result"][0] == {
        "id": "1-1",
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "score": 0.75,
        "value": {"start": 0, "end": 6, "text": "Rebels", "labels": ["ACTOR:agent"]},
    }
    assert "annotations" not in task
    FORMATS["label-studio"].write(path, [document], Report())  # type: ignore[misc]
    (task,) = json.loads(path.read_text())
    assert task["annotations"][0]["result"][0]["value"]["labels"] == ["ACTOR:agent"]
    assert "predictions" not in task
