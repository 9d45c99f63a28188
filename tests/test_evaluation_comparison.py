"""Several systems on the same documents."""

import pytest

from conflictner.data import Document, Span
from conflictner.inference.evaluation.comparison import compare, comparison_markdown
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.model import Label, LabelScheme

SCHEME = LabelScheme((Label("A"), Label("B")))
TEXT = "one two three four"
GOLD = [Document(str(i), TEXT, (Span(0, 3, "A"), Span(4, 7, "B"))) for i in range(6)]


def prediction(*spans):
    found = [PredictedSpan(start, end, label, text=TEXT[start:end]) for start, end, label in spans]
    return Prediction(TEXT, tuple(found), (), {}, 1.0)


RIGHT, HALF = prediction((0, 3, "A"), (4, 7, "B")), prediction((0, 3, "A"))
SYSTEMS = [
    ("ours", [RIGHT] * 6, None),
    ("half", [HALF] * 6, 12.4),
    ("mixed", [RIGHT, HALF] * 3, 3.0),
]


def test_scores_and_margins_by_hand():
    ours, half, mixed = compare(GOLD, SYSTEMS, SCHEME, bootstrap=200)
    assert ours.margin is None
    assert ours.report.exact.micro.counts.f1 == 1.0
    assert half.report.exact.micro.counts.f1 == pytest.approx(2 / 3)
    assert half.margin.difference == pytest.approx(1 / 3)
    assert half.margin.interval == pytest.approx((1 / 3, 1 / 3))  # the same in every document
    low, high = mixed.margin.interval
    assert low < mixed.margin.difference < high
    assert half.to_dict()["exact"]["labels"]["B"]["f1"] == 0.0
    assert half.to_dict()["training_seconds"] == 12.4
    assert ours.to_dict()["margin"] is None


def test_without_draws_there_are_no_intervals():
    _, half, _ = compare(GOLD, SYSTEMS, SCHEME, bootstrap=0)
    assert half.margin.interval is None
    assert half.margin.to_dict() == {"difference": pytest.approx(1 / 3), "interval": None}


def test_the_table():
    lines = comparison_markdown(compare(GOLD, SYSTEMS[:2], SCHEME, bootstrap=50)).splitlines()
    assert lines == [
        "| system | micro F1 | 95 % interval | precision | recall | A | B | behind | training |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| ours | 100.0 | 100.0 to 100.0 | 100.0 | 100.0 | 100.0 | 100.0 |  |  |",
        "| half | 66.7 | 66.7 to 66.7 | 100.0 | 50.0 | 100.0 | 0.0 | 33.3 (33.3 to 33.3) | 12 s |",
    ]
