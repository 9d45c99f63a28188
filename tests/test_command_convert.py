"""``conflictner convert``: what it prints, where, and how it ends."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conflictner.data import Document, Span, read_documents, write_jsonl
from conflictner.data.formats import FORMATS
from conflictner.inference.command_line.commands import app

TEXT = "Rebels  shelled Kabul"
DOCUMENTS = [
    Document("a", TEXT, (Span(0, 6, "ACTOR", "agent"), Span(16, 20, "PLACE", None, 0.5))),
    Document("b", "Calm"),
]
ROOT = Path(__file__).parents[1]


def convert(*arguments: object):
    return CliRunner().invoke(app, ["convert", *map(str, arguments)])


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    write_jsonl(path, DOCUMENTS)
    return path


def test_it_says_what_was_taken_kept_snapped_and_lost(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.conll"
    done = convert(source, target)
    assert done.exit_code == 0
    assert done.stderr == f"{source} is taken for jsonl: canonical JSON Lines\n"
    assert done.stdout.splitlines() == [
        "2 documents written",
        "2 spans kept (ACTOR 1, PLACE 1)",
        "1 span snapped (to the borders of words 1)",
        "0 spans dropped",
        "not held by the format: scores of spans (1)",
        f"{target}: CoNLL columns with IOB2 tags",
    ]
    back = tmp_path / "back.jsonl"
    assert convert(target, back, "--from", "conll").stderr == ""
    assert [document.text for document in read_documents(back)] == [TEXT, "Calm"]


def test_counts_come_as_json(source: Path, tmp_path: Path) -> None:
    done = convert(source, tmp_path / "x", "--to", "prodigy", "--json")
    counts = json.loads(done.stdout)
    assert (counts["from"], counts["to"], counts["documents"]) == ("jsonl", "prodigy", 2)
    assert counts["kept"] == {"ACTOR": 1, "PLACE": 1}


def test_a_bad_record_stops_and_nothing_is_written(source: Path, tmp_path: Path) -> None:
    with source.open("a", encoding="utf-8") as file:
        file.write('{"id": "c"}\n')
    target = tmp_path / "out.spacy"
    done = convert(source, target, "--to", "doccano")
    assert done.exit_code == 2
    error = f"error: {source}:3: the field 'text' is missing; the object has ['id']"
    assert done.stderr.splitlines()[1:] == [error]
    assert not target.exists()
    done = convert(source, target, "--to", "doccano", "--on-error", "skip")
    assert done.exit_code == 0
    assert f"skipped: {source}:3: the field 'text' is missing" in done.stderr
    assert done.stdout.splitlines()[:2] == [
        "2 documents written",
        "1 record skipped, not readable",
    ]


def test_mistakes_end_in_one_line(source: Path, tmp_path: Path) -> None:
    prose = tmp_path / "prose.txt"
    prose.write_text("Nothing but prose.\n")
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    for arguments, message in [
        ((prose, tmp_path / "x.jsonl"), "its format is not recognised; name it with --from: jsonl, "),
        ((source, tmp_path / "x"), "its ending does not tell the format; name it with --to: jsonl, conll"),
        ((source, tmp_path / "x", "--to", "word"), "the format 'word' is not known; accepted are jsonl"),
        ((tmp_path / "no", tmp_path / "x.jsonl"), "there is no such file"),
        ((empty, tmp_path / "x.jsonl", "--from", "jsonl"), "holds no documents"),
        ((source, tmp_path / "no" / "x.jsonl"), "cannot be written, for its folder does not exist"),
    ]:
        done = convert(*arguments)
        assert done.exit_code == 2
        assert message in done.stderr
        assert done.stderr.splitlines()[-1].startswith("error: ")
        assert "Traceback" not in done.stderr
    assert convert(source).exit_code == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty.jsonl", "in.jsonl", "prose.txt"]


def test_a_file_may_be_converted_onto_itself(source: Path) -> None:
    assert convert(source, source, "--to", "doccano").exit_code == 0
    assert '"label": [[0, 6, "ACTOR:agent"], [16, 20, "PLACE"]]' in source.read_text()


def test_formats_are_listed_as_the_documentation_has_them() -> None:
    listed = [line.split()[0] for line in convert("--formats").stdout.splitlines()]
    assert listed == list(FORMATS)
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:`[\w-]+`(?:, )?)+) \|", page, re.MULTILINE)
    assert sorted(name for row in rows for name in re.findall(r"`([\w-]+)`", row)) == sorted(FORMATS)
