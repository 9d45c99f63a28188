"""Predictions: what they give to JSON and to the data layer."""

import json
from dataclasses import FrozenInstanceError

import pytest

from conflictner.data import Document, Span
from conflictner.inference import PredictedSpan, Prediction

TEXT = "Rebels shelled \ud800 Homs"
PREDICTION = Prediction(
    TEXT,
    (
        PredictedSpan(0, 6, "ACTOR", "agent", 0.987654321, "Rebels"),
        PredictedSpan(17, 21, "LOCATION", None, 0.5, "Homs"),
    ),
    ("explosion",),
    {"battle": 0.123456, "explosion": 0.75},
    0.95,
)


def test_dictionary_by_hand():
    assert PREDICTION.to_dict() == {
        "text": TEXT,
        "spans": [
            {"start": 0, "end": 6, "label": "ACTOR", "attribute": "agent", "score": 0.9877, "text": "Rebels"},
            {"start": 17, "end": 21, "label": "LOCATION", "score": 0.5, "text": "Homs"},
        ],
        "events": ["explosion"],
        "event_scores": {"battle": 0.1235, "explosion": 0.75},
        "coverage": 0.95,
    }


def test_json_is_ascii_and_gives_everything_back():
    for indent in (None, 2):
        line = PREDICTION.to_json(indent)
        assert line.isascii()
        assert json.loads(line) == PREDICTION.to_dict()
    assert "\n" not in PREDICTION.to_json()


def test_coverage_is_never_rounded_up():
    text_with_one_character_lost = Prediction("", (), (), {}, 1 - 1e-9)
    assert text_with_one_character_lost.to_dict()["coverage"] == 0.999999
    assert Prediction("", (), (), {}, 1.0).to_dict()["coverage"] == 1.0


def test_spans_of_a_label():
    assert [span.text for span in PREDICTION.spans_of("ACTOR")] == ["Rebels"]
    assert PREDICTION.spans_of("WEAPON") == []


def test_document_of_a_prediction_is_a_valid_one():
    document = PREDICTION.document("a-1", {"source": "wire"})
    assert document == Document(
        "a-1",
        TEXT,
        (Span(0, 6, "ACTOR", "agent", 0.9877), Span(17, 21, "LOCATION", None, 0.5)),
        ("explosion",),
        {"source": "wire"},
    )
    assert Document.from_dict(document.to_dict()) == document
    assert PREDICTION.document("a-2").meta == {}


def test_predictions_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        PREDICTION.text = "Homs"
    with pytest.raises(FrozenInstanceError):
        PREDICTION.spans[0].score = 1.0
