"""Speed, start-up time and memory of a model, beside a transformers pipeline with the same weights and spaCy.

All contenders run in one process on the same passages. Runs are interleaved and medians reported, so that a
change in the machine's load meets all of them; single stages and the machine's rate are best times.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .latency import Growth, Latency, measure_growth, measure_latency
from .machine_rate import MachineRate, measure_rate, multiplications_per_piece
from .rivals import Work, pipeline_works, spacy_work, torch_threads
from .sample_texts import long_text
from .stages import Stage, measure_stages
from .start_up import BenchmarkError, StartUp, measure_peak_memory, measure_start_up

if TYPE_CHECKING:
    from ..model.checkpoint import Checkpoint
    from .engines import Engine

__all__ = ["Benchmark", "Run", "benchmark"]

_PROBE = 32  # passages that decide on the pipeline's batch size
_STAGED = 60  # passages whose stages are timed
_LATENCY_WORDS = (50, 200, 800)
_PIPELINE, _SPACY, _MACHINE = "pipeline", "spacy", "machine"
_OPTIONAL = {
    _PIPELINE: ("pipeline to compare with", "train", "torch", "transformers"),
    _SPACY: ("spaCy to compare with", "benchmark", "spacy"),
    _MACHINE: ("rate of the machine", "train", "onnx"),
}


@dataclass(frozen=True, slots=True)
class Run:
    """Throughput with some number of threads.

    Attributes:
        threads: Processor threads of each contender.
        seconds: Median time of the tagger over all passages.
        pipeline_seconds: That of the pipeline, ``None`` when it was not run.
        pipeline_batch: The batch size that suited the pipeline best, likewise.
        spacy_seconds: Median time of spaCy's small tagger, in one thread, ``None`` when it was not run.
    """

    threads: int
    seconds: float
    pipeline_seconds: float | None = None
    pipeline_batch: int | None = None
    spacy_seconds: float | None = None

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
        notes: What was left out, and what to install for it.
        versions: Versions of Python, of the libraries that run the networks, and the machine.
        stages: The parts of a prediction, in one thread.
        rates: The machine's matrix products, one item a number of threads; empty without the library onnx.
        multiplications: Those of the network for a piece, and which share of them is in int8.
        latencies: Times of single texts.
        growth: Times of texts of growing length.
        longest_peak: Most memory of a process that tags the longest of them, in bytes; ``None`` if unknown.
    """

    model: str
    documents: int
    words: int
    tokens: int
    runs: tuple[Run, ...]
    start_up: StartUp
    notes: tuple[str, ...]
    versions: dict[str, str]
    stages: tuple[Stage, ...] = ()
    rates: tuple[MachineRate, ...] = ()
    multiplications: tuple[int, float] | None = None
    latencies: tuple[Latency, ...] = ()
    growth: Growth | None = None
    longest_peak: int | None = None

    def share(self, rate: MachineRate) -> float | None:
        """Return the share of the measured time in which the machine could do the network's products alone.

        For the passages' pieces, without special tokens, at the int8 rate what is in int8 and at the fp32
        rate the rest: 1 would be a machine that does nothing but multiply.
        """
        run = next((run for run in self.runs if run.threads == rate.threads), None)
        if run is None or self.multiplications is None:
            return None
        every, whole = self.multiplications
        least = every * (whole / rate.int8 + (1 - whole) / rate.fp32)
        return self.tokens * least / run.seconds

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
            "stages": [
                {
                    "stage": item.name,
                    "seconds": item.seconds,
                    "tokens_per_second": round(item.pieces / item.seconds),
                }
                for item in self.stages
                if item.seconds > 0
            ],
            "machine": [{**asdict(rate), "share": self.share(rate)} for rate in self.rates],
            "multiplications_per_token": self.multiplications and self.multiplications[0],
            "latencies": [asdict(item) for item in self.latencies],
            "growth": self.growth and asdict(self.growth),
            "longest_peak_memory_bytes": self.longest_peak,
            "notes": list(self.notes),
            "versions": self.versions,
        }

    def _run(self, run: Run) -> dict[str, Any]:
        record: dict[str, Any] = {"threads": run.threads, "conflictner": self._speed(run.seconds)}
        if run.pipeline_seconds is not None and run.ratio is not None:
            record["pipeline"] = {**self._speed(run.pipeline_seconds), "batch_size": run.pipeline_batch}
            record["ratio"] = round(run.ratio, 2)
        if run.spacy_seconds is not None:
            record["spacy"] = self._speed(run.spacy_seconds)
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
    longest: int = 100_000,
    say: Callable[[str], None] = lambda _: None,
) -> Benchmark:
    """Measure a model on some passages.

    Args:
        model: As in :meth:`Tagger.load`.
        passages: What is tagged; at least one that has words.
        threads: Numbers of processor threads to measure with.
        rounds: Timed runs of each contender, of which the median counts; at least 1.
        longest: Bytes of the longest single text, at least 10,000.
        say: Takes a line before each stage.

    Raises:
        BenchmarkError: when there is nothing to tag.
        CheckpointError: when the model cannot be loaded.
    """
    from ..model.checkpoint import Checkpoint
    from .tagger import Tagger

    words = sum(len(passage.split()) for passage in passages)
    if not words:
        raise BenchmarkError("no passages with words to measure on; give a --data file that has some")
    checkpoint = Checkpoint.load(model)
    tokenizer = checkpoint.tokenizer()
    tokens = sum(len(tokenizer.encode(passage, add_special_tokens=False).ids) for passage in passages)
    say("measuring start-up and memory in processes of their own")  # while this one is small
    start_up = measure_start_up(model, passages, rounds)
    peak = measure_peak_memory(model, [long_text(passages, longest)])
    notes = {name: _lacking(*packages) for name, packages in _OPTIONAL.items()}
    runs = []
    for count in threads:
        say(f"measuring throughput with {count} thread{'s' * (count != 1)}")
        runs.append(_measure(checkpoint, passages, count, rounds, notes))
    say("measuring stages, the machine, single texts and long ones")
    tagger = Tagger.load(checkpoint.folder, threads=max(threads))
    rates = [measure_rate(count, rounds) for count in threads] if not notes[_MACHINE] else []
    onnx_file = checkpoint.folder / "model.onnx"
    return Benchmark(
        checkpoint.name,
        len(passages),
        words,
        tokens,
        tuple(runs),
        start_up,
        tuple(note for note in notes.values() if note),
        _versions(not notes[_PIPELINE]),
        measure_stages(tagger, _engines(checkpoint, not notes[_PIPELINE]), passages[:_STAGED], rounds),
        tuple(rates),
        multiplications_per_piece(onnx_file) if rates and onnx_file.exists() else None,
        tuple(measure_latency(tagger, passages, words, 10 * rounds) for words in _LATENCY_WORDS),
        measure_growth(tagger, passages, longest, rounds),
        peak,
    )


def _lacking(what: str, extra: str, *packages: str) -> str:
    """Return why something is left out, or nothing."""
    lacking = [name for name in packages if importlib.util.find_spec(name) is None]
    return (
        f"no {what}, {' and '.join(lacking)} missing: pip install 'conflictner[{extra}]'" if lacking else ""
    )


def _engines(checkpoint: Checkpoint, with_torch: bool) -> dict[str, Engine]:
    """Open the engines whose network stage is timed, each with one thread."""
    from .engines import TorchEngine, open_engine

    engines = {"onnx": open_engine(checkpoint, None, "cpu", 1)}
    if with_torch:
        engines["torch"] = TorchEngine(checkpoint)
    return engines


def _measure(
    checkpoint: Checkpoint, passages: Sequence[str], threads: int, rounds: int, notes: Mapping[str, str]
) -> Run:
    """Time the contenders in turn, after a warm-up."""
    probe = passages[:_PROBE]
    works = {"own": _tagger_work(checkpoint, threads)}
    if not notes[_SPACY] and threads == 1:
        works["spacy"] = spacy_work(probe)
    batch = None
    with contextlib.ExitStack() as stack:
        if not notes[_PIPELINE]:
            stack.enter_context(torch_threads(threads))
            pipelines = pipeline_works(checkpoint)
            for work in pipelines.values():
                _time(work, probe[: _PROBE // 4])
            batch = min(pipelines, key=lambda size: _time(pipelines[size], probe))
            works["pipeline"] = pipelines[batch]
        for work in works.values():
            _time(work, probe)
        taken: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(rounds):
            for name, work in works.items():
                taken[name].append(_time(work, passages))
    median = {name: statistics.median(times) for name, times in taken.items()}
    return Run(threads, median["own"], median.get("pipeline"), batch, median.get("spacy"))


def _time(work: Work, passages: Sequence[str]) -> float:
    begin = time.perf_counter()
    done = work(passages)
    taken = time.perf_counter() - begin
    assert done == len(passages), f"{done} results for {len(passages)} passages"
    return taken


def _tagger_work(checkpoint: Checkpoint, threads: int) -> Work:
    from .tagger import Tagger

    tagger = Tagger.load(checkpoint.folder, threads=threads)
    return lambda passages: sum(1 for _ in tagger.predict_batch(passages))


def _versions(with_pipeline: bool) -> dict[str, str]:
    from importlib.metadata import version

    names = ["conflictner", "onnxruntime", *(["torch", "transformers"] if with_pipeline else [])]
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in names},
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
    }
