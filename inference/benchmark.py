"""Speed, start-up time and memory of a model, beside a transformers pipeline with the same weights.

All contenders run in one process on the same passages; runs are interleaved and medians reported, so that a
change in the machine's load meets all of them.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .start_up import BenchmarkError, StartUp, measure_start_up

if TYPE_CHECKING:
    from ..model.checkpoint import Checkpoint

__all__ = ["Benchmark", "Run", "benchmark", "make_passages"]

#: Batch sizes that the pipeline is tried with; its best one counts.
PIPELINE_BATCHES = (1, 8, 32)
_PROBE = 32  # passages that decide on the pipeline's batch size
_SHORTEST, _LONGEST = 10, 400  # words of a generated passage

_Work = Callable[[Sequence[str]], int]


@dataclass(frozen=True, slots=True)
class Run:
    """Throughput with some number of threads.

    Attributes:
        threads: Processor threads of each contender.
        seconds: Median time of the tagger over all passages.
        pipeline_seconds: That of the pipeline, ``None`` when it was not run.
        pipeline_batch: The batch size that suited the pipeline best, likewise.
    """

    threads: int
    seconds: float
    pipeline_seconds: float | None = None
    pipeline_batch: int | None = None

    @property
    def ratio(self) -> float | None:
        """How many times as fast as the pipeline the tagger is."""
        return None if self.pipeline_seconds is None else self.pipeline_seconds / self.seconds


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What was measured.

    Attributes:
        model: The model's name.
        documents: Number of passages.
        words: Their words, separated by white space.
        tokens: Their word pieces, without special tokens.
        runs: Throughput, one item a number of threads.
        start_up: Start-up times and memory.
        note: Why there is no pipeline to compare with, or ``None``.
        versions: Versions of Python, of the libraries that run the networks, and the machine.
    """

    model: str
    documents: int
    words: int
    tokens: int
    runs: tuple[Run, ...]
    start_up: StartUp
    note: str | None
    versions: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types; speeds per second, times in seconds, memory in bytes."""
        return {
            "model": self.model,
            "documents": self.documents,
            "words": self.words,
            "tokens": self.tokens,
            "runs": [self._run(run) for run in self.runs],
            "import_seconds": round(self.start_up.import_seconds, 3),
            "first_prediction_seconds": round(self.start_up.first_prediction_seconds, 3),
            "peak_memory_bytes": self.start_up.peak_memory,
            "note": self.note,
            "versions": self.versions,
        }

    def _run(self, run: Run) -> dict[str, Any]:
        record: dict[str, Any] = {"threads": run.threads, "conflictner": self._speed(run.seconds)}
        if run.pipeline_seconds is not None and run.ratio is not None:
            record["pipeline"] = {**self._speed(run.pipeline_seconds), "batch_size": run.pipeline_batch}
            record["ratio"] = round(run.ratio, 2)
        return record

    def _speed(self, seconds: float) -> dict[str, float]:
        return {
            "seconds": round(seconds, 3),
            "documents_per_second": round(self.documents / seconds, 1),
            "tokens_per_second": round(self.tokens / seconds, 1),
        }


def benchmark(
    model: str | Path | None,
    passages: Sequence[str],
    *,
    threads: Sequence[int] = (1, 2),
    rounds: int = 3,
    say: Callable[[str], None] = lambda _: None,
) -> Benchmark:
    """Measure a model on some passages.

    Args:
        model: As in :meth:`Tagger.load`.
        passages: What is tagged; at least one that has words.
        threads: Numbers of processor threads to measure with.
        rounds: Timed runs of each contender, of which the median counts; at least 1.
        say: Takes a line before each stage.

    Raises:
        BenchmarkError: when there is nothing to tag.
        CheckpointError: when the model cannot be loaded.
    """
    from ..model.checkpoint import Checkpoint

    words = sum(len(passage.split()) for passage in passages)
    if not words:
        raise BenchmarkError("no passages with words to measure on; give a --data file that has some")
    checkpoint = Checkpoint.load(model)
    tokenizer = checkpoint.tokenizer()
    tokens = sum(len(tokenizer.encode(passage, add_special_tokens=False).ids) for passage in passages)
    say("measuring start-up and memory in processes of their own")  # while this one is small
    start_up = measure_start_up(model, passages, rounds)
    lacking = [name for name in ("torch", "transformers") if importlib.util.find_spec(name) is None]
    note = None
    if lacking:
        note = (
            f"no pipeline to compare with, {' and '.join(lacking)} missing: pip install 'conflictner[train]'"
        )
    runs = []
    for count in threads:
        say(f"measuring throughput with {count} thread{'s' * (count != 1)}")
        runs.append(_measure(checkpoint, passages, count, rounds, with_pipeline=not lacking))
    return Benchmark(
        checkpoint.name, len(passages), words, tokens, tuple(runs), start_up, note, _versions(not lacking)
    )


def make_passages(texts: Sequence[str], count: int, seed: int = 0) -> list[str]:
    """Make passages of 10 to 400 words, evenly spread, from sentences of ``texts`` in random order.

    Args:
        texts: At least one with words.
        count: How many to make, at least 1.
        seed: The same seed gives the same passages.

    Raises:
        BenchmarkError: when ``texts`` hold no word.
    """
    if not any(text.split() for text in texts):
        raise BenchmarkError("there are no words to make passages of")
    chance = random.Random(seed)  # noqa: S311 - no secret
    passages = []
    for _ in range(count):
        length = chance.randint(_SHORTEST, _LONGEST)
        words: list[str] = []
        while len(words) < length:
            words += chance.choice(texts).split()
        passages.append(" ".join(words[:length]))
    return passages


def _measure(
    checkpoint: Checkpoint, passages: Sequence[str], threads: int, rounds: int, *, with_pipeline: bool
) -> Run:
    """Time the contenders in turn, after a warm-up."""
    tagger = _tagger_work(checkpoint, threads)
    probe = passages[:_PROBE]
    _time(tagger, probe)
    if not with_pipeline:
        return Run(threads, statistics.median(_time(tagger, passages) for _ in range(rounds)))
    with _torch_threads(threads):
        pipelines = _pipeline_works(checkpoint)
        for work in pipelines.values():
            _time(work, probe[: _PROBE // 4])
        best = min(pipelines, key=lambda size: _time(pipelines[size], probe))
        own, other = [], []
        for _ in range(rounds):
            own.append(_time(tagger, passages))
            other.append(_time(pipelines[best], passages))
    return Run(threads, statistics.median(own), statistics.median(other), best)


def _time(work: _Work, passages: Sequence[str]) -> float:
    begin = time.perf_counter()
    done = work(passages)
    taken = time.perf_counter() - begin
    assert done == len(passages), f"{done} results for {len(passages)} passages"
    return taken


def _tagger_work(checkpoint: Checkpoint, threads: int) -> _Work:
    from .tagger import Tagger

    tagger = Tagger.load(checkpoint.folder, threads=threads)
    return lambda passages: sum(1 for _ in tagger.predict_batch(passages))


def _pipeline_works(checkpoint: Checkpoint) -> dict[int, _Work]:
    """Build a single-precision pipeline with windows like the tagger's, for each batch size."""
    import torch
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(
        str(checkpoint.folder), model_max_length=checkpoint.max_length, trust_remote_code=False
    )
    pipeline: Any = transformers.pipeline(
        "token-classification",
        model=str(checkpoint.folder),
        tokenizer=tokenizer,
        device="cpu",
        dtype=torch.float32,
        trust_remote_code=False,
        aggregation_strategy="simple",
        stride=checkpoint.overlap,
    )

    def work(size: int) -> _Work:
        return lambda passages: sum(1 for _ in pipeline(list(passages), batch_size=size))

    return {size: work(size) for size in PIPELINE_BATCHES}


@contextmanager
def _torch_threads(threads: int) -> Iterator[None]:
    import torch
    import transformers

    logging: Any = transformers.logging
    before, verbosity = torch.get_num_threads(), logging.get_verbosity()
    torch.set_num_threads(threads)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        torch.set_num_threads(before)
        logging.set_verbosity(verbosity)
        logging.enable_progress_bar()


def _versions(with_pipeline: bool) -> dict[str, str]:
    from importlib.metadata import version

    names = ["conflictner", "onnxruntime", *(["torch", "transformers"] if with_pipeline else [])]
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in names},
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
    }
