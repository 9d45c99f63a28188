"""Calibration: what was fitted on the dev documents after training, as ``calibration.json`` holds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

from ..data.quotes import quote
from .decoding import SpanConfidence
from .integrity import COPY, CheckpointError

__all__ = ["Calibration"]


@dataclass(frozen=True)
class Calibration:
    """Temperature, thresholds and scores.

    Attributes:
        temperature: Divisor of the tag logits, > 0 (Guo et al. 2017, "On calibration of modern neural
            networks").
        event_thresholds: For each event type the probability from which it is predicted, in [0, 1].
        span_threshold: Score from which a span is predicted, in [0, 1]; 0 keeps every span.
        confidence: Gives the spans' scores; ``None`` for the mean probability of their tags.
    """

    temperature: float = 1.0
    event_thresholds: Mapping[str, float] = field(default_factory=dict)
    span_threshold: float = 0.0
    confidence: SpanConfidence | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the content of ``calibration.json``."""
        return {
            "temperature": self.temperature,
            "span_threshold": self.span_threshold,
            "event_thresholds": dict(self.event_thresholds),
            "confidence": None if self.confidence is None else vars(self.confidence),
        }

    @classmethod
    def of(cls, record: Mapping[str, Any], events: Iterable[str], folder: Path) -> Calibration:
        """Check the content of ``calibration.json``.

        Args:
            record: The content.
            events: The scheme's event types; one without a threshold is predicted from 0.5 on.
            folder: The checkpoint folder, for messages.

        Raises:
            CheckpointError: naming what cannot be.
        """
        temperature = record.get("temperature")
        if not _is_number(temperature) or not 1e-3 <= temperature <= 1e3:
            raise _error(folder, f"temperature {quote(temperature)}; accepted are 0.001 to 1000")
        span_threshold = record.get("span_threshold", 0.0)
        if not _is_share(span_threshold):
            raise _error(folder, f"span_threshold {quote(span_threshold)}; accepted are 0 to 1")
        thresholds = _thresholds(record, folder)
        of_events = {name: float(thresholds.get(name, 0.5)) for name in events}
        return cls(float(temperature), of_events, float(span_threshold), _confidence(record, folder))


def _thresholds(record: Mapping[str, Any], folder: Path) -> Mapping[str, float]:
    thresholds = record.get("event_thresholds") or {}
    if not isinstance(thresholds, Mapping):
        raise _error(folder, f"event_thresholds {quote(thresholds)}, expected an object")
    for name, value in thresholds.items():
        if not _is_share(value):
            raise _error(folder, f"threshold {quote(value)} for {quote(name)}; accepted are 0 to 1")
    return thresholds


def _confidence(record: Mapping[str, Any], folder: Path) -> SpanConfidence | None:
    weights = record.get("confidence")
    if weights is None:
        return None
    names = SpanConfidence.__dataclass_fields__
    if not isinstance(weights, Mapping) or weights.keys() != names.keys():
        raise _error(folder, f"confidence {quote(weights)}, expected {', '.join(names)}")
    for name, value in weights.items():
        if not _is_number(value) or not abs(value) <= 1e3:
            raise _error(folder, f"confidence.{name} {quote(value)}; accepted are -1000 to 1000")
    return SpanConfidence(**{name: float(value) for name, value in weights.items()})


def _error(folder: Path, what: str) -> CheckpointError:
    return CheckpointError(f"{folder}: calibration.json has {what}; {COPY}")


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_share(value: Any) -> TypeGuard[float]:
    return _is_number(value) and 0 <= value <= 1
