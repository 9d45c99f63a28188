"""Scoring of incidents: what counts as right, field by field."""

import pytest

from conflictner.data import DataError, Document, Span
from conflictner.inference.incidents import assembly, find_incidents
from conflictner.inference.incidents.scoring import FIELDS, gold_incidents, score_incidents

TEXT = "Rebels shelled Homs on 4 March 2024, killing 12 people. A bomb killed nine in Goma."
SPANS = [
    Span(0, 6, "ACTOR", "agent"),
    Span(15, 19, "LOCATION"),
    Span(45, 54, "CASUALTY", "killed"),
    Span(58, 62, "WEAPON"),
    Span(70, 74, "CASUALTY", "killed"),
    Span(78, 82, "LOCATION"),
]
FIRST = {
    "event_type": "explosion", "first": "2024-03-04", "last": "2024-03-04", "date": [[23, 35]],
    "agents": [[0, 6]], "places": [[15, 19]], "casualties": [[45, 54]],
    "tolls": [{"status": "killed", "low": 12, "best": 12, "high": 12}],
}  # fmt: skip
SECOND = {
    "event_type": "explosion", "first": None, "last": None, "weapons": [[58, 62]], "places": [[78, 82]],
    "casualties": [[70, 74]], "tolls": [{"status": "killed", "low": 9, "best": 9, "high": 9}],
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def no_gazetteers():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assembly, "places_note", lambda: "no gazetteers")
        yield


def score(*records):
    document = Document("a", TEXT, (), (), {"incidents": list(records)})
    counts = score_incidents([(TEXT, find_incidents(TEXT, SPANS), gold_incidents(document))])
    return {name: (count.precision, count.recall) for name, count in counts.items()}


def test_all_right():
    scores = score(FIRST, SECOND)
    assert list(scores) == list(FIELDS)
    none = {"targets", "country"}
    assert {name: value for name, value in scores.items() if name not in none} == dict.fromkeys(
        [name for name in FIELDS if name not in none], (1.0, 1.0)
    )
    assert scores["targets"] == scores["country"] == (None, None)


def test_the_order_of_annotation_makes_no_difference():
    assert score(FIRST, SECOND) == score(SECOND, FIRST)


def test_an_incident_too_many_is_wrong_in_all_fields():
    scores = score(FIRST)
    assert scores["incident"] == (0.5, 1.0)
    assert scores["places"] == scores["casualties"] == scores["tolls"] == (0.5, 1.0)
    assert scores["weapons"] == (0.0, None)


def test_an_incident_too_few_is_missed_in_all_fields():
    third = {**SECOND, "weapons": [[0, 1]], "places": [[7, 14]], "casualties": []}
    scores = score(FIRST, SECOND, third)
    assert scores["incident"] == (1.0, 2 / 3)
    assert scores["weapons"] == (1.0, 0.5)


def test_fields_are_judged_by_themselves():
    changed = {**FIRST, "agents": [[3, 9]], "places": [], "first": "2024-03-05", "event_type": "battle",
               "tolls": [{"status": "killed", "low": 1, "best": 12, "high": 12}]}  # fmt: skip
    scores = score(changed, SECOND)
    assert scores["agents"] == (1.0, 1.0)  # overlap is enough
    assert scores["places"] == (0.5, 1.0)
    assert scores["days"] == (0.0, 0.0)
    assert scores["event_type"] == scores["tolls"] == (0.5, 0.5)
    assert scores["incident"] == (1.0, 1.0)


@pytest.mark.parametrize("meta", [{}, {"incidents": 3}, {"incidents": [{"places": 3}]}, {"incidents": [3]}])
def test_documents_without_incidents_are_refused(meta):
    with pytest.raises(DataError, match="'a': 'incidents' must be a list"):
        gold_incidents(Document("a", TEXT, (), (), meta))
