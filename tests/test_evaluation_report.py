"""The report's JSON form is stable and plain."""

from __future__ import annotations

import json

from conflictner.data import Document, Span
from conflictner.inference.evaluation import evaluate_predictions
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.model.labels import DEFAULT_SCHEME

SCORE = {"precision", "recall", "f1", "interval", "support", "predicted", "tp", "fp", "fn"}
MACRO = {"precision", "recall", "f1", "interval", "labels"}
LINE = {"precision", "recall", "f1", "support"}


def some_report(**options):
    text = "Police fired tear gas in Lima; three people were hurt."
    gold = Document(
        "a",
        text,
        (
            Span(0, 6, "ACTOR", "agent"),
            Span(13, 21, "WEAPON"),
            Span(25, 29, "LOCATION"),
            Span(31, 36, "CASUALTY", "injured"),
        ),
        ("protest",),
    )
    spans = (
        PredictedSpan(0, 6, "ACTOR", "agent", 0.98, "Police"),
        PredictedSpan(13, 17, "WEAPON", None, 0.55, "tear"),
        PredictedSpan(25, 29, "ACTOR", "other", 0.4, "Lima"),
    )
    prediction = Prediction(text, spans, ("protest", "riot"), {}, 1.0)
    return evaluate_predictions([gold] * 2, [prediction] * 2, DEFAULT_SCHEME, **options)


def plain(value):
    """Hold that a value is made of exactly the types of JSON."""
    assert type(value) in (dict, list, str, int, float, bool, type(None)), type(value)
    if isinstance(value, dict):
        assert all(type(key) is str for key in value)
        return all(plain(item) for item in value.values())
    return all(plain(item) for item in value) if isinstance(value, list) else True


def test_plain_json_without_nan():
    record = some_report(data="d.jsonl", model="m").to_dict()
    assert plain(record)
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_the_shape_that_the_docstring_promises():
    record = some_report(data="d.jsonl", model="m", skipped=1).to_dict()
    assert record["version"] == 1
    assert list(record) == [
        *("version", "data", "model", "notes", "coverage", "intervals", "exact", "boundary", "attributes"),
        *("with_attribute", "events", "seqeval", "calibration", "confusion", "borders", "errors"),
    ]
    assert record["data"] == {
        "name": "d.jsonl",
        "documents": 2,
        "skipped": 1,
        "gold_spans": 8,
        "predicted_spans": 6,
    }
    assert record["model"] == {"name": "m"}
    assert set(record["coverage"]) == {"share", "characters", "read", "incomplete"}
    assert record["intervals"] == {
        "method": "percentile bootstrap",
        "unit": "document",
        "level": 0.95,
        "draws": 1000,
        "seed": 0,
    }
    for name in ("exact", "with_attribute", "events"):
        table = record[name]
        assert list(table) == ["labels", "micro", "macro"]
        assert set(table["labels"]) == set(
            DEFAULT_SCHEME.events if name == "events" else DEFAULT_SCHEME.table
        )
        assert all(set(score) == SCORE for score in [*table["labels"].values(), table["micro"]])
        assert set(table["macro"]) == MACRO
    assert set(record["boundary"]) == SCORE
    assert set(record["attributes"]["ACTOR"]) == {
        "attribute",
        "accuracy",
        "correct",
        "matched",
        "unannotated",
    }
    assert list(record["seqeval"]) == ["strict", "default", "alignment"]
    for mode in ("strict", "default"):
        assert list(record["seqeval"][mode]) == ["name", "labels", "micro", "macro", "weighted"]
        assert set(record["seqeval"][mode]["micro"]) == LINE
    assert list(record["calibration"]) == ["overall", "labels", "unscored"]
    assert set(record["calibration"]["overall"]) == {"error", "spans", "bins"}
    assert set(record["calibration"]["overall"]["bins"][0]) == {
        "lower",
        "upper",
        "spans",
        "confidence",
        "accuracy",
    }
    assert list(record["confusion"]) == ["gold", "predicted", "counts"]
    assert set(record["borders"]["ACTOR"]) == {"exact", "too_short", "too_long", "shifted"}


def test_the_numbers_are_the_report_s():
    report = some_report()
    record = report.to_dict()
    assert record["exact"]["micro"]["f1"] == report.exact.micro.counts.f1 == 2 / 7
    assert record["exact"]["micro"]["interval"] == list(report.exact.micro.interval)
    assert record["exact"]["labels"]["ACTOR"]["tp"] == 2
    assert record["boundary"]["tp"] == 4
    assert record["seqeval"]["strict"]["micro"]["precision"] == 1 / 3
    assert record["confusion"]["counts"][2][0] == 2, "LOCATION taken for ACTOR"
    assert record["events"]["labels"]["riot"]["fp"] == 2


def test_without_draws_there_are_no_intervals():
    record = some_report(bootstrap=0).to_dict()
    assert record["intervals"]["draws"] == 0
    assert record["exact"]["micro"]["interval"] is None
