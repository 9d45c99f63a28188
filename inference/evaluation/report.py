"""The report: every number of an evaluation, as frozen data with a stable JSON form.

:meth:`Report.to_dict` gives, in plain JSON types (no NaN)::

    version         1; raised when a field changes its meaning or goes
    data            {"name", "documents", "skipped", "gold_spans", "predicted_spans"}
    model           {"name"}
    notes           [sentence, ...]; what a reader must know first, such as a coverage under 100 %
    coverage        {"share", "characters", "read", "incomplete"}
    intervals       {"method", "unit", "level", "draws", "seed"}
    exact           TABLE; start, end and label are right
    boundary        SCORE; start and end are right
    attributes      {label: {"attribute", "accuracy" or null, "correct", "matched", "unannotated"}}
    with_attribute  TABLE; start, end, label and attribute are right
    events          TABLE with event types for labels, or null when they were not scored
    seqeval         {"strict": SEQEVAL, "default": SEQEVAL,
                     "alignment": {"words", "gold_snapped", "gold_lost", "predicted_snapped",
                     "predicted_lost"}}
    calibration     {"overall": RELIABILITY, "labels": {label: RELIABILITY}, "unscored"}
    confusion       {"gold": [label, ..., "spurious"], "predicted": [label, ..., "missed"], "counts":
    [[number]]} borders         {label: {"exact", "too_short", "too_long", "shifted"}}
    errors          {"misses", "false_alarms", "kinds": {kind: {label: number}},
                     "groups": {"label", "length", "training", "position", "source": {group: GROUP}},
                     "patterns": [{"kind", "pattern", "errors"}]}; "training" only with training data

    TABLE           {"labels": {label: SCORE}, "micro": SCORE, "macro": MACRO}
    SCORE           {"precision", "recall", "f1", "interval": [low, high] or null, "support", "predicted",
                     "tp", "fp", "fn"}; the interval is the F1's
    MACRO           {"precision", "recall", "f1", "interval", "labels": [those in the mean]}
    SEQEVAL         {"name", "labels": {label: LINE}, "micro": LINE, "macro": LINE, "weighted": LINE}
    LINE            {"precision", "recall", "f1", "support"}
    GROUP           {"gold", "misses", "miss_rate" or null, "predicted", "false_alarms",
                     "false_alarm_rate" or null, "attributes"}
    RELIABILITY     {"error" or null, "spans", "bins": [{"lower", "upper", "spans", "confidence",
    "accuracy"}]}

So ``report.to_dict()["exact"]["micro"]["f1"]`` is the headline number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .attributes import AttributeScore
from .bootstrap import Bootstrap
from .calibration import Calibration
from .confusion import Confusion
from .coverage import Coverage
from .error_analysis import ErrorAnalysis
from .scores import Score, ScoreTable
from .seqeval_report import Alignment, SeqevalReport

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
        boundary: Start and end, whatever the label.
        attributes: Accuracy of the attributes on matched spans, by label.
        with_attribute: Exact spans with the right attribute.
        events: Event types of documents; ``None`` when not scored.
        strict: seqeval's strict report.
        default: seqeval's default report.
        alignment: How spans became the sequences that seqeval reads.
        calibration: Whether the scores mean what they say.
        confusion: What is taken for what, and how the borders lie.
        errors: Every miss and false alarm, where they are and what they have in common.
    """

    data: str | None
    model: str | None
    documents: int
    skipped: int
    notes: tuple[str, ...]
    coverage: Coverage
    bootstrap: Bootstrap
    exact: ScoreTable
    boundary: Score
    attributes: Mapping[str, AttributeScore]
    with_attribute: ScoreTable
    events: ScoreTable | None
    strict: SeqevalReport
    default: SeqevalReport
    alignment: Alignment
    calibration: Calibration
    confusion: Confusion
    errors: ErrorAnalysis

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that this module's docstring describes."""
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
            "boundary": self.boundary.to_dict(),
            "attributes": {label: score.to_dict() for label, score in self.attributes.items()},
            "with_attribute": self.with_attribute.to_dict(),
            "events": None if self.events is None else self.events.to_dict(),
            "seqeval": {
                "strict": self.strict.to_dict(),
                "default": self.default.to_dict(),
                "alignment": self.alignment.to_dict(),
            },
            "calibration": self.calibration.to_dict(),
            "confusion": self.confusion.to_dict(),
            "borders": self.confusion.borders_to_dict(),
            "errors": self.errors.to_dict(),
        }
