"""Trained models that are kept for the next run of a benchmark, as long as they are what it asks for."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ..distillation.shelf import file_digest

__all__ = ["train_once"]


def train_once(
    record: Path, settings: Any, files: Iterable[Path], train: Callable[[], object], overwrite: bool = False
) -> float:
    """Train a model unless that was done before, with the same settings and files.

    Args:
        record: A JSON file beside the model that tells what it was made from.
        settings: All settings, as JSON values.
        files: All data files.
        train: Trains and writes the model; replaces what is there.
        overwrite: Whether to train in any case.

    Returns:
        How long the training took, or took then, in seconds.
    """
    sums = [file_digest(path) if path.is_file() else None for path in files]  # training tells what lacks
    digest = hashlib.sha256(json.dumps([settings, sums], sort_keys=True).encode()).hexdigest()
    seconds = None if overwrite else _recorded(record, digest)
    if seconds is not None:
        return seconds
    record.parent.mkdir(parents=True, exist_ok=True)
    record.unlink(missing_ok=True)
    begin = time.perf_counter()
    train()
    seconds = time.perf_counter() - begin
    content = {"made_from": digest, "training_seconds": seconds}
    record.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return seconds


def _recorded(record: Path, digest: str) -> float | None:
    """Return the seconds in a record of the same settings and files."""
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
        return float(content["training_seconds"]) if content["made_from"] == digest else None
    except (OSError, ValueError, LookupError, TypeError):
        return None
