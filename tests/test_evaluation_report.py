"""The report's JSON form is stable and plain."""

from __future__ import annotations

import dataclasses
import json

import pytest
from jsonschema import Draft202012Validator, ValidationError

from conflictner.data import Document, Span
from conflictner.inference.evaluation import evaluate_predictions, report_schema
from conflictner.inference.evaluation.familiarity import TrainingSurfaces
from conflictner.inference.evaluation.paired import Lead
from conflictner.inference.evaluation.robustness import SliceScore
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.model.labels import DEFAULT_SCHEME, Label, LabelScheme


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


def check(record):
    """Hold a record against the published schema."""
    schema = report_schema()
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(record)


def test_the_published_schema_holds():
    record = some_report(data="d.jsonl", model="m", skipped=1).to_dict()
    check(record)
    assert record["version"] == 1
    assert list(record) == list(report_schema()["properties"]), "in the same order"


@pytest.mark.parametrize(
    "options",
    [
        {"bootstrap": 0},
        {"thresholds": {"ACTOR": 0.5}},
        {"training": TrainingSurfaces([Document("t", "Lima", (Span(0, 4, "LOCATION"),))])},
    ],
)
def test_the_schema_holds_for_other_reports(options):
    check(some_report(**options).to_dict())


def test_the_schema_holds_with_slices_without_events_and_without_spans():
    scheme = LabelScheme((Label("A"), Label("B", "kind", ("x", "y"))))
    nothing = evaluate_predictions([Document("a", "")], [Prediction("", (), (), {}, 1.0)], scheme)
    check(nothing.to_dict())
    part = SliceScore("upper case", 0, nothing.coverage, nothing.exact, nothing.attributes, Lead(0.0, None))
    check(dataclasses.replace(nothing, slices=(part,)).to_dict())


def properties(schema):
    """Yield name and schema of every field, however deep."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).items()
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from properties(part)


def test_every_field_has_a_sentence():
    schema = report_schema()
    for name, field in properties(schema):
        target = schema["$defs"][field["$ref"].removeprefix("#/$defs/")] if "$ref" in field else {}
        said = field.get("description") or target.get("description") or ""
        assert said.endswith("."), name


def test_the_schema_refuses_what_is_not_a_report():
    record = some_report(bootstrap=0).to_dict()
    for changed in (
        {**record, "more": 1},
        {name: value for name, value in record.items() if name != "exact"},
        {**record, "data": {**record["data"], "documents": "2"}},
        {**record, "coverage": {**record["coverage"], "share": 1.5}},
        {**record, "version": 2},
    ):
        with pytest.raises(ValidationError):
            check(changed)


def test_every_object_of_the_schema_is_closed_and_names_all_it_has():
    def objects(node):
        if isinstance(node, dict):
            if "properties" in node and node.get("type") == "object":
                yield node
            for value in node.values():
                yield from objects(value)
        elif isinstance(node, list):
            for value in node:
                yield from objects(value)

    for node in objects(report_schema()):
        assert node["additionalProperties"] is False
        assert set(node["properties"]) - set(node["required"]) <= {"training"}, "only with training data"


def test_the_numbers_are_the_report_s():
    report = some_report()
    record = report.to_dict()
    assert record["exact"]["micro"]["f1"] == report.exact.micro.counts.f1 == 2 / 7
    assert record["exact"]["micro"]["interval"] == list(report.exact.micro.interval)
    assert record["exact"]["labels"]["ACTOR"]["tp"] == 2
    assert record["semeval"]["labels"]["boundary"]["micro"]["gold"]["correct"] == 4
    assert record["semeval"]["attributes"]["strict"]["labels"]["ACTOR:agent"]["f1"] == 1.0
    assert record["curves"]["overall"]["best"]["threshold"] == pytest.approx((0.98 + 0.55) / 2)
    assert record["seqeval"]["strict"]["micro"]["precision"] == 1 / 3
    assert record["confusion"]["counts"][2][0] == 2, "LOCATION taken for ACTOR"
    assert record["events"]["labels"]["riot"]["fp"] == 2


def test_without_draws_there_are_no_intervals():
    record = some_report(bootstrap=0).to_dict()
    assert record["intervals"]["draws"] == 0
    assert record["exact"]["micro"]["interval"] is None
