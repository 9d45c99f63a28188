"""From gold documents and predictions to the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...data.documents import Document
from ...model.labels import LabelScheme
from .attributes import attribute_scores, attributed_counts
from .bootstrap import Bootstrap
from .calibration import calibration
from .confusion import confusion
from .coverage import Coverage, coverage
from .curves import curves
from .error_analysis import analyse_errors
from .familiarity import TrainingSurfaces
from .pairs import EvaluationError, Pair, check_scheme, pair_up, unmarked_note
from .report import Report
from .scores import Score, ScoreTable, event_counts, exact_counts, score_table
from .semeval import attribute_tables, label_tables
from .seqeval_report import Alignment, seqeval_reports

if TYPE_CHECKING:
    from ..prediction import Prediction

__all__ = ["evaluate_predictions"]


def evaluate_predictions(
    gold: Sequence[Document],
    predictions: Iterable[Prediction],
    scheme: LabelScheme,
    *,
    data: str | None = None,
    model: str | None = None,
    skipped: int = 0,
    bootstrap: int = 1000,
    seed: int = 0,
    thresholds: Mapping[str, float] | None = None,
    training: TrainingSurfaces | None = None,
) -> Report:
    """Compare predictions with gold documents.

    Args:
        gold: The documents, with their spans and event types.
        predictions: One for each document, in order, such as ``tagger.predict_batch(d.text for d in gold)``;
            read once.
        scheme: The label scheme of the predictions.
        data: What to call the gold data in the report.
        model: What to call the model.
        skipped: How many records of the data could not be read; the report says so.
        bootstrap: Number of draws for the 95 % intervals; 0 leaves them out.
        seed: Seed of the draws.
        thresholds: Least score of a span by label, in [0, 1]; the predictions hold every span, and those with
            a lower score count nowhere but in the precision-recall curves. ``None`` counts all spans.
        training: What the model was trained on, to count errors by what it has seen.

    Raises:
        EvaluationError: when there is no document, when labels of the data are not in the scheme, or when
            predictions do not belong to the documents.
    """
    if not gold:
        raise EvaluationError(f"{data or 'the data'}: no documents to evaluate")
    draws = Bootstrap(bootstrap, seed)
    check_scheme(gold, scheme, model)
    pairs = pair_up(gold, predictions, scheme)
    labels = tuple(scheme.table)
    found = curves(pairs, labels)
    if thresholds is not None:
        pairs = tuple(_certain(pair, thresholds) for pair in pairs)
    read = coverage(pairs)
    (strict, default), alignment = seqeval_reports(pairs, labels)
    exact = score_table(exact_counts(pairs, labels), labels, draws)
    events, why_no_events = _events(pairs, scheme, draws)
    unmarked = unmarked_note(gold, [*labels, *(events.labels if events else ())])
    return Report(
        data=data,
        model=model,
        documents=len(pairs),
        skipped=skipped,
        notes=(*_notes(read, unmarked, skipped, exact, alignment), *why_no_events),
        coverage=read,
        bootstrap=draws,
        exact=exact,
        matches=label_tables(pairs, labels, draws),
        attribute_matches=attribute_tables(pairs, scheme, draws),
        attributes=attribute_scores(pairs, scheme),
        with_attribute=score_table(attributed_counts(pairs, labels), labels, draws),
        events=events,
        strict=strict,
        default=default,
        alignment=alignment,
        calibration=calibration(pairs, labels),
        curves=found,
        thresholds=None if thresholds is None else {label: thresholds.get(label, 0.0) for label in labels},
        confusion=confusion(pairs, labels),
        errors=analyse_errors(pairs, scheme, training),
    )


def _certain(pair: Pair, thresholds: Mapping[str, float]) -> Pair:
    """Return the pair without predicted spans under their label's threshold."""
    kept = tuple(
        span for span in pair.predicted if span.score is None or span.score >= thresholds.get(span.label, 0.0)
    )
    return pair if len(kept) == len(pair.predicted) else replace(pair, predicted=kept)


def _events(
    pairs: Sequence[Pair], scheme: LabelScheme, draws: Bootstrap
) -> tuple[ScoreTable[Score] | None, tuple[str, ...]]:
    """Return the scores of the event types, or ``None`` and the reason."""
    if not scheme.events:
        return None, (
            "Event types are not scored: the model has none, or the file of predictions holds none.",
        )
    if not any(pair.document.events for pair in pairs):
        return None, ("Event types are not scored: no document of the data has one.",)
    return score_table(event_counts(pairs, scheme.events), scheme.events, draws), ()


def _notes(
    read: Coverage, unmarked: str, skipped: int, exact: ScoreTable[Score], alignment: Alignment
) -> list[str]:
    """Return what a reader must know before the numbers."""
    notes = list(filter(None, [read.note, unmarked]))
    if skipped:
        notes.append(
            f"{skipped} lines of the data could not be read; they and their documents were skipped and count "
            "nowhere here."
        )
    unsupported = [name for name, score in exact.labels.items() if not score.counts.support]
    if unsupported:
        notes.append(
            f"The data have no span of {', '.join(unsupported)}: predictions of these labels count as wrong "
            "in the micro scores, and in the macro scores as a label of F1 0 when there are any."
        )
    for whose, snapped, lost in (
        ("gold", alignment.gold_snapped, alignment.gold_lost),
        ("predicted", alignment.predicted_snapped, alignment.predicted_lost),
    ):
        if snapped or lost:
            notes.append(
                f"{snapped + lost} {whose} spans begin or end inside a word. For seqeval's reports alone, "
                f"{snapped} were moved to word borders and {lost} left out because their words belong to "
                "another span."
            )
    return notes
