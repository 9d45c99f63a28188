"""Gold and predictions that do not belong together are refused, in one line."""

from __future__ import annotations

import pytest

from conflictner.data import Document, Span
from conflictner.inference.evaluation import EvaluationError, check_scheme
from conflictner.inference.evaluation.pairs import pair_up
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.model.labels import DEFAULT_SCHEME, Label, LabelScheme

TEXT = "Troops shelled Homs."


def prediction(text=TEXT, spans=(), coverage=1.0, events=()):
    return Prediction(text, tuple(PredictedSpan(*span) for span in spans), events, {}, coverage)


def one(document, predicted):
    (pair,) = pair_up([document], [predicted], DEFAULT_SCHEME)
    return pair


def test_spans_are_sorted_and_characters_counted():
    document = Document("a", TEXT, (Span(15, 19, "LOCATION"), Span(0, 6, "ACTOR", "agent")))
    pair = one(document, prediction(spans=[(15, 19, "LOCATION"), (0, 6, "ACTOR")], coverage=0.5))
    assert [span.start for span in pair.gold] == [0, 15]
    assert [span.start for span in pair.predicted] == [0, 15]
    assert (pair.characters, pair.read) == (18, 9)


def test_a_prediction_may_stop_short_and_the_rest_is_unread():
    pair = one(Document("a", TEXT, (Span(15, 19, "LOCATION"),)), prediction(text="Troops shelled"))
    assert (pair.characters, pair.read) == (18, 13)


@pytest.mark.parametrize(
    ("predicted", "reason"),
    [
        (prediction(text="Other text"), "different texts"),
        (prediction(text=TEXT + " More."), "different texts"),
        (prediction(coverage=1.5), "coverage"),
        (prediction(spans=[(0, 6, "ALIEN")]), "'ALIEN'"),
        (prediction(events=("battle", "party")), "'party'"),
        (prediction(spans=[(0, 6, "ACTOR"), (5, 14, "WEAPON")]), "overlaps"),
        (prediction(spans=[(15, 99, "LOCATION")]), "outside"),
        (prediction(text="Troops", spans=[(7, 14, "WEAPON")]), "outside"),
        (prediction(spans=[(3, 3, "ACTOR")]), "empty"),
    ],
)
def test_what_does_not_belong_together(predicted, reason):
    with pytest.raises(EvaluationError, match=reason) as caught:
        one(Document("doc\n7", TEXT), predicted)
    assert "\n" not in str(caught.value)
    assert r"doc\n7" in str(caught.value)


def test_where_two_texts_part_is_shown():
    text = "Rebels shelled Homs, " * 20
    with pytest.raises(EvaluationError, match="texts from character 312 on, 'els shelled Homs, R") as caught:
        one(Document("a", text), prediction(text=f"{text[:312]}-{text[313:]}"))
    assert "'els shelled Hom-, R" in str(caught.value)


def test_bad_gold_made_in_python_is_refused_too():
    with pytest.raises(EvaluationError, match="spans must be flat"):
        one(Document("a", TEXT, (Span(0, 6, "ACTOR"), Span(2, 9, "ACTOR"))), prediction())


def test_another_number_of_predictions():
    documents = [Document("a", TEXT), Document("b", TEXT)]
    with pytest.raises(EvaluationError, match="2 documents but only 1 predictions"):
        pair_up(documents, iter([prediction()]), DEFAULT_SCHEME)
    with pytest.raises(EvaluationError, match="more predictions than the 2 documents"):
        pair_up(documents, (prediction() for _ in range(5)), DEFAULT_SCHEME)


def test_labels_the_model_lacks_are_named_with_their_number_and_place():
    documents = [
        Document("a", TEXT, (Span(0, 6, "ACTOR"),)),
        Document("b", TEXT, (Span(0, 6, "MONEY"), Span(15, 19, "DATE"))),
        Document("c", TEXT, (Span(0, 6, "MONEY"),)),
    ]
    with pytest.raises(EvaluationError) as caught:
        check_scheme(documents, DEFAULT_SCHEME, "small")
    message = str(caught.value)
    assert "labels MONEY (2 times), DATE (1 times), first in document 'b'" in message
    assert "the model small does not know; it knows ACTOR, WEAPON, LOCATION, CASUALTY" in message
    assert "\n" not in message


def test_attributes_and_events_the_model_lacks():
    with pytest.raises(EvaluationError, match="attribute ACTOR:killer"):
        check_scheme([Document("a", TEXT, (Span(0, 6, "ACTOR", "killer"),))], DEFAULT_SCHEME)
    with pytest.raises(EvaluationError, match="event type party"):
        check_scheme([Document("a", TEXT, (), ("party",))], DEFAULT_SCHEME)


def test_a_model_without_event_types_is_let_through():
    check_scheme([Document("a", TEXT, (), ("party",))], LabelScheme((Label("ACTOR"),)))
