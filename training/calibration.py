"""Calibration on the dev documents: the temperature of the tag scores, the thresholds of spans and events."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from ..data.counts import Counts
from ..model.calibration import Calibration
from ..model.decoding import SpanConfidence, logit, softmax
from ..model.labels import LabelScheme
from ..model.reading import Reading
from .scoring import Scorer

__all__ = ["best_span_threshold", "best_threshold", "calibrate", "fit_confidence", "fit_temperature"]

_RANGE = (0.25, 8.0)  # temperatures tried
_LEAST_SPANS = 20  # right and wrong ones from which scores are fitted


def calibrate(scorer: Scorer, reading: Reading) -> Calibration:
    """Fit temperature and thresholds to what the network says about the dev documents."""
    temperature = fit_temperature(scorer.scheme, reading.logits, scorer.gold_tags())
    probabilities, gold = reading.event_probabilities(), scorer.gold_events()
    thresholds = {
        name: best_threshold(probabilities[:, index], gold[:, index])
        for index, name in enumerate(scorer.scheme.events)
    }
    confidence = fit_confidence(scorer, reading, temperature)
    unlimited = Calibration(temperature, thresholds, 0.0, confidence)
    return replace(unlimited, span_threshold=best_span_threshold(scorer, reading, unlimited))


def fit_confidence(scorer: Scorer, reading: Reading, temperature: float) -> SpanConfidence | None:
    """Fit the spans' scores to whether the spans are right, by logistic regression.

    Returns:
        ``None``, so that the mean tag probability stays the score, where there is nothing to fit: too few
        right or wrong spans, or no sign that a higher probability is better.
    """
    inside = _span_scores(scorer, reading, temperature, SpanConfidence(1.0, 0.0, 0.0))
    end = _span_scores(scorer, reading, temperature, SpanConfidence(0.0, 1.0, 0.0))
    right = inside[1]
    if min(right.sum(), (~right).sum()) < _LEAST_SPANS:
        return None
    features = np.stack([logit(inside[0]), logit(end[0])], axis=1)
    model = LogisticRegression(C=10.0).fit(features, right)
    weights = [*model.coef_[0].tolist(), float(model.intercept_[0])]
    return SpanConfidence(*weights) if min(weights[:2]) > 0 else None


def _span_scores(
    scorer: Scorer, reading: Reading, temperature: float, confidence: SpanConfidence
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the score of every decoded span, and whether it is right."""
    scores, right = [], []
    decoded = reading.spans(scorer.scheme, temperature, confidence)
    for document, spans in zip(scorer.documents, decoded, strict=True):
        gold = {(span.start, span.end, span.label) for span in document.spans}
        scores += [span.score or 0.0 for span in spans]
        right += [(span.start, span.end, span.label) in gold for span in spans]
    return np.array(scores, dtype=np.float64), np.array(right, dtype=np.bool_)


def fit_temperature(scheme: LabelScheme, logits: NDArray[np.float32], tags: NDArray[np.intp]) -> float:
    """Return the temperature with the least negative log-likelihood of the gold coarse tags.

    Temperature scaling as in Guo et al. (2017), "On calibration of modern neural networks", on the coarse tag
    probabilities, since those are the scores users see. Golden-section search over the logarithm of the
    temperature.

    Args:
        scheme: The label scheme.
        logits: Fine tag logits, shape ``[words, tags]``.
        tags: Gold fine tags, shape ``[words]``.
    """
    gold = scheme.coarse_of_fine[tags]
    rows = np.arange(len(gold))

    def loss(log_temperature: float) -> float:
        coarse = scheme.coarse_probabilities(
            softmax(logits.astype(np.float64), float(np.exp(log_temperature)))
        )
        return float(-np.log(np.maximum(coarse[rows, gold], 1e-12)).mean())

    low, high = np.log(_RANGE[0]), np.log(_RANGE[1])
    ratio = (np.sqrt(5) - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = loss(left), loss(right)
    while high - low > 1e-3:
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = loss(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = loss(right)
    return float(np.exp((low + high) / 2))


def best_span_threshold(scorer: Scorer, reading: Reading, calibration: Calibration) -> float:
    """Return the span score in [0, 0.9] with the best micro F1 of what scores at least as much.

    One threshold for all labels, in steps of 0.05: dev sets are small, and finer ones would fit their chance.
    The smallest among equals is taken.
    """
    candidates = np.round(np.arange(0.0, 0.91, 0.05), 2).tolist()
    f1 = [scorer.score(reading, replace(calibration, span_threshold=value)).micro.f1 for value in candidates]
    return float(candidates[int(np.argmax(f1))])


def best_threshold(probabilities: NDArray[np.float64], gold: NDArray[np.bool_]) -> float:
    """Return the threshold in [0.2, 0.8] with the best F1, the one nearest to 0.5 among equals."""
    candidates = np.round(np.arange(0.2, 0.81, 0.05), 2)

    def f1(threshold: float) -> float:
        chosen = probabilities >= threshold
        return Counts(int((chosen & gold).sum()), int((chosen & ~gold).sum()), int((~chosen & gold).sum())).f1

    return float(max(candidates.tolist(), key=lambda value: (f1(value), -abs(value - 0.5))))
