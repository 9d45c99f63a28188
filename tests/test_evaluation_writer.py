"""The report's files: tables, Markdown, pictures, and how they are put in place."""

from __future__ import annotations

import json
import struct
import sys

import pytest

from conflictner.data import Document, Span
from conflictner.inference.evaluation import EvaluationError, evaluate_predictions, write_report
from conflictner.inference.evaluation.markdown import markdown
from conflictner.inference.evaluation.tables import Table, plain_text, report_tables, summary
from conflictner.inference.evaluation.writer import NO_PICTURES, prepare_folder
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.model.labels import DEFAULT_SCHEME, Label, LabelScheme

PICTURES = ["confusion.png", "calibration.png", "curves.png"]
FILES = ["report.json", "report.md", "report.html", "errors.jsonl", *PICTURES]
TEXT = "The army shelled Idlib."


def some_report(label="LOCATION", scheme=DEFAULT_SCHEME, spans=True, coverage=1.0, model="small"):
    gold = Document("a", TEXT, (Span(17, 22, label),), scheme.events[:1])
    found = (PredictedSpan(17, 22, label, None, 0.8, "Idlib"),) if spans else ()
    prediction = Prediction(TEXT, found, scheme.events[:2], {}, coverage)
    return evaluate_predictions([gold] * 2, [prediction] * 2, scheme, data="a|b_c.jsonl", model=model)


def names_in(folder):
    return [path.name for path in folder.iterdir()]


@pytest.fixture
def no_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)


def test_files(tmp_path):
    pytest.importorskip("matplotlib")
    report = some_report()
    written = write_report(report, tmp_path / "new" / "folder")
    assert [path.name for path in written.files] == FILES
    assert written.notice == ""
    assert sorted(names_in(tmp_path / "new" / "folder")) == sorted(FILES), "nothing temporary stays"
    assert json.loads(written.files[0].read_text()) == report.to_dict()
    assert written.files[1].read_text(encoding="utf-8").startswith("# Evaluation of small\n")
    for path in written.files[4:]:
        head = path.read_bytes()[:24]
        assert head.startswith(b"\x89PNG\r\n\x1a\n")
        width, height = struct.unpack(">II", head[16:])
        assert width > 600
        assert height > 400
        assert f"]({path.name})" in written.files[1].read_text(encoding="utf-8")


def test_pictures_leave_matplotlib_as_it_was():
    matplotlib = pytest.importorskip("matplotlib")
    from conflictner.inference.evaluation.pictures import (
        calibration_picture,
        confusion_picture,
        curve_picture,
    )

    before = (
        dict(matplotlib.rcParams),
        matplotlib.get_backend(auto_select=False),
        "matplotlib.pyplot" in sys.modules,
    )
    confusion_picture(some_report())
    calibration_picture(some_report())
    curve_picture(some_report())
    assert before == (
        dict(matplotlib.rcParams),
        matplotlib.get_backend(auto_select=False),
        "matplotlib.pyplot" in sys.modules,
    )


def test_pictures_show_the_counts():
    pytest.importorskip("matplotlib")
    from conflictner.inference.evaluation.pictures import calibration_picture, confusion_picture

    axes = confusion_picture(some_report()).axes[0]
    texts = [text.get_text() for text in axes.texts]
    assert texts.count("2\n100 %") == 1
    assert len(texts) == 24, "five by five without the corner"
    assert [label.get_text() for label in axes.get_xticklabels()][-1] == "missed"
    titles = [axes.get_title() for axes in calibration_picture(some_report()).axes]
    assert titles == ["all labels: ECE 0.200, 2 spans", "LOCATION: ECE 0.200, 2 spans"]


def test_curves_are_drawn_where_there_is_one():
    pytest.importorskip("matplotlib")
    from conflictner.inference.evaluation.pictures import curve_picture

    axes = curve_picture(some_report()).axes[0]
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == ["all labels: F1 1.000 at 0.00", "LOCATION: F1 1.000 at 0.00"]
    assert curve_picture(some_report(spans=False)).axes[0].get_legend() is None


def test_odd_labels_and_many_of_them(tmp_path):
    pytest.importorskip("matplotlib")
    names = ["$x_1", "$y^", "地点", "é|<b>", *(f"L{index}" for index in range(12))]
    written = write_report(some_report("$x_1", LabelScheme(tuple(map(Label, names)), ("x", "y"))), tmp_path)
    assert len(written.files) == len(FILES)
    shown = written.files[1].read_text(encoding="utf-8")
    assert "地点" in shown
    assert "é|<b>" not in shown  # escaped: a label is never markup


def test_nothing_predicted(tmp_path):
    pytest.importorskip("matplotlib")
    assert len(write_report(some_report(spans=False), tmp_path).files) == len(FILES)


def test_without_matplotlib_the_rest_is_written(tmp_path, no_matplotlib):
    (tmp_path / "confusion.png").write_bytes(b"of an earlier report")
    written = write_report(some_report(), tmp_path)
    assert [path.name for path in written.files] == FILES[:4]
    assert written.notice == NO_PICTURES
    assert "pip install 'conflictner[train]'" in written.notice
    assert "\n" not in written.notice
    assert sorted(names_in(tmp_path)) == sorted(FILES[:4])
    assert ".png" not in written.files[1].read_text(encoding="utf-8")


def test_a_failed_write_keeps_the_old_report(tmp_path, no_matplotlib, monkeypatch):
    (tmp_path / "report.json").write_text("old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(EvaluationError, match=r"No space left on device"):
        write_report(some_report(), tmp_path)
    assert (tmp_path / "report.json").read_text() == "old"
    assert names_in(tmp_path) == ["report.json"]


def test_a_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EvaluationError, match=r"file: cannot write the report there"):
        prepare_folder(tmp_path / "file")
    with pytest.raises(EvaluationError, match=r"cannot write the report there"):
        write_report(some_report(), tmp_path / "file" / "below")


def test_low_coverage_stands_at_the_top():
    report = some_report(coverage=0.5)
    page = markdown(report)
    assert page.split("\n\n")[1].startswith("> **Note.** Coverage is 50.00 %")
    assert "coverage: 50.00 % of 40 characters, 4 of 10 words" in summary(report)
    assert "> **Note.** Coverage" not in markdown(some_report())


def test_markdown_tables_are_well_formed():
    lines = markdown(some_report(model="m|x")).splitlines()
    assert lines[0] == r"# Evaluation of m\|x"
    assert any(r"data: a\|b\_c.jsonl, 2 documents, 2 annotated spans, 2 predicted" in line for line in lines)
    for index, line in enumerate(lines):
        if line.startswith("| --- |"):
            width = line.count("|")
            end = index
            while end < len(lines) and lines[end].startswith("|"):
                assert lines[end].replace(r"\|", "").count("|") == width
                end += 1
            assert end > index + 1


def test_tables_hold_what_was_promised():
    tables = {table.title: table for table in report_tables(some_report())}
    assert list(tables) == [
        "Exact spans",
        "F1 by what must be right",
        "SemEval-2013 task 9 outcomes, all labels",
        "Attributes of matched spans",
        "Exact spans by attribute",
        "Exact spans with attribute",
        "Event types",
        'seqeval strict (mode="strict", scheme=IOB2)',
        "seqeval default",
        "Calibration of span scores",
        "Thresholds",
        "Confusion between labels",
        "Borders of matched spans",
    ]
    exact = tables["Exact spans"]
    assert ("LOCATION", "1.000", "1.000", "1.000", "1.000 to 1.000", "2", "2") in exact.rows
    assert [row[0] for row in exact.rows][-2:] == ["micro", "macro"]
    assert all(len(row) == len(table.columns) for table in tables.values() for row in table.rows)


def test_plain_text_is_aligned():
    table = Table("Title", ("name", "number"), (("a", "1"), ("longer", "100")), "Note.")
    assert plain_text(table) == "Title\nname    number\na            1\nlonger     100\nNote."
