"""Taggers in other processes, and generators that nobody takes to their end."""

import gc
import itertools
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from conflictner.inference import Tagger
from conflictner.model.checkpoint import BUNDLED

TEXTS = [f"Rebels shelled {number} towns near Homs and killed people . " * 12 for number in range(4)]

#: Forks while eight threads tag, and while one loads the bundled model; each child must tag like its parent.
FORKS = """
import os, sys, threading
from conflictner.inference import Tagger, predict, tagger as module

texts = sys.argv[2:]
tagger = Tagger.load(sys.argv[1], threads=2)
expected = [tagger.predict(text) for text in texts]
done = threading.Event()

def tag():
    while not done.is_set():
        tagger.predict(texts[0])

def load():
    with module._bundled_lock:
        loading.set()
        done.wait()

loading = threading.Event()
threads = [threading.Thread(target=target, daemon=True) for target in [tag] * 8 + [load]]
for thread in threads:
    thread.start()
loading.wait()
module.Tagger.load = lambda: tagger
for _ in range(3):
    child = os.fork()
    if not child:
        same = [tagger.predict(text) for text in texts] == expected and predict(texts[0]) == expected[0]
        os._exit(0 if same else 3)
    assert os.waitpid(child, 0)[1] == 0
assert tagger.predict(texts[0]) == expected[0]  # the parent goes on
done.set()
for thread in threads:
    thread.join()
"""


def borders(prediction):
    return [(span.start, span.end, span.label, span.attribute) for span in prediction.spans]


@pytest.fixture(scope="module")
def tagger(tiny_checkpoint):
    return Tagger.load(tiny_checkpoint, threads=2)


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


@needs_fork
def test_child_forked_amid_work_tags_like_its_parent(tiny_checkpoint):
    command = [sys.executable, "-c", FORKS, str(tiny_checkpoint), *TEXTS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "okenizers" not in done.stderr  # as in a warning of the tokenizers library


@needs_fork
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_child_of_a_torch_tagger_does_not_wait_for_threads_it_has_not(tiny_checkpoint):
    import torch

    before = torch.get_num_threads()
    try:
        tagger = Tagger.load(tiny_checkpoint, engine="torch", threads=2)
        text = " ".join(TEXTS)
        expected = borders(tagger.predict(text))
        child = os.fork()
        if not child:
            signal.alarm(60)  # ends a child that waits
            os._exit(0 if borders(tagger.predict(text)) == expected else 3)
        assert os.waitpid(child, 0)[1] == 0
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(
    "method", [m for m in ("forkserver", "spawn") if hasattr(os, "fork") or m == "spawn"]
)
def test_workers_take_a_tagger(tagger, method):
    expected = [tagger.predict(text) for text in TEXTS]
    with ProcessPoolExecutor(1, multiprocessing.get_context(method)) as pool:
        assert list(pool.map(tagger.predict, TEXTS, chunksize=len(TEXTS))) == expected


def test_pickled_tagger_keeps_its_settings(tiny_checkpoint, tmp_path, monkeypatch):
    monkeypatch.chdir(tiny_checkpoint.parent)
    stored = pickle.dumps(Tagger.load(tiny_checkpoint.name, engine="torch", verify=False))
    assert len(stored) < 1000  # the place of the model, not the model
    monkeypatch.chdir(tmp_path)
    loads = []
    monkeypatch.setattr(Tagger, "load", lambda model, **settings: loads.append((model, settings)))
    pickle.loads(stored)
    assert loads == [
        (tiny_checkpoint, {"engine": "torch", "device": "cpu", "threads": None, "verify": False}),
    ]


def test_pickled_bundled_tagger_takes_the_bundled_model_of_its_new_place():
    tagger = Tagger.load(threads=1)
    assert repr(tagger) == f"<Tagger bundled from {BUNDLED}: ACTOR, WEAPON, LOCATION, CASUALTY>"
    stored = pickle.dumps(tagger)
    assert os.fsencode(BUNDLED.parent) not in stored
    assert pickle.loads(stored).name == "bundled"


def test_tagger_made_of_an_engine_is_not_pickled(tagger):
    with pytest.raises(TypeError, match=r"only a tagger made by Tagger\.load can be pickled"):
        pickle.dumps(Tagger(tagger.checkpoint, tagger._engine))


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no way to see the memory in use")
def test_abandoned_generators_leave_no_thread_and_no_memory(tagger):
    def resident():
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")

    def abandon(count):
        for number in range(count):
            predictions = tagger.predict_batch(itertools.cycle(TEXTS), batch_tokens=128)
            for _ in range(number % 3):
                next(predictions)

    abandon(6)
    threads, before = threading.active_count(), resident()
    abandon(30)
    assert threading.active_count() == threads
    assert resident() - before < 6e6
