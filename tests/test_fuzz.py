"""The two campaigns of ``tests/fuzz``, some inputs of each: texts are tagged, files are read or refused.

``make fuzz`` runs them for longer.
"""

import bz2
import gzip
import io
import json
import lzma
import random
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from conflictner.data import DataError
from conflictner.data.corpora import CORPORA, opening
from conflictner.inference import Tagger

from .fuzz import models, seeds
from .fuzz.loaders import loaders
from .fuzz.readers import readers
from .fuzz.target import Target, lines
from .fuzz.texts import texts
from .fuzz.workers import draw_of, limited, write_files

SEED = 0  # those of campaigns are others
HEAVY = ("recipe", "override", "model", "bulk-run", "format-hf", "format-spacy")


@pytest.fixture(scope="module", autouse=True)
def _tiny(tiny_checkpoint):
    """The small model of all tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "tiny_model", lambda: tiny_checkpoint)
        patch.setattr("tests.fuzz.loaders.tiny_model", lambda: tiny_checkpoint)
        yield


def attempt(target: Target, folder: Path, count: int) -> None:
    """Try the first inputs of a target; the very first is not changed and must be read."""
    for number in range(count):
        write_files(folder, target.files(draw_of(target, SEED, number)))
        try:
            with limited():
                is_read = target.check(folder)
        except BaseException as error:
            error.add_note(f"{target.name}, seed {SEED}, input {number}")
            raise
        assert is_read or number, f"{target.name} cannot be read at all"


@pytest.mark.parametrize("targets", [readers, loaders], ids=["readers", "loaders"])
def test_files_are_read_or_refused_in_one_line(targets, tmp_path):
    found = targets()
    assert len({target.name for target in found}) == len(found) > 15
    for target in found:
        attempt(target, tmp_path / target.name, 2 if target.name.startswith(HEAVY) else 10)


def test_texts_are_tagged(tiny_checkpoint, tmp_path, monkeypatch):
    monkeypatch.setattr("tests.fuzz.texts._tiny", lambda: Tagger.load(tiny_checkpoint, threads=1))
    for target, count in zip(texts(), (3, 1), strict=True):
        attempt(target, tmp_path, count)


def test_the_same_seed_makes_the_same_input():
    for target in readers()[:3]:
        first, again, other = (target.files(random.Random(seed)) for seed in (1, 1, 2))
        assert first == again != other


PROGRAM = """
import itertools, os, pathlib, sys
from conflictner.data import DataError
from tests.fuzz import workers
from tests.fuzz.target import Target, plain

workers._SECONDS, workers._KILLED, workers._MEGABYTES, workers._GROWTH = 1, 2, 300, 100

def read(path):
    kind = path.read_text()
    if kind == "refused": raise DataError("in one line")
    if kind == "lines": raise DataError("in two\\nlines")
    if kind == "error": raise KeyError("x")
    if kind == "crash": os.abort()
    if kind == "stuck": sum(itertools.repeat(1))
    if kind == "memory": bytearray(400 << 20)
    if kind == "much": bytearray(b"x") * (150 << 20)

for kind in sys.argv[2:]:
    target = Target(kind, plain("x", b"read"), "x", (read,), change=lambda *_: kind.encode())
    tally, _ = workers.run_target(target, 7, 1, 2, pathlib.Path(sys.argv[1]), 60.0)
    _, read_, refused, found, _ = tally.get()
    print(kind, read_, refused, found)
"""


def test_whatever_an_input_does_is_noted_and_ends_no_campaign(tmp_path):
    kinds = {
        "refused": None,
        "read": None,
        "lines": "AssertionError at target.py",
        "error": "KeyError at <string>",
        "crash": "killed by SIGABRT",
        "stuck": "killed by SIGXCPU",
        "memory": "MemoryError at <string>",
        "much": "AssertionError at workers.py",
    }
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), *kinds]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    counted = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if line[0] != " "}
    assert counted == {
        kind: ["0", "0", "1"] if found else ["1", "0", "0"] if kind == "read" else ["0", "1", "0"]
        for kind, found in kinds.items()
    }
    for kind, found in kinds.items():
        folders = sorted(tmp_path.glob(f"{kind}-*"))
        assert len(folders) == (1 if found else 0)
        for folder in folders:
            record = json.loads((folder / "finding.json").read_text(encoding="utf-8"))
            assert record["kind"].startswith(found)
            assert (folder / "input" / "x").read_text(encoding="utf-8") == kind


def test_files_that_unpack_to_more_than_they_should_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "LIMIT", 1 << 20)
    much = bytes(2 << 20)
    tar, zipped_file = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as archive:
        member = tarfile.TarInfo("x.txt.tsv")
        member.size = len(much)
        archive.addfile(member, io.BytesIO(much))
    with zipfile.ZipFile(zipped_file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.txt.tsv", much)
    for name, content in {
        "gmb": lzma.compress(much),
        "uner": gzip.compress(much),
        "muc-gtt": much,
        "worldwide": zipped_file.getvalue(),
        "muc": tar.getvalue(),
        "wikievents": bz2.compress(much),
    }.items():
        (tmp_path / "x").write_bytes(content)
        with pytest.raises(DataError, match="it holds more than 1 MiB"):
            list(CORPORA[name](tmp_path / "x"))
    dictionary = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 29}]
    (tmp_path / "x").write_bytes(lzma.compress(b"x", filters=dictionary))
    with pytest.raises(DataError, match="Memory usage limit"):
        list(CORPORA["gmb"](tmp_path / "x"))


@pytest.mark.parametrize("name", ["gmb", "uner", "wikievents", "worldwide", "muc"])
def test_long_words_and_many_spans_do_not_take_forever(name, tmp_path):
    long, many = b"x" * 60_000, 4_000
    tokens = ["Goma"] * many
    mentions = [{"start": i, "end": i + 1, "entity_type": "GPE"} for i in range(many)]
    content = {
        "gmb": long + b"\tO\n" + b"Goma\tB-geo\n" * many,
        "uner": b"# text = " + long + b"\n" + b"1\tGoma\tB-LOC\n" * many,
        "wikievents": lines(
            {"doc_id": "d", "tokens": tokens, "sents": [tokens], "entity_mentions": mentions}
        ),
    }.get(name)
    if name == "worldwide":
        (tmp_path / "x.txt.tsv").write_bytes(long + b"\tO\n" + b"Goma\tB-Location\n.\tO\n\n" * many)
    elif name == "muc":
        (tmp_path / "key-x").write_bytes(seeds.KEY + b'9. PERP: INDIVIDUAL ID  "' + b'\\"' * 60_000 + b"\n")
        (tmp_path / "tst9-muc4").write_bytes(seeds.REPORTS + long + b"\nTST9-MUC4-0003\n" + b"GOMA. " * many)
    else:
        (tmp_path / "x").write_bytes(content)
    with limited():
        list(CORPORA[name](tmp_path if content is None else tmp_path / "x"))
