"""Integrity: whether the files of a checkpoint folder are there, unchanged and readable."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..data.errors import ConflictnerError
from ..data.output import open_output
from ..data.quotes import one_line, printable, quote

__all__ = [
    "CHECKSUMS",
    "COPY",
    "VERIFIED",
    "CheckpointError",
    "read_checksums",
    "read_object",
    "verify_file",
    "write_checksums",
]

#: Name of the file with the sha256 of the other files.
CHECKSUMS = "checksums.json"

_ALWAYS_READ = ("config.json", "tokenizer.json", "labels.json", "calibration.json")

#: Files that are verified before they are used.
VERIFIED = (
    *_ALWAYS_READ,
    "model.onnx",
    "model.safetensors",
    "event_head.safetensors",
    "tokenizer_config.json",
)

# Megabytes that a file of text may have; the largest known are a tenth of that.
_LARGEST = {
    **dict.fromkeys((CHECKSUMS, "config.json", "labels.json", "calibration.json"), 4),
    **dict.fromkeys(("tokenizer.json", "tokenizer_config.json"), 256),
}

#: What the messages advise.
COPY = "copy the whole checkpoint folder again"
_UNVERIFIED = "load without verification (--no-verify, verify=False)"


class CheckpointError(ConflictnerError):
    """A model folder that is missing, incomplete, tampered with, or of another kind, told in one line."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


def write_checksums(folder: Path) -> None:
    """Write ``checksums.json`` over the files of ``folder`` that loading reads."""
    sums = {name: _sha256(folder / name) for name in VERIFIED if (folder / name).is_file()}
    with open_output(folder / CHECKSUMS) as file:
        file.write(json.dumps(sums, indent=2) + "\n")


def read_checksums(folder: Path) -> dict[str, str]:
    """Read ``checksums.json``: file name -> sha256 in hexadecimal.

    Raises:
        CheckpointError: when it is missing, with what else is missing, or not readable.
    """
    if not (folder / CHECKSUMS).is_file():
        lacking = [name for name in _ALWAYS_READ if not (folder / name).is_file()]
        if lacking:
            raise CheckpointError(
                f"{folder}: not a complete checkpoint, for {', '.join(lacking)} and {CHECKSUMS} are missing; "
                f"{COPY}, or make a checkpoint with `conflictner train RECIPE`"
            )
        raise CheckpointError(f"{folder}: {CHECKSUMS} is missing; {COPY}, or {_UNVERIFIED}")
    _check_size(folder, CHECKSUMS)
    _check_place(folder, CHECKSUMS)
    record = _json_object(folder / CHECKSUMS)
    if not all(isinstance(value, str) for value in record.values()):
        raise CheckpointError(f"{folder / CHECKSUMS}: not an object of file names and sha256 sums; {COPY}")
    return record


def read_object(folder: Path, name: str, checksums: Mapping[str, str] | None) -> dict[str, Any]:
    """Read a file that holds a JSON object, after :func:`verify_file`.

    Raises:
        CheckpointError: when it is missing, changed or not readable.
    """
    verify_file(folder, name, checksums)
    return _json_object(folder / name)


def verify_file(folder: Path, name: str, checksums: Mapping[str, str] | None) -> None:
    """Compare a file with its checksum.

    A link out of the folder is followed where a checksum tells what is there, so that weights may lie on
    another disk; without one a folder could have any file of this machine read.

    Args:
        folder: The checkpoint folder.
        name: The file in it.
        checksums: File name -> sha256; ``None`` only makes sure that the file is there, in the folder, and of
            a size that can be.

    Raises:
        CheckpointError: when it is missing or not what it was.
    """
    path = folder / name
    if not path.is_file():
        raise CheckpointError(f"{folder}: {name} is missing; {COPY}")
    _check_size(folder, name)
    if checksums is None:
        _check_place(folder, name)
        return
    if name not in checksums:
        raise CheckpointError(
            f"{folder}: {CHECKSUMS} does not list {name}, so it cannot be verified; {COPY}, or {_UNVERIFIED}"
        )
    if _sha256(path) != checksums[name]:
        raise CheckpointError(
            f"{path}: does not match {CHECKSUMS} (truncated or changed); {COPY}, or {_UNVERIFIED}"
        )


def _check_place(folder: Path, name: str) -> None:
    """Refuse a link to elsewhere, except into the hub's cache, which is made of links."""
    path = folder / name
    real, home = path.resolve(), folder.resolve()
    cache = home.parent.parent / "blobs" if home.parent.name == "snapshots" else home
    if not (real.is_relative_to(home) or real.is_relative_to(cache)):
        raise CheckpointError(
            f"{path}: is a link that leaves the folder, to {real}, and is not verified; put the file itself "
            "there, or load with verification"
        )


def _check_size(folder: Path, name: str) -> None:
    """Refuse a text that would fill the memory."""
    megabytes = (folder / name).stat().st_size / 2**20
    if megabytes > _LARGEST.get(name, megabytes):
        raise CheckpointError(
            f"{folder / name}: has {megabytes:.0f} MB; accepted are up to {_LARGEST[name]} MB; {COPY}"
        )


def _json_object(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: not readable as JSON ({one_line(error)}); {COPY}") from error
    if not isinstance(record, dict):
        raise CheckpointError(f"{path}: expected a JSON object, got {quote(record)}; {COPY}")
    return record


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror}); allow it, or {COPY}") from error
