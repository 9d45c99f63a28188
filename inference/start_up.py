"""What a new process needs to import the package, to tag a first sentence, and in memory."""

from __future__ import annotations

import importlib.util
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..data.errors import ConflictnerError

__all__ = ["BenchmarkError", "StartUp", "measure_peak_memory", "measure_start_up"]

_IMPORT = "from conflictner.inference import Tagger"
_FIRST = """
import sys
from conflictner.inference import Tagger
Tagger.load(sys.argv[1] or None).predict("Rebels shelled a village, killing three people, officials said.")
"""
_MEMORY = """
import json, sys
from pathlib import Path
from conflictner.inference import Tagger
for _ in Tagger.load(sys.argv[1] or None).predict_batch(json.load(sys.stdin)):
    pass
status = Path("/proc/self/status")
if status.exists():  # ru_maxrss of a child starts from its parent's there
    peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM")).split()[1]
    print(int(peak) * 1024)
else:
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
"""


class BenchmarkError(ConflictnerError):
    """Something that keeps a benchmark from being run."""


@dataclass(frozen=True, slots=True)
class StartUp:
    """What a new process needs.

    Attributes:
        import_seconds: Median time of a process that imports ``Tagger`` and ends.
        first_prediction_seconds: Median time of one that loads the model, tags a sentence and ends.
        peak_memory: Most memory of one that tags all passages, in bytes; ``None`` where unknown.
    """

    import_seconds: float
    first_prediction_seconds: float
    peak_memory: int | None


def measure_start_up(model: str | Path | None, passages: Sequence[str], rounds: int) -> StartUp:
    """Measure what new processes need to import, to tag a first sentence, and to tag all passages.

    Args:
        model: As in :meth:`Tagger.load`.
        passages: Texts for the measurement of memory.
        rounds: Processes of each kind for the times, of which the median counts.

    Raises:
        BenchmarkError: when a process fails.
    """
    name = "" if model is None else str(model)
    times: dict[str, list[float]] = {_IMPORT: [], _FIRST: []}
    for _ in range(rounds + 1):
        for code, taken in times.items():
            begin = time.perf_counter()
            _run_python(code, name)
            taken.append(time.perf_counter() - begin)
    imported, first = (
        statistics.median(taken[1:]) for taken in times.values()
    )  # the first fills the disk cache
    return StartUp(imported, first, measure_peak_memory(model, passages))


def measure_peak_memory(model: str | Path | None, texts: Sequence[str]) -> int | None:
    """Return the most memory of a new process that tags some texts, in bytes; ``None`` where unknown.

    Args:
        model: As in :meth:`Tagger.load`.
        texts: What it tags.

    Raises:
        BenchmarkError: when the process fails.
    """
    if importlib.util.find_spec("resource") is None:
        return None
    return int(_run_python(_MEMORY, "" if model is None else str(model), json.dumps(list(texts))))


def _run_python(code: str, argument: str, content: str = "") -> str:
    done = subprocess.run(  # noqa: S603 - this Python, and code that stands above
        [sys.executable, "-c", code, argument],
        input=content,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise BenchmarkError(f"a process of the benchmark failed: {reason}")
    return done.stdout
