"""The report: every number of an evaluation, as frozen data with a stable JSON form.

``report.to_dict()["exact"]["micro"]["f1"]`` is the headline number. What each field of the JSON form means
says its schema, ``report.schema.json`` beside this module (see :func:`~.schema.report_schema`);
docs/evaluation.md says how everything is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .attributes import AttributeScore
from .bootstrap import Bootstrap
from .calibration import Calibration
from .confusion import Confusion
from .coverage import Coverage
from .curves import Curves
from .error_analysis import ErrorAnalysis
from .match_scores import MatchScore
from .scores import Score, ScoreTable
from .seqeval_report import Alignment, SeqevalReport

if TYPE_CHECKING:
    from .robustness import SliceScore  # brings the changed variants

__all__ = ["VERSION", "Report"]

#: Version of the JSON form.
VERSION = 1


@dataclass(frozen=True)
class Report:
    """Everything an evaluation found out.

    Attributes:
        data: Name of the gold data, or ``None``.
        model: Name of the model, or ``None``.
        documents: Number of documents.
        skipped: Number of records of the data that could not be read and were skipped.
        notes: Sentences that a reader must know first.
        coverage: How much of the text the model read.
        bootstrap: How the intervals were made.
        exact: Exact spans: start, end and label.
        matches: Spans by the four measures of :mod:`~.semeval`, by label.
        attribute_matches: The same by label and attribute value.
        attributes: Accuracy of the attributes on matched spans, by label.
        with_attribute: Exact spans with the right attribute.
        events: Event types of documents; ``None`` when not scored.
        strict: seqeval's strict report.
        default: seqeval's default report.
        alignment: How spans became the sequences that seqeval reads.
        calibration: Whether the scores mean what they say.
        curves: Precision and recall by threshold.
        thresholds: Least score of the spans that count, by label; ``None`` when not known.
        confusion: What is taken for what, and how the borders lie.
        errors: Every miss and false alarm, where they are and what they have in common.
        slices: Scores on changed variants of the documents; ``None`` when not asked for.
    """

    data: str | None
    model: str | None
    documents: int
    skipped: int
    notes: tuple[str, ...]
    coverage: Coverage
    bootstrap: Bootstrap
    exact: ScoreTable[Score]
    matches: Mapping[str, ScoreTable[MatchScore]]
    attribute_matches: Mapping[str, ScoreTable[MatchScore]]
    attributes: Mapping[str, AttributeScore]
    with_attribute: ScoreTable[Score]
    events: ScoreTable[Score] | None
    strict: SeqevalReport
    default: SeqevalReport
    alignment: Alignment
    calibration: Calibration
    curves: Curves
    thresholds: Mapping[str, float] | None
    confusion: Confusion
    errors: ErrorAnalysis
    slices: tuple[SliceScore, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form, in plain JSON types; see :func:`~.schema.report_schema`."""
        micro = self.exact.micro.counts
        return {
            "version": VERSION,
            "data": {
                "name": self.data,
                "documents": self.documents,
                "skipped": self.skipped,
                "gold_spans": micro.support,
                "predicted_spans": micro.tp + micro.fp,
            },
            "model": {"name": self.model},
            "notes": list(self.notes),
            "coverage": self.coverage.to_dict(),
            "intervals": {
                "method": "percentile bootstrap",
                "unit": "document",
                "level": self.bootstrap.level,
                "draws": self.bootstrap.draws,
                "seed": self.bootstrap.seed,
            },
            "exact": self.exact.to_dict(),
            "semeval": {
                "labels": {measure: table.to_dict() for measure, table in self.matches.items()},
                "attributes": {measure: table.to_dict() for measure, table in self.attribute_matches.items()},
            },
            "attributes": {label: score.to_dict() for label, score in self.attributes.items()},
            "with_attribute": self.with_attribute.to_dict(),
            "events": None if self.events is None else self.events.to_dict(),
            "seqeval": {
                "strict": self.strict.to_dict(),
                "default": self.default.to_dict(),
                "alignment": self.alignment.to_dict(),
            },
            "calibration": self.calibration.to_dict(),
            "thresholds": None if self.thresholds is None else dict(self.thresholds),
            "curves": self.curves.to_dict(),
            "slices": None if self.slices is None else [item.to_dict() for item in self.slices],
            "confusion": self.confusion.to_dict(),
            "borders": self.confusion.borders_to_dict(),
            "errors": self.errors.to_dict(),
        }
