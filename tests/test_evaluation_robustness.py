"""Scores on changed documents, with a tagger that knows the answers where a text is short."""

from __future__ import annotations

import pytest

from conflictner.data import Document, Span
from conflictner.data.variants.slices import SLICES
from conflictner.inference.evaluation.bootstrap import Bootstrap
from conflictner.inference.evaluation.robustness import score_slices
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.model.labels import DEFAULT_SCHEME

TEXT = "Rebels shelled Homs."
SPANS = (Span(0, 6, "ACTOR", "agent"), Span(15, 19, "LOCATION"))


def documents(number):
    return [Document(str(index), TEXT, SPANS) for index in range(number)]


def forgetful(name, changed):
    """Predict all spans of the first 200 characters, each actor behind the first as a target."""
    for document in changed:
        spans = [span for span in document.spans if span.end <= 200]
        yield Prediction(
            document.text,
            tuple(
                PredictedSpan(s.start, s.end, s.label, "target" if s.attribute and s.start else s.attribute)
                for s in spans
            ),
            (),
            {},
            1.0,
        )


def scores(number, draws=20):
    gold = documents(number)
    found = score_slices(gold, forgetful("as it is", gold), forgetful, DEFAULT_SCHEME, Bootstrap(draws))
    return {item.name: item for item in found}


def test_long_texts_are_scored_as_wholes_and_their_change_is_against_their_parts():
    found = scores(23)
    assert list(found) == [*SLICES, "in long texts"]
    assert found["upper case"].exact.micro.counts.f1 == 1.0
    item = found["in long texts"]
    # of 22 characters each, the first nine of a text are read whole, and those of the last three
    micro = item.exact.micro.counts
    assert (micro.tp, micro.fp, micro.support) == (2 * (9 + 9 + 3), 0, 2 * 23)
    assert item.lead.difference == pytest.approx(micro.f1 - 1.0)
    assert item.attributes["ACTOR"].matched == 21
    assert item.attributes["ACTOR"].correct == 3, "the first of each long text"
    assert item.lead.interval[0] < item.lead.difference < item.lead.interval[1], "long texts are drawn"


@pytest.mark.parametrize(("number", "joined"), [(2, 2), (10, 10), (11, 10), (12, 12)])
def test_a_document_alone_is_joined_to_none(number, joined):
    item = scores(number, draws=5)["in long texts"]
    assert item.changed == joined
    assert (item.lead.interval is None) == (number <= 10), "one long text has no interval"


def test_a_single_document_makes_no_long_text():
    assert list(scores(1)) == [*SLICES]
