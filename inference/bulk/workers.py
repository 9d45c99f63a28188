"""Workers: what tags in a process of a cluster; it travels there without the model, which is loaded once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..prediction import Prediction
from ..tagger import Tagger

__all__ = ["Worker"]


@dataclass(frozen=True, slots=True)
class Worker:
    """Tags texts with a model that its process loads when the first is needed.

    Attributes:
        model: See :meth:`Tagger.load`, as for the next four; a path must lead to it on every machine.
        engine: What runs the network.
        device: Where it runs.
        threads: Processor threads.
        verify: Whether the model's files are checked.
        thresholds: See :meth:`Tagger.predict`.
        batch_tokens: See :meth:`Tagger.predict_batch`.
    """

    model: str | None = None
    engine: str = "onnx"
    device: str = "cpu"
    threads: int = 1
    verify: bool = True
    thresholds: Mapping[str, float] | float | None = None
    batch_tokens: int = 1024

    @property
    def tagger(self) -> Tagger:
        """The process's tagger.

        Raises:
            CheckpointError: when the model cannot be loaded; EngineError when its engine cannot.
        """
        return _load(self.model, self.engine, self.device, self.threads, self.verify)

    def predict(self, texts: Sequence[str | None]) -> list[Prediction | None]:
        """Tag some texts; where there is none, there is no prediction."""
        predictions: Iterator[Prediction] = self.tagger.predict_batch(
            (text for text in texts if text is not None),
            batch_tokens=self.batch_tokens,
            thresholds=self.thresholds,
        )
        return [None if text is None else next(predictions) for text in texts]


@lru_cache(maxsize=1)
def _load(model: str | None, engine: str, device: str, threads: int, verify: bool) -> Tagger:
    return Tagger.load(model, engine=engine, device=device, threads=threads, verify=verify)
