"""Temperature and event thresholds, fitted to data whose best values are known."""

import numpy as np
import pytest

from conflictner.data import Document, Span
from conflictner.data.counts import Counts
from conflictner.model import DEFAULT_SCHEME, LabelScheme
from conflictner.model.decoding import SpanConfidence, softmax
from conflictner.training.calibration import best_threshold, calibrate, fit_confidence, fit_temperature
from conflictner.training.scoring import Scores


def drawn(scheme, temperature, words=20_000, seed=0):
    """Logits, and tags drawn from them at a temperature."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 3, (words, len(scheme.tags))).astype(np.float32)
    cumulative = softmax(logits.astype(np.float64), temperature).cumsum(axis=1)
    tags = (cumulative < generator.random((words, 1))).sum(axis=1).clip(max=len(scheme.tags) - 1)
    return logits, tags


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_tags_were_drawn_at_is_found(temperature):
    assert fit_temperature(DEFAULT_SCHEME, *drawn(DEFAULT_SCHEME, temperature)) == pytest.approx(
        temperature, rel=0.05
    )


def test_no_other_temperature_explains_the_tags_better():
    logits, tags = drawn(DEFAULT_SCHEME, 1.7, words=500, seed=3)
    gold = DEFAULT_SCHEME.coarse_of_fine[tags]

    def loss(temperature):
        coarse = DEFAULT_SCHEME.coarse_probabilities(softmax(logits.astype(np.float64), temperature))
        return -np.log(coarse[np.arange(len(gold)), gold]).mean()

    fitted = fit_temperature(DEFAULT_SCHEME, logits, tags)
    assert loss(fitted) <= min(loss(value) for value in np.geomspace(0.25, 8, 200)) + 1e-6


def test_certain_and_hopeless_logits_stay_in_the_range():
    scheme = LabelScheme.from_dict({"labels": ["A"]})
    logits = np.tile(np.array([[9.0, 0.0, 0.0]], dtype=np.float32), (50, 1))
    assert fit_temperature(scheme, logits, np.zeros(50, dtype=np.intp)) == pytest.approx(0.25, rel=0.03)
    assert fit_temperature(scheme, logits, np.ones(50, dtype=np.intp)) == pytest.approx(8.0, rel=0.03)


def test_the_threshold_with_the_best_f1_is_found():
    probabilities = np.array([0.9, 0.7, 0.66, 0.6, 0.3, 0.1])
    gold = np.array([True, True, True, False, False, False])
    assert best_threshold(probabilities, gold) == 0.65  # only 0.65 parts 0.66 from 0.6
    assert best_threshold(probabilities, ~gold) == 0.3


def test_among_equal_thresholds_the_middle_is_taken():
    gold = np.array([True, False])
    assert best_threshold(np.array([0.9, 0.1]), gold) == 0.5
    assert best_threshold(np.array([0.9, 0.1]), np.array([False, False])) == 0.5


def test_calibration_covers_temperature_and_every_event_type():
    logits, tags = drawn(DEFAULT_SCHEME, 2.0)

    class Gold:
        scheme = DEFAULT_SCHEME
        documents = ()

        def gold_tags(self):
            return tags

        def gold_events(self):
            return np.eye(7, dtype=bool)[:4]

        def score(self, reading, calibration):
            found = 600 if calibration.span_threshold <= 0.4 else 300
            wrong = round(100 * (1 - calibration.span_threshold))
            return Scores({"ACTOR": Counts(found, wrong, 600 - found)})

    class Read:
        def event_probabilities(self):
            return np.where(np.eye(7, dtype=bool)[:4], 0.4, 0.3)

        def spans(self, scheme, temperature, confidence):
            return []

    Read.logits = logits
    calibration = calibrate(Gold(), Read())
    assert calibration.temperature == pytest.approx(2.0, rel=0.05)
    assert calibration.span_threshold == 0.4
    assert calibration.confidence is None  # there is no span to fit it to
    assert calibration.event_thresholds == dict.fromkeys(DEFAULT_SCHEME.events[:4], 0.4) | dict.fromkeys(
        DEFAULT_SCHEME.events[4:], 0.5
    )


class Decoded:
    """Spans whose probabilities, inside and at the end, are given, and which are right by a known rule."""

    scheme = DEFAULT_SCHEME

    def __init__(self, rule, spans=4000):
        generator = np.random.default_rng(5)
        self.inside, self.end = generator.uniform(0.4, 1, spans), generator.uniform(0.3, 1, spans)
        chance = rule.scores(self.inside, self.end)
        right = generator.random(spans) < chance
        gold = [Span(0, 1 + (not is_right), "WEAPON") for is_right in right]
        self.documents = [Document("d", "ab", (span,)) for span in gold]

    def spans(self, scheme, temperature, confidence):
        scores = confidence.scores(self.inside, self.end).tolist()
        return [[Span(0, 1, "WEAPON", None, score)] for score in scores]


def test_the_confidence_that_spans_were_drawn_by_is_found():
    rule = SpanConfidence(1.2, 0.5, -1.0)
    decoded = Decoded(rule)
    fitted = fit_confidence(decoded, decoded, 1.0)
    assert (fitted.inside, fitted.end, fitted.bias) == pytest.approx((1.2, 0.5, -1.0), abs=0.15)


@pytest.mark.parametrize(
    ("rule", "spans"),
    [
        (SpanConfidence(1.2, 0.5, -1.0), 30),  # too few wrong ones
        (SpanConfidence(-1.2, 0.5, 0.0), 4000),  # a higher probability is no better
        (SpanConfidence(0.0, 0.0, 99.0), 4000),  # all are right
    ],
)
def test_where_nothing_can_be_fitted_the_mean_probability_stays(rule, spans):
    decoded = Decoded(rule, spans)
    assert fit_confidence(decoded, decoded, 1.0) is None
