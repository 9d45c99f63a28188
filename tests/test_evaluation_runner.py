"""The whole evaluation: from documents and predictions to the report."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest

from conflictner.data import Document, Span
from conflictner.inference import evaluation
from conflictner.inference.evaluation import EvaluationError, evaluate_predictions
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.model.labels import DEFAULT_SCHEME, Label, LabelScheme

TEXT = "Gunmen attacked a convoy near Gao with mortars, killing 12 soldiers."
DOCUMENT = Document(
    "gao",
    TEXT,
    (
        Span(0, 6, "ACTOR", "agent"),
        Span(30, 33, "LOCATION"),
        Span(39, 46, "WEAPON"),
        Span(56, 58, "CASUALTY", "killed"),
        Span(59, 67, "ACTOR", "target"),
    ),
    ("battle",),
)


def perfect(document, score=0.9):
    spans = tuple(
        PredictedSpan(s.start, s.end, s.label, s.attribute, score, document.text[s.start : s.end])
        for s in document.spans
    )
    return Prediction(document.text, spans, document.events, {}, 1.0)


def test_a_perfect_prediction_scores_one_everywhere():
    report = evaluate_predictions(
        [DOCUMENT] * 3, [perfect(DOCUMENT)] * 3, DEFAULT_SCHEME, model="m", data="d"
    )
    assert (report.model, report.data, report.documents, report.notes) == ("m", "d", 3, ())
    for table in (report.exact, report.with_attribute, report.events):
        assert (table.micro.counts.f1, table.macro.f1) == (1.0, 1.0)
        assert table.micro.interval == (1.0, 1.0)
    assert {table.micro.f1 for table in report.matches.values()} == {1.0}
    assert {table.macro.f1 for table in report.attribute_matches.values()} == {1.0}
    assert report.attributes["ACTOR"].accuracy == 1.0
    assert report.strict.averages["micro"].f1 == report.default.averages["micro"].f1 == 1.0
    assert report.calibration.overall.error == pytest.approx(0.1)
    assert report.coverage.percent == "100.00 %"


def test_predictions_may_be_lazy_and_are_read_once():
    report = evaluate_predictions([DOCUMENT] * 2, (perfect(DOCUMENT) for _ in range(2)), DEFAULT_SCHEME)
    assert report.exact.micro.counts.tp == 10


def test_gold_that_was_not_read_counts_as_missed_and_the_first_note_says_so():
    half = dataclasses.replace(
        perfect(DOCUMENT), text=TEXT[:38], spans=perfect(DOCUMENT).spans[:2], coverage=1.0
    )
    report = evaluate_predictions([DOCUMENT, DOCUMENT], [perfect(DOCUMENT), half], DEFAULT_SCHEME)
    assert report.exact.micro.counts.fn == 3
    assert (report.coverage.incomplete, report.coverage.outside) == (1, 3)
    assert report.coverage.words_read == report.coverage.words - 6
    assert report.coverage.share < 1
    assert report.notes[0].startswith(
        f"Coverage is {report.coverage.percent}: 1 documents were not read whole"
    )
    assert "count as missed" in report.notes[0]


def test_coverage_is_never_rounded_up_to_all_of_it():
    document = Document("long", "x " * 100_000, (Span(0, 1, "ACTOR"),))
    almost = Prediction(document.text, (), (), {}, 0.99999)
    report = evaluate_predictions([document], [almost], DEFAULT_SCHEME, bootstrap=0)
    assert report.coverage.percent == "99.99 %"


def test_coverage_is_rounded_down_and_no_further():
    document = Document("long", "x " * 100)
    most = Prediction(document.text, (), (), {}, 0.57)
    report = evaluate_predictions([document], [most], DEFAULT_SCHEME, bootstrap=0)
    assert report.coverage.percent == "57.00 %"


def test_data_without_event_types_leave_them_unscored():
    document = dataclasses.replace(DOCUMENT, events=())
    report = evaluate_predictions([document], [perfect(DOCUMENT)], DEFAULT_SCHEME)
    assert report.events is None
    assert "no document of the data has one" in report.notes[-1]


def test_a_model_without_event_types_leaves_them_unscored():
    scheme = LabelScheme(DEFAULT_SCHEME.labels)
    report = evaluate_predictions([DOCUMENT], [perfect(DOCUMENT)], scheme)
    assert report.events is None
    assert "the model has none" in report.notes[-1]


def test_labels_without_support_are_noted():
    scheme = LabelScheme((*DEFAULT_SCHEME.labels, Label("VEHICLE")), DEFAULT_SCHEME.events)
    report = evaluate_predictions([DOCUMENT], [perfect(DOCUMENT)], scheme)
    assert "no span of VEHICLE" in report.notes[0]
    assert report.exact.macro.f1 == 1.0


def test_gold_inside_a_word_and_skipped_lines_are_noted():
    document = Document("a", "antitank", (Span(0, 4, "WEAPON"),), ("battle",))
    report = evaluate_predictions([document], [perfect(document)], DEFAULT_SCHEME, skipped=2)
    assert report.skipped == 2
    notes = " ".join(report.notes)
    assert "2 lines of the data could not be read" in notes
    assert "1 gold spans begin or end inside a word" in notes
    assert report.exact.micro.counts.f1 == 1.0, "our own counts compare characters"


def test_predictions_inside_a_word_are_noted_since_seqeval_counts_them_as_right():
    cut = dataclasses.replace(perfect(DOCUMENT), spans=(PredictedSpan(1, 6, "ACTOR"),))
    report = evaluate_predictions([DOCUMENT], [cut], DEFAULT_SCHEME)
    assert report.strict.labels["ACTOR"].precision == 1.0
    assert report.exact.micro.counts.tp == 0
    assert report.notes[-1].startswith("1 predicted spans begin or end inside a word. For seqeval's reports")


def test_documents_that_do_not_mark_everything_are_noted():
    names = dataclasses.replace(DOCUMENT, meta={"annotated": ["ACTOR", "LOCATION", *DEFAULT_SCHEME.events]})
    report = evaluate_predictions([names, DOCUMENT], [perfect(DOCUMENT)] * 2, DEFAULT_SCHEME)
    assert report.notes == (
        "1 documents do not mark everything (meta.annotated): what is predicted there of WEAPON, CASUALTY "
        "counts as wrong, right or not.",
    )


def test_the_same_input_gives_the_same_report():
    arguments = [DOCUMENT] * 4, [perfect(DOCUMENT)] * 4, DEFAULT_SCHEME
    assert evaluate_predictions(*arguments) == evaluate_predictions(*arguments)


def test_no_documents_and_a_scheme_mismatch_are_errors():
    with pytest.raises(EvaluationError, match=r"news\.jsonl: no documents"):
        evaluate_predictions([], [], DEFAULT_SCHEME, data="news.jsonl")

    def never():
        raise AssertionError("the model must not run before the labels are checked")
        yield

    labels = tuple(label for label in DEFAULT_SCHEME.labels if label.name != "WEAPON")
    with pytest.raises(EvaluationError, match="label WEAPON"):
        evaluate_predictions([DOCUMENT], never(), LabelScheme(labels))


def test_public_names():
    assert evaluation.__all__ == sorted(evaluation.__all__)
    assert all(hasattr(evaluation, name) for name in evaluation.__all__)


def test_the_import_is_light():
    heavy = ("torch", "transformers", "sklearn", "seqeval", "matplotlib")
    code = f"import sys, conflictner.inference.evaluation; print(sorted({{*{heavy}}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
