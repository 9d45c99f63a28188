"""Thresholds: the least score a span of each label must have, and the files that keep them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..data.errors import DataError
from ..data.output import open_output
from ..data.quotes import printable, quote
from .prediction import Prediction

__all__ = ["Thresholds", "keep_certain", "read_thresholds", "write_thresholds"]

_FORMAT = "conflictner thresholds 1"
_FIELDS = ("format", "model", "data", "all", "labels")


@dataclass(frozen=True)
class Thresholds:
    """Least scores, as chosen on some data for the best F1 of exact spans.

    Attributes:
        labels: By label, in [0, 1].
        all: Of every other label, in [0, 1]; ``None`` leaves them to the model.
        model: The model they were chosen for, or ``None``.
        data: The data they were chosen on, or ``None``.
    """

    labels: Mapping[str, float] = field(default_factory=dict)
    all: float | None = None
    model: str | None = None
    data: str | None = None

    def of(self, labels: Mapping[str, Any]) -> dict[str, float]:
        """Return the thresholds for a model with ``labels``, as :meth:`Tagger.predict` takes them."""
        rest = {} if self.all is None else dict.fromkeys(labels, self.all)
        return {**rest, **self.labels}

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "format": _FORMAT,
            "model": self.model,
            "data": self.data,
            "all": self.all,
            "labels": dict(self.labels),
        }

    def to_json(self) -> str:
        """Return what a file of thresholds holds."""
        return json.dumps(self.to_dict(), indent=2) + "\n"


def write_thresholds(path: str | Path, thresholds: Thresholds) -> None:
    """Write a file that :func:`read_thresholds` reads.

    Raises:
        DataError: when the file cannot be written.
    """
    with open_output(path) as file:
        file.write(thresholds.to_json())


def read_thresholds(path: str | Path) -> Thresholds:
    """Read a file of thresholds: a JSON object with the fields of :class:`Thresholds`, some or all of them.

    Raises:
        DataError: when it cannot be read or is something else, naming the value.
    """
    name = printable(str(path))
    try:
        record = json.loads(Path(path).read_bytes())
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror or error})", name) from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"is no file of thresholds, for it is not JSON; {_ACCEPTED}", name) from error
    if not isinstance(record, dict) or record.keys() - set(_FIELDS) or not record.keys() & {"all", "labels"}:
        raise DataError(f"is no file of thresholds, but {quote(record)}; {_ACCEPTED}", name)
    if record.get("format", _FORMAT) != _FORMAT:
        raise DataError(f"has the format {quote(record['format'])}; this release reads {_FORMAT!r}", name)
    labels = record.get("labels") or {}
    if not isinstance(labels, dict):
        raise DataError(f"'labels' must be an object with a score for each label, got {quote(labels)}", name)
    return Thresholds(
        {label: _score(value, f"labels.{printable(label)}", name) for label, value in labels.items()},
        None if record.get("all") is None else _score(record["all"], "all", name),
        *(_text(record.get(key), key, name) for key in ("model", "data")),
    )


_ACCEPTED = (
    'accepted is an object such as {"labels": {"ACTOR": 0.5}, "all": 0.4}, as '
    "conflictner evaluate DATA --write-thresholds FILE writes it"
)


def keep_certain(prediction: Prediction, least: Mapping[str, float]) -> Prediction:
    """Return the prediction without spans whose score is lower than their label's threshold.

    Args:
        prediction: What a tagger found.
        least: Threshold by label, in [0, 1]; a label without one keeps all its spans.
    """
    spans = tuple(
        span for span in prediction.spans if span.score is None or span.score >= least.get(span.label, 0.0)
    )
    return prediction if len(spans) == len(prediction.spans) else replace(prediction, spans=spans)


def _score(value: Any, where: str, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise DataError(f"{where!r} must be a score from 0 to 1, got {quote(value)}", name)
    return float(value)


def _text(value: Any, where: str, name: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise DataError(f"{where!r} must be a string or null, got {quote(value)}", name)
    return value
