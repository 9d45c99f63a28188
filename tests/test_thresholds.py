"""Files of thresholds, and leaving out what is under them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data.errors import DataError
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.inference.thresholds import Thresholds, keep_certain, read_thresholds, write_thresholds

share = st.floats(0, 1)


@given(st.dictionaries(st.text(min_size=1, max_size=5), share), st.none() | share)
def test_what_was_written_is_read(tmp_path_factory, labels, everything):
    path = tmp_path_factory.mktemp("thresholds") / "t.json"
    thresholds = Thresholds(labels, everything, "model", "dev.jsonl")
    write_thresholds(path, thresholds)
    assert read_thresholds(path) == thresholds


def test_a_file_written_by_hand_may_be_short(tmp_path):
    (tmp_path / "t.json").write_text('{"labels": {"ACTOR": 1}}')
    thresholds = read_thresholds(tmp_path / "t.json")
    assert thresholds.of({"ACTOR": (), "WEAPON": ()}) == {"ACTOR": 1.0}
    (tmp_path / "t.json").write_text('{"all": 0.5}')
    assert read_thresholds(tmp_path / "t.json").of({"ACTOR": (), "WEAPON": ()}) == {
        "ACTOR": 0.5,
        "WEAPON": 0.5,
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("threshold: 1", "it is not JSON; accepted is an object such as"),
        ("[" * 100_000, "it is not JSON"),
        ("[0.5]", r"but \[0.5\]; accepted is"),
        ("{}", "but {}; accepted is"),
        ('{"ACTOR": 0.5}', "but {'ACTOR': 0.5}; accepted is"),
        ('{"all": 1.5}', "'all' must be a score from 0 to 1, got 1.5"),
        ('{"all": NaN}', "got nan"),
        ('{"all": true}', "got True"),
        ('{"labels": {"ACTOR": "0.5"}}', "'labels.ACTOR' must be a score from 0 to 1, got '0.5'"),
        ('{"labels": [0.5]}', r"'labels' must be an object with a score for each label, got \[0.5\]"),
        ('{"all": 0.5, "model": 3}', "'model' must be a string or null, got 3"),
        (
            '{"all": 0.5, "format": "other 2"}',
            "format 'other 2'; this release reads",
        ),
    ],
)
def test_anything_else_is_one_line(tmp_path, content, said):
    path = tmp_path / "t.json"
    path.write_text(content)
    with pytest.raises(DataError, match=said) as caught:
        read_thresholds(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match="No such file"):
        read_thresholds(tmp_path / "none.json")
    with pytest.raises(DataError, match="Is a directory"):
        read_thresholds(tmp_path)
    with pytest.raises(DataError, match="folder does not exist"):
        write_thresholds(tmp_path / "no" / "t.json", Thresholds())


@given(st.binary(max_size=60))
def test_no_file_ends_in_a_traceback(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("thresholds") / "t.json"
    path.write_bytes(content)
    with pytest.raises(DataError):
        read_thresholds(path)


def test_spans_under_the_threshold_are_left_out():
    spans = (
        PredictedSpan(0, 1, "ACTOR", None, 0.4),
        PredictedSpan(2, 3, "ACTOR", None, 0.5),
        PredictedSpan(4, 5, "WEAPON", None, 0.1),
        PredictedSpan(6, 7, "ACTOR"),
    )
    prediction = Prediction("a b c d", spans, (), {}, 1.0)
    assert keep_certain(prediction, {"ACTOR": 0.5}).spans == spans[1:]
    assert keep_certain(prediction, {}) is prediction
    assert json.dumps(keep_certain(prediction, {"WEAPON": 1.0}).to_dict())
