"""Tagging on Ray, on a cluster of two workers on this machine, one of which is killed."""

import json
import os
import subprocess
import sys

import pyarrow
import pyarrow.parquet
import pytest

from conflictner.inference.bulk import BulkError, tag_corpus
from conflictner.inference.bulk.cluster import tag_on_ray
from conflictner.inference.bulk.workers import Worker
from conflictner.inference.tagger import ThresholdError

COUNT = 240


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """A folder of four Parquet files; some rows have no text."""
    folder = tmp_path_factory.mktemp("reports")
    for part in range(4):
        ids = list(range(part * COUNT // 4, (part + 1) * COUNT // 4))
        texts = [None if n % 50 == 7 else f"Rebels shelled {n} towns near Homs. " * (1 + n % 40) for n in ids]
        pyarrow.parquet.write_table(pyarrow.table({"id": ids, "text": texts}), folder / f"{part}.parquet")
    return folder


def test_worker_travels_without_its_model_and_gives_nothing_for_nothing(tiny_checkpoint):
    import pickle

    worker = pickle.loads(pickle.dumps(Worker(str(tiny_checkpoint), thresholds=0.0)))
    assert len(pickle.dumps(worker)) < 1000
    first, nothing, last = worker.predict(["Rebels shelled Homs.", None, "Police"])
    assert (first.text, nothing, last.text) == ("Rebels shelled Homs.", None, "Police")
    assert worker.tagger is Worker(str(tiny_checkpoint)).tagger  # loaded once a process


#: A busy machine takes long to start Ray, and to answer whether it is alive.
PATIENT = {
    **os.environ,
    "RAY_raylet_start_wait_time_s": "300",
    "RAY_health_check_failure_threshold": "60",
    "RAY_health_check_timeout_ms": "60000",
}

RUN = """
import json, os, signal, sys
import ray
from conflictner.inference.bulk import cluster

reports, output, model, killed = sys.argv[1:]

class Dying(cluster._TableTagger):
    calls = 0

    def __call__(self, table):
        tagged = super().__call__(table)
        self.calls += 1
        if self.calls == 3 and not os.path.exists(killed):
            open(killed, "x").close()
            os.kill(os.getpid(), signal.SIGKILL)
        return tagged

cluster._TableTagger, cluster._BATCH_ROWS = Dying, 20
ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error")
print(json.dumps(cluster.tag_on_ray(reports, output, model=model, workers=2).to_dict()))
"""


def test_each_row_is_tagged_once_although_a_worker_is_killed(reports, tiny_checkpoint, tmp_path):
    pytest.importorskip("ray.data", reason="the ray extra is not installed")
    killed = tmp_path / "killed"
    command = [sys.executable, "-c", RUN, *map(str, (reports, tmp_path / "out", tiny_checkpoint, killed))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=PATIENT)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert killed.exists()
    written = pyarrow.parquet.read_table(tmp_path / "out").sort_by("id")
    assert written["id"].to_pylist() == list(range(COUNT))
    alone = tag_corpus(reports, tmp_path / "alone", model=tiny_checkpoint, threads=1, skip=True)
    assert (told["documents"], told["spans"]) == (alone.documents, alone.spans)
    expected = pyarrow.parquet.read_table(tmp_path / "alone").sort_by("id")
    assert written.filter(written["text"].is_valid()).to_pylist() == expected.to_pylist()
    empty = written.filter(written["text"].is_null())
    assert empty.select(["spans", "coverage"]).to_pylist() == [{"spans": None, "coverage": None}] * len(empty)


def test_what_is_wrong_is_told_before_a_cluster_is_asked(reports, tiny_checkpoint, tmp_path, monkeypatch):
    pytest.importorskip("ray", reason="the ray extra is not installed")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(BulkError, match="out is not an empty folder; give a new one"):
        tag_on_ray(reports, tmp_path / "out", model=tiny_checkpoint)
    with pytest.raises(ThresholdError, match="no label 'PLANET'"):
        tag_on_ray(reports, tmp_path / "new", model=tiny_checkpoint, thresholds={"PLANET": 0.5})


def test_missing_ray_is_named(reports, tmp_path, monkeypatch):
    monkeypatch.setattr("conflictner.inference.bulk.cluster.find_spec", lambda name: None)
    with pytest.raises(BulkError, match=r"--engine ray needs Ray: pip install 'conflictner\[ray\]'"):
        tag_on_ray(reports, tmp_path / "out")
