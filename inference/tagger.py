"""The tagger: texts in, predictions out."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from numbers import Real
from pathlib import Path
from typing import Any

from ..data.errors import ConflictnerError
from ..data.quotes import quote
from ..model.checkpoint import Checkpoint
from ..model.labels import LabelScheme
from .engines import Engine, open_engine
from .prediction import Prediction
from .stream import PredictionStream

__all__ = ["Tagger", "ThresholdError", "predict"]


class ThresholdError(ConflictnerError, ValueError):
    """A threshold for a label the model does not have, or outside [0, 1]."""


class Tagger:
    """Tags texts with the labels of one checkpoint.

    Use :meth:`load`. Many threads may use one tagger at once. In a forked child it works on, on a CPU,
    whatever the parent's threads were doing; a torch tagger goes on in one thread. It pickles as its model's
    place and settings, so that spawned workers, joblib and ``concurrent.futures`` take it and open the model
    for themselves. What :meth:`predict_batch` returns belongs to the thread and the process that asked for
    it; dropped half-way, it leaves neither threads nor memory behind.

    Attributes:
        checkpoint: Where scheme, calibration and windows come from.
    """

    def __init__(self, checkpoint: Checkpoint, engine: Engine) -> None:
        self.checkpoint = checkpoint
        self._engine = engine
        self._encoder = checkpoint.window_encoder()
        self._settings: tuple[Any, ...] | None = None

    @classmethod
    def load(
        cls,
        model: str | Path | None = None,
        *,
        engine: str | None = None,
        device: str = "cpu",
        threads: int | None = None,
        verify: bool = True,
    ) -> Tagger:
        """Load a model.

        Args:
            model: A checkpoint folder, a hub id, or ``None`` for the bundled model.
            engine: ``"onnx"`` (needs no torch) or ``"torch"``; ``None`` for the first, where the checkpoint
                has an ONNX file.
            device: ``"cpu"`` or, where the engine has it, ``"cuda"``.
            threads: Processor threads to use; ``None`` for one per core.
            verify: Whether to check every file against ``checksums.json``.

        Raises:
            CheckpointError: when the folder is missing, incomplete, changed or of another kind.
            EngineError: when the engine or device is unknown or not installed.
        """
        checkpoint = Checkpoint.load(model, verify)
        tagger = cls(checkpoint, open_engine(checkpoint, engine, device, threads))
        if model is not None and checkpoint.folder == Path(model):
            model = checkpoint.folder.absolute()
        tagger._settings = (model, engine, device, threads, verify)
        return tagger

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what :meth:`load` was given.

        Raises:
            TypeError: for a tagger that was made of an engine.
        """
        if self._settings is None:
            raise TypeError("only a tagger made by Tagger.load can be pickled, not one made of an engine")
        return _load, self._settings

    def __repr__(self) -> str:
        """Return the model's name, the folder it is in, and its labels."""
        labels = ", ".join(self.scheme.table)
        return f"<Tagger {self.name} from {self.checkpoint.folder}: {labels}>"

    @property
    def scheme(self) -> LabelScheme:
        """Return the model's label scheme."""
        return self.checkpoint.scheme

    @property
    def name(self) -> str:
        """Return the model's name for reports."""
        return self.checkpoint.name

    def predict(self, text: str, *, thresholds: Mapping[str, float] | float | None = None) -> Prediction:
        """Tag one text of any length.

        Args:
            text: Any Unicode text.
            thresholds: Least score of a span, in [0, 1], for all labels or by label. A label without one has
                the model's own, which was chosen on its dev data for the best F1; 0 keeps every span.

        Raises:
            TypeError: when ``text`` is not a string.
            ThresholdError: for an unknown label or a value outside [0, 1].
        """
        return next(self.predict_batch([_string(text)], thresholds=thresholds))

    def predict_batch(
        self,
        texts: Iterable[str],
        *,
        batch_tokens: int = 1024,
        thresholds: Mapping[str, float] | float | None = None,
    ) -> Iterator[Prediction]:
        """Tag many texts, lazily, in order, with bounded memory.

        Texts are read ahead until they fill 32 batches, which are then sorted by length, and with several
        threads until they fill 32 more while these are run: a lower ``batch_tokens`` gives the first
        predictions of a slow source sooner.

        Args:
            texts: Any iterable of strings, endless ones included.
            batch_tokens: Most pieces in one run of the network, padding included; at least one window runs.
                Small batches stay in a processor's cache; a GPU wants 8192 and more.
            thresholds: As in :meth:`predict`.

        Yields:
            One prediction a text.

        Raises:
            TypeError: when ``texts`` is a single string, or one of them is not a string, or ``batch_tokens``
                is not a whole number.
            ThresholdError: for an unknown label or a value outside [0, 1].
            ValueError: when ``batch_tokens`` is not positive.
        """
        if isinstance(texts, (str, bytes)):
            raise TypeError(
                f"texts must be an iterable of strings, got {type(texts).__name__}; use predict(text) for one"
            )
        if not isinstance(batch_tokens, int):
            raise TypeError(f"batch_tokens must be a whole number, got {type(batch_tokens).__name__}")
        if batch_tokens < 1:
            raise ValueError(f"batch_tokens must be at least 1, got {batch_tokens}")
        least = self.least_scores(thresholds)
        stream = PredictionStream(self.checkpoint, self._engine, self._encoder, batch_tokens, least)
        return stream.predictions(_string(text, f"texts[{number}]") for number, text in enumerate(texts))

    def least_scores(self, thresholds: Mapping[str, float] | float | None) -> dict[str, float]:
        """Return the least score of a span of each label that thresholds, or the model's own, come to.

        Args:
            thresholds: As in :meth:`predict`.

        Raises:
            ThresholdError: for an unknown label or a value outside [0, 1].
        """
        least: dict[str, float] = dict.fromkeys(self.scheme.table, self.checkpoint.calibration.span_threshold)
        if thresholds is None:
            return least
        if not isinstance(thresholds, Mapping):
            thresholds = dict.fromkeys(self.scheme.table, thresholds)
        for label, value in thresholds.items():
            if label not in self.scheme.table:
                raise ThresholdError(
                    f"no label {quote(label)} to set a threshold for; the model has "
                    f"{', '.join(self.scheme.table)}"
                )
            if not _is_share(value):
                raise ThresholdError(
                    f"the threshold of {label} must be a number from 0 to 1, got {quote(value)}"
                )
            least[label] = float(value)
        return least


_bundled: Tagger | None = None
_bundled_lock = threading.Lock()


def predict(text: str, *, thresholds: Mapping[str, float] | float | None = None) -> Prediction:
    """Tag one text with the bundled model, which is loaded once.

    Args:
        text: Any Unicode text.
        thresholds: As in :meth:`Tagger.predict`.

    Raises:
        TypeError: when ``text`` is not a string.
    """
    global _bundled
    _string(text)
    if _bundled is None:
        with _bundled_lock:
            if _bundled is None:
                _bundled = Tagger.load()
    return _bundled.predict(text, thresholds=thresholds)


def _load(
    model: str | Path | None, engine: str | None, device: str, threads: int | None, verify: bool
) -> Tagger:
    """Load a tagger that was pickled."""
    return Tagger.load(model, engine=engine, device=device, threads=threads, verify=verify)


def _renew_lock() -> None:
    """Make a free lock in a forked child: a thread that only the parent has may hold the old one."""
    global _bundled_lock
    _bundled_lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


def _is_share(value: Any) -> bool:
    """Whether ``value`` is a number, of numpy or of Python, from 0 to 1."""
    return not isinstance(value, bool) and isinstance(value, Real) and 0 <= float(value) <= 1


def _string(text: str, name: str = "text") -> str:
    if not isinstance(text, str):
        raise TypeError(f"{name} must be a string, got {type(text).__name__}")
    return text
