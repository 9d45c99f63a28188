"""Attributes are judged on matched spans alone."""

from __future__ import annotations

from conflictner.data import Document, Span
from conflictner.data.counts import Counts
from conflictner.inference.evaluation.attributes import attribute_scores, attributed_counts
from conflictner.inference.evaluation.pairs import pair_up
from conflictner.inference.evaluation.scores import score_table
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.model.labels import DEFAULT_SCHEME

LABELS = tuple(DEFAULT_SCHEME.table)
TEXT = "Rebels fired rockets at Homs and killed nine soldiers there."


def pairs_of(gold, predicted):
    document = Document("a", TEXT, tuple(Span(*span) for span in gold))
    spans = tuple(PredictedSpan(*span, text=TEXT[span[0] : span[1]]) for span in predicted)
    return pair_up([document], [Prediction(TEXT, spans, (), {}, 1.0)], DEFAULT_SCHEME)


def test_accuracy_by_hand():
    pairs = pairs_of(
        [
            (0, 6, "ACTOR", "agent"),
            (24, 28, "LOCATION"),
            (40, 44, "CASUALTY", "killed"),
            (45, 53, "ACTOR", "target"),
        ],
        [
            (0, 6, "ACTOR", "agent"),
            (24, 28, "LOCATION"),
            (40, 44, "CASUALTY", "injured"),
            (40 + 5, 59, "ACTOR", "target"),
        ],
    )
    scores = attribute_scores(pairs, DEFAULT_SCHEME)
    assert list(scores) == ["ACTOR", "CASUALTY"], "labels without an attribute are not listed"
    actor, casualty = scores["ACTOR"], scores["CASUALTY"]
    assert (actor.attribute, actor.correct, actor.matched, actor.accuracy) == ("role", 1, 1, 1.0)
    assert (casualty.attribute, casualty.correct, casualty.matched, casualty.accuracy) == (
        "status",
        0,
        1,
        0.0,
    )
    table = score_table(attributed_counts(pairs, LABELS), LABELS)
    assert table.labels["ACTOR"].counts == Counts(1, 1, 1)
    assert table.labels["CASUALTY"].counts == Counts(0, 1, 1)
    assert table.labels["LOCATION"].counts == Counts(1, 0, 0)


def test_a_wrong_label_with_the_same_span_is_not_matched():
    pairs = pairs_of([(0, 6, "ACTOR", "agent")], [(0, 6, "CASUALTY", "killed")])
    assert attribute_scores(pairs, DEFAULT_SCHEME)["ACTOR"].matched == 0
    assert attribute_scores(pairs, DEFAULT_SCHEME)["ACTOR"].accuracy is None


def test_gold_without_attribute_is_not_judged():
    pairs = pairs_of([(0, 6, "ACTOR")], [(0, 6, "ACTOR", "agent")])
    score = attribute_scores(pairs, DEFAULT_SCHEME)["ACTOR"]
    assert (score.correct, score.matched, score.unannotated) == (0, 0, 1)
    assert score_table(attributed_counts(pairs, LABELS), LABELS).micro.counts == Counts(1, 0, 0)


def test_a_missing_predicted_attribute_is_wrong():
    pairs = pairs_of([(0, 6, "ACTOR", "agent")], [(0, 6, "ACTOR")])
    assert attribute_scores(pairs, DEFAULT_SCHEME)["ACTOR"].accuracy == 0.0
    assert score_table(attributed_counts(pairs, LABELS), LABELS).micro.counts == Counts(0, 1, 1)
