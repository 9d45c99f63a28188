"""``conflictner data attach``: what it writes, and how it ends."""

import pytest
from typer.testing import CliRunner

from conflictner.data import Document, Span, read_jsonl
from conflictner.data.standoff import Place, write_standoff
from conflictner.inference.command_line.commands import app

DOCUMENT = Document("n1", "Rebels took Harim.", (Span(0, 6, "ACTOR", "agent"), Span(12, 17, "LOCATION")))


@pytest.fixture
def annotations(tmp_path):
    (tmp_path / "news.txt").write_text("Rebels took Harim. Talks failed.\n")
    write_standoff(tmp_path / "annotations.jsonl", [(DOCUMENT, Place("news.txt", 1, 1, 0, 18))])
    return tmp_path / "annotations.jsonl"


def test_documents_are_written(annotations, tmp_path):
    output = tmp_path / "out.jsonl"
    result = CliRunner().invoke(app, ["data", "attach", str(annotations), str(tmp_path), "-o", str(output)])
    assert result.exit_code == 0
    assert result.output == f"{output}: 1 document\n"
    assert list(read_jsonl(output)) == [DOCUMENT]


def test_nothing_is_written_when_the_text_is_another(annotations, tmp_path):
    (tmp_path / "news.txt").write_text("Rebels left Harim. Talks failed.\n")
    output = tmp_path / "out.jsonl"
    result = CliRunner().invoke(app, ["data", "attach", str(annotations), str(tmp_path), "-o", str(output)])
    assert result.exit_code == 2
    assert "another text" in result.stderr
    assert not output.exists()


def test_annotations_of_nothing_are_a_mistake(annotations, tmp_path):
    annotations.write_text("\n")
    output = tmp_path / "out.jsonl"
    result = CliRunner().invoke(app, ["data", "attach", str(annotations), str(tmp_path), "-o", str(output)])
    assert (result.exit_code, result.stderr) == (2, f"error: {annotations}: holds no documents\n")
    assert not output.exists()


def test_a_label_outside_the_scheme_is_refused(annotations, tmp_path):
    scheme = tmp_path / "labels.json"
    scheme.write_text('{"labels": ["WEAPON"], "events": []}')
    arguments = ["data", "attach", str(annotations), str(tmp_path), "-o", str(tmp_path / "out.jsonl")]
    result = CliRunner().invoke(app, [*arguments, "--labels", str(scheme)])
    assert result.exit_code == 2
    assert "'ACTOR'" in result.stderr
