"""Confusion between labels and errors of borders."""

from __future__ import annotations

from conflictner.data import Document, Span
from conflictner.inference.evaluation.confusion import confusion
from conflictner.inference.evaluation.pairs import pair_up
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.model.labels import DEFAULT_SCHEME

LABELS = tuple(DEFAULT_SCHEME.table)


def test_by_hand():
    text = "x" * 100
    gold = [(0, 5, "ACTOR"), (10, 20, "ACTOR"), (30, 35, "WEAPON"), (40, 45, "LOCATION"), (50, 60, "ACTOR")]
    predicted = [
        (0, 5, "ACTOR"),
        (10, 15, "LOCATION"),
        (28, 36, "WEAPON"),
        (55, 65, "ACTOR"),
        (70, 75, "CASUALTY"),
    ]
    document = Document("a", text, tuple(Span(*span) for span in gold))
    spans = tuple(PredictedSpan(*span, text="x" * (span[1] - span[0])) for span in predicted)
    result = confusion(pair_up([document], [Prediction(text, spans, (), {}, 1.0)], DEFAULT_SCHEME), LABELS)
    assert result.to_dict() == {
        "gold": ["ACTOR", "WEAPON", "LOCATION", "CASUALTY", "spurious"],
        "predicted": ["ACTOR", "WEAPON", "LOCATION", "CASUALTY", "missed"],
        "counts": [
            [2, 0, 1, 0, 0],
            [0, 1, 0, 0, 0],
            [0, 0, 0, 0, 1],
            [0, 0, 0, 0, 0],
            [0, 0, 0, 1, 0],
        ],
    }
    assert result.borders_to_dict() == {
        "ACTOR": {"exact": 1, "too_short": 1, "too_long": 0, "shifted": 1},
        "WEAPON": {"exact": 0, "too_short": 0, "too_long": 1, "shifted": 0},
        "LOCATION": {"exact": 0, "too_short": 0, "too_long": 0, "shifted": 0},
        "CASUALTY": {"exact": 0, "too_short": 0, "too_long": 0, "shifted": 0},
    }
