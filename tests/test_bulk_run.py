"""Bulk runs: each document exactly once, whatever happens, and output folders that belong to one run."""

import fcntl
import io
import json
import subprocess
import sys
from pathlib import Path

import pandas
import pyarrow
import pyarrow.parquet
import pytest

from conflictner.data import DataError
from conflictner.inference import Tagger
from conflictner.inference.bulk import BulkError, StoppedError, tag_corpus
from conflictner.inference.bulk.groups import gather
from conflictner.inference.bulk.records import Record
from conflictner.inference.engines import EngineError
from conflictner.inference.tagger import ThresholdError


def texts(count: int, start: int = 0) -> list[str]:
    return [
        f"Rebels shelled Homs on day {number}, killing {number % 9}."
        for number in range(start, start + count)
    ]


def lines(*values: str) -> str:
    return "".join(json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate(values))


@pytest.fixture
def corpus(tmp_path, monkeypatch) -> Path:
    """Twenty-five documents as JSONL, in the folder where the test works."""
    monkeypatch.chdir(tmp_path)
    path = Path("in.jsonl")
    path.write_text(lines(*texts(25)))
    return path


@pytest.fixture
def tag(tiny_checkpoint):
    """Tags with the small model, in shards of ten."""

    def tag(source="in.jsonl", output="out", **settings):
        settings = {"model": tiny_checkpoint, "threads": 1, "shard_documents": 10, **settings}
        return tag_corpus(source, output, **settings)

    return tag


def rows(folder="out") -> list[dict]:
    """The rows of all shards, in order."""
    found = []
    for path in sorted(Path(folder).glob("part-*")):
        if path.suffix == ".parquet":
            found += pyarrow.parquet.read_table(path).to_pylist()
        else:
            found += map(json.loads, path.read_text("utf-8").splitlines())
    return found


def rejects(folder="out") -> list[dict]:
    return [json.loads(line) for line in (Path(folder) / "_rejects.jsonl").read_text("utf-8").splitlines()]


def content(folder="out") -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_what_is_written_is_what_the_tagger_says(corpus, tag, tiny_checkpoint, form):
    summary = tag(output_form=form)
    found = rows()
    tagger = Tagger.load(tiny_checkpoint)
    predictions = list(tagger.predict_batch(texts(25)))
    assert [row["id"] for row in found] == list(range(25))
    for row, prediction in zip(found, predictions, strict=True):
        expected = prediction.to_dict()
        assert row["text"] == expected["text"]
        assert [{"attribute": None, **span} for span in expected["spans"]] == row["spans"]
        assert row["events"] == expected["events"]
        assert row["event_scores"] == expected["event_scores"]
        assert row["coverage"] == expected["coverage"]
    counts = {
        label: sum(len(prediction.spans_of(label)) for prediction in predictions)
        for label in tagger.scheme.table
    }
    assert summary.to_dict() == {
        "folder": "out",
        "documents": 25,
        "rejected": 0,
        "rejects": None,
        "shards": 3,
        "spans": counts,
        "coverage": 1.0,
        "partial": 0,
        "tagged_now": 25,
    }
    assert sum(counts.values()) > 25


def test_thresholds_leave_spans_out_and_what_is_wrong_with_them_is_told_at_once(corpus, tag):
    assert sum(tag(thresholds=1.0).spans.values()) == 0
    with pytest.raises(ThresholdError, match="no label 'PLANET'"):
        tag(output="other", thresholds={"PLANET": 0.5})
    assert not Path("other").exists()


def test_a_finished_run_has_nothing_left_to_do(corpus, tag):
    first = tag()
    before = content()
    second = tag()
    assert content() == before
    assert (second.documents, second.tagged_now) == (25, 0)
    assert second.spans == first.spans


def test_input_that_has_grown_at_its_end_is_tagged_to_its_end(corpus, tag):
    tag()
    corpus.write_text(lines(*texts(40)))
    assert tag(shard_documents=7).tagged_now == 15
    assert [row["id"] for row in rows()] == list(range(40))


def test_input_that_has_changed_is_refused_with_the_place(corpus, tag):
    tag()
    before = content()
    for changed in ([*texts(12), "new", *texts(12, 13)], texts(19), texts(9) + texts(15, 10)):
        corpus.write_text(lines(*changed))
        with pytest.raises(
            BulkError, match=r"out belongs to another run: of the input's records \d+ to \d+ some"
        ):
            tag()
    assert content() == before


def test_folder_of_another_run_is_refused_with_the_difference(corpus, tag, tmp_path, make_checkpoint):
    tag()
    before = content()
    Path("other.jsonl").write_text(corpus.read_text())
    with pytest.raises(
        BulkError, match=r"input was \S+/in\.jsonl, is now \S+/other\.jsonl; give another folder"
    ):
        tag("other.jsonl")
    with pytest.raises(BulkError, match="text column was text, is now id"):
        tag(text_column="id")
    with pytest.raises(BulkError, match="output form was parquet, is now jsonl"):
        tag(output_form="jsonl")
    with pytest.raises(BulkError, match=r"thresholds was nothing, is now 0\.5"):
        tag(thresholds=0.5)
    other = make_checkpoint(tmp_path / "longer", max_length=72)
    with pytest.raises(
        BulkError, match=r"model was tiny, is now longer; model sha256 was \w{64}, is now \w{64}"
    ):
        tag(model=other)
    assert content() == before


def test_folder_with_other_files_is_refused_and_left_alone(corpus, tag):
    Path("out").mkdir()
    Path("out/thesis.doc").write_text("mine")
    with pytest.raises(BulkError, match=r"out is not empty and no output of a run, it holds thesis\.doc"):
        tag()
    assert content() == {"thesis.doc": b"mine"}
    with pytest.raises(BulkError, match="is a file; the output is a folder"):
        tag(output="in.jsonl")


def test_output_within_the_input_is_refused(tmp_path, monkeypatch, tag):
    monkeypatch.chdir(tmp_path)
    Path("texts").mkdir()
    Path("texts/a.txt").write_text("Rebels")
    for output in ("texts", "texts/out"):
        with pytest.raises(BulkError, match="is within the input texts"):
            tag("texts", output)


def test_folder_that_another_process_writes_to_is_refused(corpus, tag):
    tag()
    with Path("out/_manifest.jsonl").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(BulkError, match="another process is writing to out"):
            tag()


def test_a_run_that_did_nothing_does_not_claim_its_folder(corpus, tag):
    with pytest.raises(
        StoppedError, match=r"in\.jsonl:1: the field 'body' is missing.*nothing was tagged yet"
    ):
        tag(text_column="body")
    assert tag().documents == 25


def test_shards_that_are_gone_or_changed_are_named(corpus, tag):
    tag()
    shard = Path("out/part-00001.parquet")
    whole = shard.read_bytes()
    shard.write_bytes(whole[:-1])
    with pytest.raises(BulkError, match=r"part-00001\.parquet has \d+ bytes, and had \d+ when it was done"):
        tag()
    shard.unlink()
    with pytest.raises(BulkError, match=r"part-00001\.parquet, which was done, cannot be found"):
        tag()
    shard.write_bytes(whole)
    assert tag().tagged_now == 0


def shard(**changes) -> bytes:
    counts = dict.fromkeys(("bytes", "documents", "rejected", "rejects_bytes", "partial"), 0)
    record = {"file": None, "digest": "", "spans": {}, "coverage": 0.0, **counts, **changes}
    return json.dumps({"shard": record}).encode() + b"\n"


@pytest.mark.parametrize(
    "line",
    [
        *(b"{}\n", b"not JSON\n", b'{"shard": {}}\n', b'{"shard": 3}\n', b"[]\n"),
        *(shard(file=7), shard(file="../part-00000.jsonl"), shard(file="part-00000.\ud800")),
        *(shard(documents={}), shard(rejects_bytes=1.5), shard(partial=-1)),
    ],
)
def test_damaged_manifest_is_told(corpus, tag, line):
    tag()
    with Path("out/_manifest.jsonl").open("ab") as file:
        file.write(line)
    with pytest.raises(BulkError, match=r"out/_manifest\.jsonl is damaged .*; give another folder"):
        tag()


@pytest.mark.parametrize("cut", [1, 40, 250])
def test_manifest_whose_last_line_was_cut_off_counts_without_it(corpus, tag, cut):
    tag()
    before = rows()
    manifest = Path("out/_manifest.jsonl")
    manifest.write_bytes(manifest.read_bytes()[:-cut])
    summary = tag()
    assert summary.documents == 25
    assert summary.tagged_now == 5
    assert rows() == before


def test_what_an_interruption_left_is_cleared_away(corpus, tag):
    tag()
    before = content()
    for name in (
        "part-00003.parquet",
        ".part-00003.parquet.tmp",
        ".part-00001.parquet.tmp",
        "_rejects.jsonl",
    ):
        Path("out", name).write_text("left over")
    tag()
    assert content() == before


def test_a_bad_record_stops_the_run_and_what_came_before_is_kept(corpus, tag):
    good = corpus.read_text().splitlines(keepends=True)
    corpus.write_text("".join(good[:13]) + "{\n" + "".join(good[13:]))
    with pytest.raises(
        StoppedError,
        match=r"in\.jsonl:14: not JSON.*; 13 documents are done and kept; mend it, or add --on-error skip, "
        "and type the same command again to go on",
    ) as caught:
        tag()
    assert isinstance(caught.value.__cause__, DataError)
    assert [row["id"] for row in rows()] == list(range(13))
    summary = tag(skip=True)
    assert (summary.documents, summary.rejected, summary.tagged_now) == (25, 1, 12)
    assert [row["id"] for row in rows()] == list(range(25))
    assert [(reject["source"], reject["line"]) for reject in rejects()] == [("in.jsonl", 14)]


def test_rejects_are_noted_once_each_with_their_reasons(corpus, tag):
    records = [{"text": text} if number % 3 else {"text": None} for number, text in enumerate(texts(40))]
    corpus.write_text("".join(json.dumps(record) + "\n" for record in records))
    summary = tag(skip=True)
    assert (summary.documents, summary.rejected) == (26, 14)
    assert summary.rejects == Path("out/_rejects.jsonl")
    expected = [{"source": "in.jsonl", "line": n, "reason": "'text' is null"} for n in range(1, 41, 3)]
    assert rejects() == expected
    assert tag(skip=True).rejected == 14
    assert rejects() == expected


def test_shards_of_rejects_alone_are_passed(corpus, tag):
    corpus.write_text('{"text": 1}\n' * 25 + lines(*texts(5)))
    summary = tag(skip=True)
    assert (summary.documents, summary.rejected, summary.shards) == (5, 25, 1)
    assert tag(skip=True).tagged_now == 0


def test_nothing_to_tag_is_an_error(corpus, tag):
    corpus.write_text("\n")
    with pytest.raises(BulkError, match=r"in\.jsonl: it is empty"):
        tag()
    corpus.write_text('{"text": 1}\n' * 3)
    with pytest.raises(BulkError, match=r"none of its 3 records can be tagged; out/_rejects\.jsonl says why"):
        tag(skip=True)


def test_parquet_in_parquet_out_keeps_all_columns(corpus, tag):
    table = pyarrow.table(
        {"day": pyarrow.array(range(25), pyarrow.date32()), "text": texts(25), "tags": [["a"]] * 25}
    )
    pyarrow.parquet.write_table(table, "in.parquet")
    tag("in.parquet")
    written = pyarrow.parquet.read_table(sorted(Path("out").glob("*.parquet")))
    assert written.select(["day", "text", "tags"]).to_pylist() == table.to_pylist()
    assert written.schema.field("day").type == pyarrow.date32()


def test_folder_of_texts_and_csv(corpus, tag):
    for number, text in enumerate(texts(12)):
        path = Path("texts", str(number % 2), f"{number:02}.txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert tag("texts", "a").documents == 12
    assert sorted(row["path"] for row in rows("a")) == [row["path"] for row in rows("a")]
    pandas.DataFrame({"n": range(12), "body": texts(12)}).to_csv("in.csv", index=False)
    assert tag("in.csv", "b", text_column="body").documents == 12
    assert [(row["n"], row["body"]) for row in rows("b")] == [
        (str(n), text) for n, text in enumerate(texts(12))
    ]


def test_standard_input_goes_on_too(corpus, tag, monkeypatch):
    def feed(*values):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines(*values).encode())))

    feed(*texts(12))
    assert tag("-").documents == 12
    feed(*texts(25))
    assert tag("-").tagged_now == 13
    assert [row["id"] for row in rows()] == list(range(25))
    feed(*texts(25, 1))
    with pytest.raises(BulkError, match="belongs to another run"):
        tag("-")


def test_an_engine_that_fails_stops_the_run_and_says_how_far_it_came(corpus, tag, monkeypatch):
    real = Tagger.predict_batch
    calls = []

    def fail(self, batch, **settings):
        calls.append(batch)
        if len(calls) > 2:
            raise EngineError("out of memory")
        return real(self, batch, **settings)

    monkeypatch.setattr(Tagger, "predict_batch", fail)
    with pytest.raises(
        StoppedError, match="out of memory; 10 documents are done and kept; mend it, and type"
    ):
        tag()
    monkeypatch.undo()


FULL_DISK = """
import resource, signal, sys
from conflictner.inference.bulk import StoppedError, tag_corpus

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), resource.RLIM_INFINITY))
try:
    tag_corpus(sys.argv[1], sys.argv[2], model=sys.argv[3], shard_documents=10, output_form="jsonl")
except StoppedError as error:
    print(error)
"""


def test_a_disk_that_takes_no_more_stops_the_run_which_goes_on_later(corpus, tag, tiny_checkpoint):
    corpus.write_text(lines(*texts(20), "Rebels shelled Homs. " * 500, *texts(25, 21)))
    command = [sys.executable, "-c", FULL_DISK, "in.jsonl", "out", str(tiny_checkpoint)]
    done = subprocess.run([*command, str(32 * 1024)], capture_output=True, text=True, check=True)
    assert done.stdout == (
        "out cannot be written (File too large); 20 documents are done and kept; make room, and type the "
        "same command again to go on\n"
    )
    assert sorted(content()) == ["_manifest.jsonl", "part-00000.jsonl", "part-00001.jsonl"]
    done = subprocess.run([*command, "100"], capture_output=True, text=True, check=True)  # no manifest either
    assert "20 documents are done and kept" in done.stdout
    assert tag(output_form="jsonl").tagged_now == 26
    assert [row["id"] for row in rows()] == list(range(46))


KILLED = """
import os, random, signal, sys, time
from pathlib import Path
import pyarrow.parquet
from conflictner.inference import Tagger
from conflictner.inference.bulk import tag_corpus

tagger = Tagger.load(sys.argv[3], threads=1)  # before the forks, so that each is quick
Tagger.load = lambda *model, **settings: tagger

def noted():
    manifest = Path(sys.argv[2], "_manifest.jsonl")
    return manifest.read_bytes().count(b"\\n") if manifest.exists() else 0

chance = random.Random(7)
for _ in range(20):
    before = noted()
    began = time.monotonic()
    if not (child := os.fork()):
        tag_corpus(sys.argv[1], sys.argv[2], model=sys.argv[3], threads=1, shard_documents=3, skip=True)
        os._exit(0)
    shards = chance.randrange(8)
    while noted() < before + shards:
        time.sleep(0.004)
    time.sleep(chance.uniform(0, (time.monotonic() - began) / (shards + 1) + 0.01))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    print("killed" if os.WIFSIGNALED(status) else "finished", flush=True)
"""


def test_killed_at_twenty_random_moments_it_finishes_with_each_document_exactly_once(
    corpus, tag, tiny_checkpoint
):
    count = 900
    values = [None if number % 50 == 7 else text for number, text in enumerate(texts(count))]
    corpus.write_text(lines(*values))
    script = [sys.executable, "-c", KILLED, "in.jsonl", "out", str(tiny_checkpoint)]
    done = subprocess.run(script, capture_output=True, text=True, check=True, timeout=600)
    assert done.stdout.split() == ["killed"] * 20, done
    assert 100 < len(rows()) < count
    tag(skip=True, shard_documents=500)
    good = [number for number, value in enumerate(values) if value is not None]
    assert [row["id"] for row in rows()] == good
    assert [reject["line"] - 1 for reject in rejects()] == [n for n in range(count) if n not in set(good)]
    tag(output="undisturbed", skip=True, shard_documents=500)
    assert rows() == rows("undisturbed")


def test_long_records_end_a_shard_before_memory_does(monkeypatch):
    monkeypatch.setattr("conflictner.inference.bulk.groups._LARGEST", 100)
    items = iter([Record("x" * 10, {}, 0, 60) for _ in range(5)])
    sizes = []
    while group := gather(items, 10, skip=False).items:
        sizes.append(len(group))
    assert sizes == [2, 2, 1]


def test_impossible_settings(corpus, tag):
    with pytest.raises(ValueError, match="shard_documents must be at least 1, got 0"):
        tag(shard_documents=0)
    with pytest.raises(ValueError, match="xml"):
        tag(input_kind="xml")
    with pytest.raises(DataError, match=r"nowhere\.jsonl: cannot be read"):
        tag("nowhere.jsonl")


def test_progress_tells_bytes_and_documents(corpus, tag):
    told = []
    tag(watch=lambda *values: told.append(values))
    size = corpus.stat().st_size
    assert [documents for _, _, documents, _ in told] == list(range(1, 26))
    assert {(total, earlier) for _, total, _, earlier in told} == {(size, 0)}
    assert told[-1][0] == size
    corpus.write_text(lines(*texts(30)))
    told.clear()
    tag(watch=lambda *values: told.append(values))
    assert [(documents, earlier) for _, _, documents, earlier in told] == [(n, 25) for n in range(26, 31)]


def test_libraries_that_are_missing_are_named(corpus, tag, monkeypatch):
    monkeypatch.setattr("conflictner.inference.bulk.errors.find_spec", lambda name: None)
    with pytest.raises(BulkError, match=r"Parquet output needs pyarrow: pip install 'conflictner\[bulk\]'"):
        tag()
    assert tag(output="other", output_form="jsonl").documents == 25
