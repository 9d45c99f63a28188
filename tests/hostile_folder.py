"""A model folder made to harm, and what loading it complains of."""

import json
import resource
import shutil
from pathlib import Path

import pytest

from conflictner.inference import Tagger
from conflictner.model.checkpoint import CheckpointError, write_checksums

TEXT_FILES = ("config.json", "tokenizer.json", "labels.json", "calibration.json")
WEIGHTS = ("model.safetensors", "event_head.safetensors")
ALL_FILES = (*TEXT_FILES, "model.onnx", *WEIGHTS)
SENTENCE = "Rebels killed three soldiers near Homs."


def copied(checkpoint: Path, place: Path) -> Path:
    """Copy a checkpoint; whoever changes the copy makes the checksums fit, as an attacker would."""
    return Path(shutil.copytree(checkpoint, place / "model"))


def complaint(folder: Path, name: str = "") -> str:
    """Load a folder whose checksums fit, by the engine that reads the named file, and return the error."""
    write_checksums(folder)
    engine = "torch" if name in WEIGHTS else "onnx"
    for verify in (True, False):  # the manifest makes no difference: its writer is who made the files
        with pytest.raises(CheckpointError) as caught:
            Tagger.load(folder, engine=engine, threads=1, verify=verify).predict(SENTENCE)
        message = str(caught.value)
        assert name in message
        assert message.isprintable()
        assert len(message) < 700
    return message


def change(path: Path, **entries) -> None:
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | entries), encoding="utf-8")


def megabytes() -> float:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
