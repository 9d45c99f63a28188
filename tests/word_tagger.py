"""A tagger of a few words, the command that runs with it, and files for it."""

import itertools
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conflictner.inference.command_line.commands import app
from conflictner.inference.prediction import PredictedSpan, Prediction
from conflictner.inference.tagger import Tagger, ThresholdError
from conflictner.model import DEFAULT_SCHEME

TEXT = "Rebels shelled Aleppo, killing 12."
WORDS = {
    "Rebels": ("ACTOR", "agent", 0.9),
    "Aleppo": ("LOCATION", None, 0.7),
    "12": ("CASUALTY", "killed", 0.55),
}


class WordTagger:
    """Tags a few words; has of ``Tagger`` what the command uses."""

    scheme = DEFAULT_SCHEME
    name = "words"
    group = 4  # texts taken in before the first result, as batches do

    def __init__(self):
        self.thresholds = None
        self.taken = 0

    def predict_batch(self, texts, *, batch_tokens=8192, thresholds=None):
        if thresholds and not set(thresholds) <= set(self.scheme.table):
            raise ThresholdError("no such label")
        self.thresholds = thresholds
        return self._predict(iter(texts))

    def _predict(self, texts):
        while group := list(itertools.islice(texts, self.group)):
            self.taken += len(group)
            yield from map(self._tag, group)

    def _tag(self, text: str) -> Prediction:
        found = re.finditer("|".join(WORDS), text)
        spans = [PredictedSpan(*m.span(), *WORDS[m[0]], m[0]) for m in found]
        return Prediction(text, tuple(spans), ("explosion",), {"explosion": 0.75, "riot": 0.125}, 1.0)


def write(name: str, content: str | bytes = TEXT) -> Path:
    path = Path(name)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def lines(*records) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture
def tagger(monkeypatch) -> WordTagger:
    tagger = WordTagger()
    tagger.asked = None

    def load(model=None, **settings):
        tagger.asked = {"model": model, **settings}
        return tagger

    monkeypatch.setattr(Tagger, "load", load)
    return tagger


@pytest.fixture
def tag(tagger, tmp_path, monkeypatch):
    """Runs the command in an empty folder and checks how it ends."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, stdin=b"", code=0):
        done = CliRunner().invoke(app, ["tag", *map(str, arguments)], input=stdin)
        assert done.exit_code == code, done.output
        if done.exception is not None:
            assert isinstance(done.exception, SystemExit), repr(done.exception)
        return done

    return run
