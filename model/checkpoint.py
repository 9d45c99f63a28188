"""Checkpoint folders: what is in them, how they are verified, how they are found.

A checkpoint is a folder with ``config.json`` and ``model.safetensors`` (a standard transformers token
classifier), ``event_head.safetensors``, ``tokenizer.json``, ``labels.json``, ``calibration.json``,
``model.onnx``, ``README.md`` (the model card), ``training_config.yaml`` and ``checksums.json``. Nothing in it
is ever unpickled or executed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data.quotes import one_line, quote
from .calibration import Calibration
from .integrity import (
    CHECKSUMS,
    COPY,
    VERIFIED,
    CheckpointError,
    read_checksums,
    read_object,
    verify_file,
    write_checksums,
)
from .labels import LabelScheme, SchemeError
from .windows import WindowEncoder, is_failure

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["BUNDLED", "FORMAT", "Checkpoint", "CheckpointError", "write_checksums"]

#: Folder of the model that comes with the package.
BUNDLED = Path(__file__).parent / "weights"

#: Version of the folder's form, which config.json names.
FORMAT = 1

_LONGEST = 2**16  # pieces of a window; attention takes its square in memory

_HUB_ID = re.compile(r"\w[\w.-]*/[\w.-]+")


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint folder whose small files have been read and checked.

    Attributes:
        folder: Where it is.
        name: What to call it in reports.
        scheme: Its label scheme.
        calibration: Temperature and thresholds.
        max_length: Longest window it was trained for, in pieces with special tokens.
        overlap: Least number of pieces shared by neighbouring windows.
        pad_id: Vocabulary index that fills a batch behind the end of a shorter window.
        vocabulary: Number of pieces the network has embeddings for.
        checksums: File name -> sha256 in hexadecimal; ``None`` when verification is off.
    """

    folder: Path
    name: str
    scheme: LabelScheme
    calibration: Calibration
    max_length: int
    overlap: int
    pad_id: int
    vocabulary: int
    checksums: Mapping[str, str] | None

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
        folder, name = _find(model)
        checksums = read_checksums(folder) if verify else None
        config = read_object(folder, "config.json", checksums)
        max_length, overlap = _window(folder, config)
        verify_file(folder, "labels.json", checksums)
        try:
            scheme = LabelScheme.load(folder / "labels.json")
        except SchemeError as error:
            raise CheckpointError(f"{error}; {COPY}") from error
        _check_tags(folder, config, scheme)
        calibration = Calibration.of(
            read_object(folder, "calibration.json", checksums), scheme.events, folder
        )
        vocabulary = _whole(folder, config, "vocab_size")
        pad_id = 0 if config.get("pad_token_id") is None else _whole(folder, config, "pad_token_id")
        if not 0 <= pad_id < vocabulary:
            raise CheckpointError(f"{folder}: config.json pads with piece {pad_id} of {vocabulary}; {COPY}")
        return cls(folder, name, scheme, calibration, max_length, overlap, pad_id, vocabulary, checksums)

    def file(self, name: str) -> Path:
        """Return the path of a file of the checkpoint, verified.

        Raises:
            CheckpointError: when it is missing or does not match its checksum.
        """
        verify_file(self.folder, name, self.checksums)
        return self.folder / name

    def tokenizer(self) -> Tokenizer:
        """Load the tokenizer.

        Raises:
            CheckpointError: when ``tokenizer.json`` cannot be read.
        """
        from tokenizers import Tokenizer

        path = self.file("tokenizer.json")
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except BaseException as error:
            if not is_failure(error):
                raise
            raise CheckpointError(f"{path}: not a readable tokenizer ({one_line(error)}); {COPY}") from error
        pieces = tokenizer.get_vocab_size()
        if pieces > self.vocabulary:
            raise CheckpointError(
                f"{path}: has {pieces} pieces, config.json {self.vocabulary}: the files come from different "
                f"models; {COPY}"
            )
        return tokenizer

    def window_encoder(self) -> WindowEncoder:
        """Return what cuts texts into this checkpoint's windows.

        Raises:
            CheckpointError: when the tokenizer cannot be used or the windows' sizes are impossible.
        """
        tokenizer = self.tokenizer()
        try:
            return WindowEncoder(tokenizer, self.max_length, self.overlap)
        except ValueError as error:
            raise CheckpointError(
                f"{self.folder}: tokenizer.json and config.json do not work together: {error}; {COPY}"
            ) from error


def _find(model: str | Path | None) -> tuple[Path, str]:
    """Return the folder of a model, downloaded if need be, and the model's name."""
    if model is None:
        if not (BUNDLED / "config.json").is_file():
            raise CheckpointError("this installation has no bundled model; name one with --model FOLDER")
        return BUNDLED, "bundled"
    folder = Path(model)
    try:
        if folder.is_dir():
            return folder, folder.resolve().name or str(folder)
        exists = folder.exists()
    except OSError as error:
        raise CheckpointError(f"{quote(str(model))} cannot be opened ({error.strerror})") from error
    if exists:
        raise CheckpointError(
            f"{quote(str(model))} is a file; give its folder, with config.json, model.onnx and others"
        )
    if isinstance(model, str) and _HUB_ID.fullmatch(model):
        return _download(model), model
    raise CheckpointError(
        f"there is no folder {quote(str(model))}; give a checkpoint folder or a hub id like organisation/name"
    )


def _download(model: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(model, allow_patterns=[*VERIFIED, CHECKSUMS]))
    except Exception as error:  # network, hub and cache errors have no common base
        raise CheckpointError(
            f"there is no folder {quote(model)} here, and the hub gave no model of that name "
            f"({one_line(error)}); without a network give the path of a checkpoint folder"
        ) from error


def _window(folder: Path, config: Mapping[str, Any]) -> tuple[int, int]:
    """Return the length of windows and what neighbours share."""
    entry = config.get("conflictner")
    if not isinstance(entry, Mapping):
        raise CheckpointError(
            f"{folder}: config.json has no 'conflictner' entry, so this is not a conflictner checkpoint; "
            "make one with `conflictner train RECIPE` (any encoder can be its start)"
        )
    if entry.get("format") != FORMAT:
        raise CheckpointError(
            f"{folder}: config.json says format {quote(entry.get('format'))}, this version reads {FORMAT}; "
            "update it with `pip install -U conflictner`"
        )
    max_length, overlap = (_whole(folder, entry, name) for name in ("max_length", "overlap"))
    positions = config.get("max_position_embeddings")
    longest = min(positions, _LONGEST) if isinstance(positions, int) else _LONGEST
    if not 8 <= max_length <= longest:
        raise CheckpointError(
            f"{folder}: config.json has max_length {max_length}; accepted are 8 to {longest} pieces; {COPY}"
        )
    return max_length, overlap


def _check_tags(folder: Path, config: Mapping[str, Any], scheme: LabelScheme) -> None:
    named = config.get("id2label")
    tags = {str(index): tag for index, tag in enumerate(scheme.tags)}
    if named != tags:
        count = len(named) if isinstance(named, Mapping) else 0
        raise CheckpointError(
            f"{folder}: labels.json gives {len(tags)} tags, config.json has {count} or other ones: "
            f"the files come from different models; {COPY}"
        )


def _whole(folder: Path, entry: Mapping[str, Any], name: str) -> int:
    value = entry.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise CheckpointError(
            f"{folder}: config.json has {name} {quote(value)}, expected a whole number; {COPY}"
        )
    return value
