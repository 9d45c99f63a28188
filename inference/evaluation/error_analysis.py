"""What an evaluation says about its errors: the list, where they are, what they have in common."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...model.labels import LabelScheme
from .error_groups import Grouping, group_errors
from .error_patterns import Pattern, frequent_patterns, pattern_of
from .errors import ERROR_KINDS, SpanError, find_errors
from .familiarity import TrainingSurfaces
from .pairs import Pair

__all__ = ["ErrorAnalysis", "analyse_errors"]


@dataclass(frozen=True)
class ErrorAnalysis:
    """All errors of an evaluation.

    Attributes:
        scheme: The label scheme.
        errors: Every error, by kind and label.
        groupings: Spans and errors by label, length, familiarity, position and source.
        patterns: The most frequent patterns.
        training: The surfaces of the training data, if they were given.
    """

    scheme: LabelScheme
    errors: tuple[SpanError, ...]
    groupings: tuple[Grouping, ...]
    patterns: tuple[Pattern, ...]
    training: TrainingSurfaces | None = None

    @property
    def kinds(self) -> dict[str, dict[str, int]]:
        """Number of errors by kind, then by label: the annotated one, or for spurious spans the predicted."""
        counts = Counter((error.kind, error.label) for error in self.errors)
        return {kind: {label: counts[kind, label] for label in self.scheme.table} for kind in ERROR_KINDS}

    @property
    def misses(self) -> int:
        """Gold spans that were not found exactly."""
        return sum(error.is_miss for error in self.errors)

    @property
    def false_alarms(self) -> int:
        """Predicted spans that are not exactly right."""
        return sum(error.is_false_alarm for error in self.errors)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values, without any text of the data."""
        return {
            "misses": self.misses,
            "false_alarms": self.false_alarms,
            "kinds": self.kinds,
            "groups": {grouping.name: grouping.to_dict() for grouping in self.groupings},
            "patterns": [pattern.to_dict() for pattern in self.patterns],
        }

    def json_lines(self) -> Iterator[str]:
        """Yield each error with its sentence as one line of JSON, numbered as on the page."""
        for number, error in enumerate(self.errors, start=1):
            record = {"number": number, **error.to_dict(), "pattern": pattern_of(error)}
            if self.training is not None:
                surface = record["gold"] or record["predicted"]
                record["training"] = {
                    "familiarity": self.training.familiarity(surface["text"], error.label),
                    "spans": self.training.count(surface["text"], error.label),
                }
            yield json.dumps(record, allow_nan=False) + "\n"


def analyse_errors(
    pairs: Sequence[Pair], scheme: LabelScheme, training: TrainingSurfaces | None = None
) -> ErrorAnalysis:
    """Find, count and group all errors.

    Args:
        pairs: The documents with what was predicted for them.
        scheme: The label scheme.
        training: The surfaces of the training data; ``None`` when they are not known.
    """
    labels = tuple(scheme.table)
    errors = find_errors(pairs, labels)
    return ErrorAnalysis(
        scheme,
        errors,
        group_errors(pairs, errors, labels, training),
        frequent_patterns(errors),
        training,
    )
