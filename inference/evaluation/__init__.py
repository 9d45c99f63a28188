"""The evaluation harness: gold documents and predictions in, a report that says how it counts out."""

from .pairs import EvaluationError, check_scheme
from .report import Report
from .runner import evaluate_predictions
from .schema import report_schema
from .writer import write_report

__all__ = [
    "EvaluationError",
    "Report",
    "check_scheme",
    "evaluate_predictions",
    "report_schema",
    "write_report",
]
