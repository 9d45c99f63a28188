"""Checkpoint folders: what is in them, how they are verified, how they are found.

A checkpoint is a folder with ``config.json`` and ``model.safetensors`` (a standard transformers token
classifier), ``event_head.safetensors``, ``tokenizer.json``, ``labels.json``, ``calibration.json``,
``model.onnx``, ``README.md`` (the model card), ``training_config.yaml`` and ``checksums.json``. Nothing in it
is ever unpickled or executed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from ..data.errors import ConflictnerError
from .labels import LabelScheme, SchemeError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["BUNDLED", "Calibration", "Checkpoint", "CheckpointError", "write_checksums"]

#: Folder of the model that comes with the package.
BUNDLED = Path(__file__).parent / "weights"

CHECKSUMS = "checksums.json"
_LOADED = ("config.json", "tokenizer.json", "labels.json", "calibration.json")
_VERIFIED = (*_LOADED, "model.onnx", "model.safetensors", "event_head.safetensors", "tokenizer_config.json")
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


class CheckpointError(ConflictnerError):
    """A model folder that is missing, incomplete, tampered with, or of another kind."""


@dataclass(frozen=True)
class Calibration:
    """What was fitted on the dev set after training.

    Attributes:
        temperature: Divisor of the tag logits, > 0 (Guo et al. 2017, "On calibration of modern neural
            networks").
        event_thresholds: For each event type the probability from which it is predicted, in [0, 1].
    """

    temperature: float = 1.0
    event_thresholds: Mapping[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the content of ``calibration.json``."""
        return {"temperature": self.temperature, "event_thresholds": dict(self.event_thresholds)}


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint folder whose small files have been read and checked.

    Attributes:
        folder: Where it is.
        scheme: Its label scheme.
        calibration: Temperature and event thresholds.
        max_length: Longest window it was trained for, in pieces with special tokens.
        overlap: Least number of pieces shared by neighbouring windows.
        pad_id: Vocabulary index that fills a batch behind the end of a shorter window.
        checksums: File name -> sha256 in hexadecimal; ``None`` when verification is off.
    """

    folder: Path
    scheme: LabelScheme
    calibration: Calibration
    max_length: int
    overlap: int
    pad_id: int
    checksums: Mapping[str, str] | None

    @property
    def name(self) -> str:
        """Return a short name for reports."""
        return "bundled" if self.folder == BUNDLED else self.folder.name

    @classmethod
    def load(cls, model: str | Path | None = None, verify: bool = True) -> Checkpoint:
        """Open a checkpoint.

        Args:
            model: A folder, a hub id such as ``"organisation/name"`` (needs a network), or ``None`` for the
                bundled model.
            verify: Whether to compare every file with ``checksums.json`` before it is used.

        Raises:
            CheckpointError: saying which file is missing or wrong and what to do.
        """
        folder = _find(model)
        checksums = _read_checksums(folder) if verify else None
        config = _read_object(folder, "config.json", checksums)
        window = config.get("conflictner")
        if not isinstance(window, Mapping):
            raise CheckpointError(
                f"{folder}: config.json has no 'conflictner' entry, so this is not a conflictner checkpoint; "
                "make one with `conflictner train RECIPE` (any encoder can be its start)"
            )
        _verify(folder, "labels.json", checksums)
        try:
            scheme = LabelScheme.load(folder / "labels.json")
        except SchemeError as error:
            raise CheckpointError(str(error)) from error
        _check_tags(folder, config, scheme)
        max_length, overlap = (_whole(folder, window, name) for name in ("max_length", "overlap"))
        if max_length < 8 or not 0 <= overlap < max_length:
            raise CheckpointError(
                f"{folder}: config.json has a window of {max_length} pieces with overlap {overlap}"
            )
        calibration = _calibration(folder, _read_object(folder, "calibration.json", checksums), scheme)
        pad_id = config.get("pad_token_id")
        return cls(
            folder,
            scheme,
            calibration,
            max_length,
            overlap,
            pad_id if isinstance(pad_id, int) else 0,
            checksums,
        )

    def file(self, name: str) -> Path:
        """Return the path of a file of the checkpoint, verified.

        Raises:
            CheckpointError: when it is missing or does not match its checksum.
        """
        _verify(self.folder, name, self.checksums)
        return self.folder / name

    def tokenizer(self) -> Tokenizer:
        """Load the tokenizer.

        Raises:
            CheckpointError: when ``tokenizer.json`` cannot be read.
        """
        from tokenizers import Tokenizer

        path = self.file("tokenizer.json")
        try:
            return Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises bare Exception
            raise CheckpointError(f"{path}: not a readable tokenizer ({_one_line(error)})") from error


def write_checksums(folder: Path) -> None:
    """Write ``checksums.json`` over the files of ``folder`` that loading reads."""
    present = [name for name in _VERIFIED if (folder / name).is_file()]
    sums = {name: _sha256(folder / name) for name in present}
    (folder / CHECKSUMS).write_text(json.dumps(sums, indent=2) + "\n", encoding="utf-8")


def _find(model: str | Path | None) -> Path:
    if model is None:
        if not (BUNDLED / "config.json").is_file():
            raise CheckpointError("this installation has no bundled model; name one with --model FOLDER")
        return BUNDLED
    folder = Path(model)
    if folder.is_dir():
        return folder
    if folder.exists():
        raise CheckpointError(
            f"{model} is a file; a model is a folder with config.json, model.onnx and others"
        )
    if isinstance(model, str) and _HUB_ID.fullmatch(model) and not model.startswith("."):
        return _download(model)
    raise CheckpointError(
        f"no folder {str(model)!r}; a model is a checkpoint folder or a hub id like organisation/name"
    )


def _download(model: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(model, allow_patterns=[*_VERIFIED, CHECKSUMS]))
    except Exception as error:  # network, hub and cache errors have no common base
        raise CheckpointError(
            f"no folder {model!r} here, and the hub gave none of that name ({_one_line(error)}); "
            "without a network give the path of a checkpoint folder"
        ) from error


def _read_checksums(folder: Path) -> dict[str, str]:
    if not (folder / CHECKSUMS).is_file():
        lacking = [name for name in _LOADED if not (folder / name).is_file()]
        what = f"it also lacks {', '.join(lacking)}" if lacking else "the folder is incomplete"
        raise CheckpointError(
            f"{folder}: {CHECKSUMS} is missing and {what}; copy the whole checkpoint folder again, "
            "or load without verification (--no-verify, verify=False)"
        )
    record = _json_object(folder / CHECKSUMS)
    if not all(isinstance(value, str) for value in record.values()):
        raise CheckpointError(f"{folder / CHECKSUMS}: not an object of file names and sha256 sums")
    return record


def _read_object(folder: Path, name: str, checksums: Mapping[str, str] | None) -> dict[str, Any]:
    _verify(folder, name, checksums)
    return _json_object(folder / name)


def _json_object(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: not readable as JSON ({_one_line(error)})") from error
    if not isinstance(record, dict):
        raise CheckpointError(f"{path}: expected a JSON object, got {type(record).__name__}")
    return record


def _verify(folder: Path, name: str, checksums: Mapping[str, str] | None) -> None:
    path = folder / name
    if not path.is_file():
        raise CheckpointError(f"{folder}: {name} is missing; copy the whole checkpoint folder again")
    if checksums is None:
        return
    if name not in checksums:
        raise CheckpointError(f"{folder}: {CHECKSUMS} does not list {name}, so it cannot be verified")
    if _sha256(path) != checksums[name]:
        raise CheckpointError(
            f"{path}: does not match {CHECKSUMS} (truncated or changed); copy the checkpoint folder again, "
            "or load without verification (--no-verify, verify=False)"
        )


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror})") from error


def _check_tags(folder: Path, config: Mapping[str, Any], scheme: LabelScheme) -> None:
    named = config.get("id2label")
    tags = {str(index): tag for index, tag in enumerate(scheme.tags)}
    if named != tags:
        count = len(named) if isinstance(named, Mapping) else 0
        raise CheckpointError(
            f"{folder}: labels.json gives {len(tags)} tags, config.json has {count} or other ones; "
            "the files come from different models"
        )


def _calibration(folder: Path, record: Mapping[str, Any], scheme: LabelScheme) -> Calibration:
    temperature, thresholds = record.get("temperature"), record.get("event_thresholds") or {}
    if not _is_number(temperature) or not temperature > 0:
        raise CheckpointError(
            f"{folder}: calibration.json has temperature {temperature!r}, expected a number over 0"
        )
    if not isinstance(thresholds, Mapping) or not all(_is_number(value) for value in thresholds.values()):
        raise CheckpointError(f"{folder}: calibration.json has event thresholds that are not numbers")
    return Calibration(float(temperature), {name: float(thresholds.get(name, 0.5)) for name in scheme.events})


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _whole(folder: Path, window: Mapping[str, Any], name: str) -> int:
    value = window.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise CheckpointError(
            f"{folder}: config.json has conflictner.{name} {value!r}, expected a whole number"
        )
    return value


def _one_line(error: BaseException, limit: int = 160) -> str:
    lines: Iterable[str] = str(error).split("\n")
    return next((line.strip() for line in lines if line.strip()), type(error).__name__)[:limit]
