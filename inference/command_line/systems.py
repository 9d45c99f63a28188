"""What is measured: a model, or the predictions of any system in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .choices import EngineName

if TYPE_CHECKING:
    from rich.console import Console

    from ...data.documents import Document
    from ...model.labels import LabelScheme
    from ..prediction import Prediction

__all__ = ["System", "open_system", "watched"]

_BUNDLED = "bundled"


@dataclass(frozen=True)
class System:
    """A system that is measured.

    Attributes:
        name: What to call it.
        scheme: The labels it may predict.
        predict: Gives every span that it finds in documents, whatever its score.
        least_scores: Gives the threshold of each label, from thresholds by label or its own.
        reads: Whether it reads any text, as a model does and a file of predictions does not.
    """

    name: str
    scheme: LabelScheme
    predict: Callable[[Sequence[Document]], Iterator[Prediction]]
    least_scores: Callable[[Mapping[str, float] | None], Mapping[str, float]]
    reads: bool


def open_system(
    name: str | None,
    gold: Sequence[Document],
    skipped: int = 0,
    *,
    engine: EngineName | None = None,
    device: str = "cpu",
    threads: int | None = None,
    verify: bool = True,
) -> System:
    """Open what a user named.

    Args:
        name: A file of predictions, a checkpoint folder, a hub id, or ``None`` or ``"bundled"`` for the
            bundled model.
        gold: The documents that predictions in a file are of.
        skipped: How many records of these could not be read.
        engine: What runs a model's network; ``None`` for ONNX where it has a file for that.
        device: Where it runs.
        threads: Processor threads; ``None`` for one per core.
        verify: Whether to check a model's files against their checksums.

    Raises:
        ConflictnerError: when it cannot be opened.
    """
    if name is not None and Path(name).is_file():
        return _from_file(Path(name), gold, skipped)
    from ..tagger import Tagger

    model = None if name == _BUNDLED and not Path(name).exists() else name
    tagger = Tagger.load(model, engine=engine, device=device, threads=threads, verify=verify)

    def predict(documents: Sequence[Document]) -> Iterator[Prediction]:
        return tagger.predict_batch((document.text for document in documents), thresholds=0.0)

    return System(tagger.name, tagger.scheme, predict, tagger.least_scores, reads=True)


def watched(
    predictions: Iterator[Prediction], number: int, errors: Console, what: str = "tagging"
) -> Iterator[Prediction]:
    """Pass predictions through, with a progress bar when standard error is a terminal."""
    if not errors.is_terminal:
        yield from predictions
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=errors, transient=True) as progress:
        yield from progress.track(predictions, total=number)


def _from_file(path: Path, gold: Sequence[Document], skipped: int) -> System:
    from ..evaluation.prediction_file import read_predictions
    from ..tagger import ThresholdError

    predictions, scheme = read_predictions(path, gold, skipped)

    def predict(documents: Sequence[Document]) -> Iterator[Prediction]:
        assert documents is gold
        return iter(predictions)

    def least_scores(thresholds: Mapping[str, float] | None) -> Mapping[str, float]:
        unknown = [label for label in thresholds or () if label not in scheme.table]
        if unknown:
            raise ThresholdError(
                f"no label {unknown[0]!r} to set a threshold for; {path} has {', '.join(scheme.table)}"
            )
        return {**dict.fromkeys(scheme.table, 0.0), **(thresholds or {})}

    return System(str(path), scheme, predict, least_scores, reads=False)
