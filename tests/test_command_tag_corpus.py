"""``conflictner tag-corpus``: what it prints, how it ends, and that its options arrive."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conflictner.inference.bulk import Summary
from conflictner.inference.command_line.commands import app
from conflictner.inference.thresholds import Thresholds

TEXT = "Rebels shelled Homs, killing three."
COMMAND = "from conflictner.inference.command_line import main; main()"


@pytest.fixture
def tag(tiny_checkpoint, tmp_path, monkeypatch):
    """Runs the command with the small model in an empty folder and checks how it ends."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, stdin=b"", code=0):
        command = ["tag-corpus", *map(str, arguments), "--model", str(tiny_checkpoint), "--threads", "1"]
        done = CliRunner().invoke(app, command, input=stdin)
        assert done.exit_code == code, done.output
        if done.exception is not None:
            assert isinstance(done.exception, SystemExit), repr(done.exception)
        return done

    return run


def lines(*records) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def written(folder="out") -> list[dict]:
    paths = sorted(Path(folder).glob("part-*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]


def test_the_summary_counts_what_the_folder_holds(tag):
    Path("in.jsonl").write_text(lines({"text": TEXT}, {"text": None}, {"text": TEXT}))
    done = tag("in.jsonl", "out", "--on-error", "skip", "--format", "jsonl", "--shard-documents", "2")
    counts = dict.fromkeys(("ACTOR", "WEAPON", "LOCATION", "CASUALTY"), 0)
    for row in written():
        for span in row["spans"]:
            counts[span["label"]] += 1
    assert sum(counts.values()) > 0
    width = max(len(str(count)) for count in counts.values())
    assert done.stdout.splitlines() == [
        "out: 2 documents in 2 shards",
        *(f"  {label:10} {count:{width}} spans" for label, count in counts.items()),
        f"  rejected   {1:{width}}, see out/_rejects.jsonl",
        "  coverage   100 %, 0 not read in full",
    ]
    assert done.stderr == ""


def test_the_same_command_again_goes_on(tag):
    Path("in.jsonl").write_text(lines({"text": TEXT}) + "{")
    done = tag("in.jsonl", "out", code=2)
    assert done.stderr.startswith("error: in.jsonl:2: not JSON")
    assert done.stderr.endswith(
        "; 1 document is done and kept; mend it, or add --on-error skip, and type the same command again "
        "to go on\n"
    )
    Path("in.jsonl").write_text(lines({"text": TEXT}, {"text": TEXT}))
    done = tag("in.jsonl", "out")
    assert done.stderr == "note: 1 document is done; going on behind them\n"
    assert done.stdout.startswith("out: 2 documents in 2 shards\n")


def test_options_arrive(tag):
    Path("in.dat").write_text("body,id\n" + f'"{TEXT}",1\n')
    options = ["--input-format", "csv", "--text-column", "body", "--format", "jsonl", "--batch-tokens", "16"]
    tag("in.dat", "all", *options, "-t", "0")
    tag("in.dat", "none", *options, "-t", "1")
    (everything,), (nothing,) = written("all"), written("none")
    label = everything["spans"][0]["label"]
    Path("thresholds.json").write_text(Thresholds({label: 0.0}, 1.0).to_json())
    tag("in.dat", "file", *options, "--threshold-file", "thresholds.json")
    tag("in.dat", "some", *options, "-t", "1", "-t", f"{label}=0")
    assert written("file") == written("some")
    (some,) = written("some")
    assert nothing["spans"] == []
    assert some["spans"] == [span for span in everything["spans"] if span["label"] == label]
    assert everything["body"] == TEXT
    assert everything["id"] == "1"


def test_the_standard_input_is_read_as_jsonl(tag):
    done = tag("-", "out", "--format", "jsonl", stdin=lines({"text": TEXT, "day": 3}).encode())
    assert written()[0]["day"] == 3
    assert done.stdout.startswith("out: 1 document in 1 shard\n")


def test_files_that_are_left_out_are_noted(tag):
    Path("texts").mkdir()
    Path("texts/a.txt").write_text(TEXT)
    Path("texts/b.pdf").write_text("%PDF")
    assert "note: 1 other files are left out: b.pdf\n" in tag("texts", "out").stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere", "out"], "nowhere: cannot be read"),
        (
            ["in.csv", "out"],
            "there is no column 'text'; the columns are 'id', 'body'; name the one with the text",
        ),
        (["in.csv", "out", "--address", "auto"], "--address is for --engine ray"),
        (["in.csv", "out", "--engine", "ray", "--on-error", "skip"], "--engine ray rejects nothing"),
        (["in.csv", "out", "--engine", "ray", "-f", "jsonl"], "--engine ray reads and writes Parquet alone"),
        (["in.csv", "out", "-t", "PLANET=1"], "no label 'PLANET'"),
        (["in.csv", "out", "-t", "2"], "'2' is neither a score"),
        (["in.csv", "out", "--shard-documents", "0"], "--shard-documents"),
        (["in.csv"], "Missing argument 'OUT'"),
    ],
)
def test_mistakes_are_told_in_a_line(tag, arguments, message):
    Path("in.csv").write_text("id,body\n1,x\n")
    done = tag(*arguments, code=2)
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.output


def test_an_interruption_ends_quietly_and_keeps_what_is_done(tag, monkeypatch):
    from conflictner.inference.bulk.manifest import Manifest

    Path("in.jsonl").write_text(lines(*({"text": TEXT} for _ in range(6))))
    add = Manifest.add

    def interrupted(self, *values):
        if len(self.shards) == 2:
            raise KeyboardInterrupt
        add(self, *values)

    monkeypatch.setattr(Manifest, "add", interrupted)
    done = tag("in.jsonl", "out", "--shard-documents", "2", "--format", "jsonl", code=130)
    assert done.stderr.endswith(
        "interrupted; 4 documents are done and kept; type the same command again to go on\n"
    )
    assert len(written()) == 4


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals")
def test_the_bar_shows_documents_their_rate_and_the_time_left(tiny_checkpoint, tmp_path):
    import pty

    data = tmp_path / "in.jsonl"
    data.write_text(lines(*({"text": TEXT} for _ in range(50))))
    controller, terminal = pty.openpty()
    command = [sys.executable, "-c", COMMAND, "tag-corpus", str(data), str(tmp_path / "out")]
    command += ["--model", str(tiny_checkpoint), "--format", "jsonl"]
    environment = {**os.environ, "COLUMNS": "120"}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=terminal, check=True, env=environment)
    os.close(terminal)
    shown = os.read(controller, 1 << 16).decode()
    os.close(controller)
    assert b"50 documents in 1 shard" in done.stdout
    assert "50 documents, " in shown
    assert "/s" in shown
    assert "100 %" in shown


def test_on_a_cluster_the_settings_arrive(tag, monkeypatch):
    asked = {}

    def tag_on_ray(source, output, **settings):
        asked.update(settings, source=source, output=output)
        return Summary(output, 3, 0, None, 1, {"ACTOR": 5}, 1.0, 0, 3)

    monkeypatch.setattr("conflictner.inference.bulk.cluster.tag_on_ray", tag_on_ray)
    done = tag(
        "in.parquet", "out", "--engine", "ray", "--address", "auto", "--text-column", "body", "-t", "0.5"
    )
    assert asked["source"] == Path("in.parquet")
    assert asked["address"] == "auto"
    assert asked["text_column"] == "body"
    assert asked["thresholds"]["ACTOR"] == 0.5
    assert done.stdout.startswith("out: 3 documents in 1 shard\n  ACTOR")
