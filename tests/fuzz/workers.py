"""Workers: processes in which inputs are tried, so that a hang, a crash or a blow-up ends none but them.

A worker takes one input after another. Each has a limit of processor time, not of the clock, for machines are
busy, and of memory that it may take more than the worker had when its libraries were loaded.
"""

import json
import mmap
import os
import random
import resource
import shutil
import signal
import struct
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from .target import Files, Target

__all__ = ["Tally", "draw_of", "limited", "replay", "run_target", "write_files"]

_SECONDS = 20.0  # of processor time an input may take
_KILLED = 60  # seconds of it after which the system ends a worker that cannot be interrupted
_STUCK = 6000  # looks, 20 a second on an idle machine, after which a worker that only waits is given up
_MEGABYTES = 1024  # of address space that an input may take
_GROWTH = 400  # megabytes by which the most memory of a process may grow in an input
_KEPT = 3  # inputs kept of findings that look the same
_COUNTS = struct.Struct("<5qd")  # the input at work, read, refused, findings, cases; when to end


class Tally:
    """What a target's inputs came to, shared between processes."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _COUNTS.size)

    def get(self) -> tuple[int, int, int, int, int]:
        """Return the number of the input at work, and how many were read, refused, findings, cases."""
        number, read, refused, findings, cases, _ = _COUNTS.unpack(self._memory[: _COUNTS.size])
        return number, read, refused, findings, cases

    def set(self, *counts: int) -> None:
        """Set all of them."""
        self._memory[: _COUNTS.size] = _COUNTS.pack(*counts, self.end)

    def add(self, outcome: str, cases: int = 0) -> None:
        """Count an input that is done."""
        number, read, refused, findings, all_cases = self.get()
        counts = {"read": read, "refused": refused, "finding": findings}
        counts[outcome] += 1
        self.set(number + 1, *counts.values(), all_cases + cases)

    @property
    def end(self) -> float:
        """When to end, by :func:`time.monotonic`; 0 before the first input."""
        return float(_COUNTS.unpack(self._memory[: _COUNTS.size])[-1])

    def begin(self, seconds: float) -> None:
        """Set when to end, if that is not set."""
        if not self.end:
            counts = self.get()
            self._memory[: _COUNTS.size] = _COUNTS.pack(*counts, time.monotonic() + seconds)

    def is_over(self) -> bool:
        """Whether the time is over."""
        return 0 < self.end < time.monotonic()


def draw_of(target: Target, seed: int, number: int) -> random.Random | None:
    """Return what decides an input; the first is as it should be."""
    return random.Random(f"{seed}-{target.name}-{number}") if number else None


def write_files(folder: Path, files: Files) -> None:
    """Write an input into a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@contextmanager
def limited(seconds: float | None = None) -> Iterator[None]:
    """Interrupt what takes too much of the processor."""

    seconds = _SECONDS if seconds is None else seconds

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"longer than {seconds} s of the processor's time")

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def run_target(
    target: Target, seed: int, first: int, last: int, findings: Path, seconds: float
) -> tuple[Tally, float]:
    """Try inputs in workers, until all are done or the time is over.

    Args:
        target: What to try.
        seed: Of all inputs.
        first: Number of the first input.
        last: Number behind the last.
        findings: Where findings go.
        seconds: How long, once a worker is ready.

    Returns:
        The counts, and the seconds of processor time that it took.
    """
    tally = Tally()
    tally.set(first, 0, 0, 0, 0)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    while tally.get()[0] < last and not tally.is_over():
        worker = os.fork()
        if not worker:
            status = 1
            try:
                _work(target, seed, last, findings, seconds, tally)
                status = 0
            except BaseException:  # noqa: BLE001 - a child must never go on as its parent
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(status)
        reason = _wait(worker, tally)
        if reason is not None:
            number = tally.get()[0]
            _keep(target, seed, number, findings, reason, reason)
            tally.add("finding")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return tally, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _wait(worker: int, tally: Tally) -> str | None:
    """Wait for a worker; return why it died, ``None`` when it did not."""
    number = looks = 0
    while looks < _STUCK:
        done, status = os.waitpid(worker, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            if code == 0:
                return None
            return f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        number, before = tally.get()[0], number
        looks = looks + 1 if number == before else 0
        time.sleep(0.05)
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    return "stuck"


def _work(target: Target, seed: int, last: int, findings: Path, seconds: float, tally: Tally) -> None:
    """Try inputs until one ends the process."""
    findings.mkdir(parents=True, exist_ok=True)
    with (findings / "stderr.txt").open("ab") as log:
        os.dup2(log.fileno(), 2)  # progress bars, and what libraries say before they crash
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    kinds: Counter[str] = Counter()
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as place:
        folder = Path(place) / "input"
        _try(target, folder, target.files(None))  # libraries are loaded
        peak = _peak()
        _limit_memory()
        tally.begin(seconds)
        while (number := tally.get()[0]) < last and not tally.is_over():
            _limit_processor()
            files = target.files(draw_of(target, seed, number))
            try:
                outcome = "read" if _try(target, folder, files) else "refused"
                grown, peak = _peak() - peak, _peak()
                assert grown < _GROWTH, f"took {grown} MB of memory"
            except BaseException as error:  # whatever it is, it is what is looked for
                if number == 0:
                    raise
                outcome, peak = "finding", _peak()
                kind = _kind(error)
                kinds[kind] += 1
                if kinds[kind] <= _KEPT:
                    _keep(target, seed, number, findings, kind, traceback.format_exc())
            tally.add(outcome, target.cases)


def _try(target: Target, folder: Path, files: Files) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    write_files(folder, files)
    with limited():
        return target.check(folder)


def _limit_memory() -> None:
    """Let this process take some more address space than it has."""
    status = Path("/proc/self/statm")
    if status.is_file():
        size = int(status.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + (_MEGABYTES << 20), resource.RLIM_INFINITY))


def _limit_processor() -> None:
    """Let the system end this process when nothing else can."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime) + _KILLED
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def _peak() -> int:
    """Return the most memory this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def _kind(error: BaseException) -> str:
    """Return the same for errors that most likely have one cause."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "fuzz" not in Path(frame.filename).parts] or frames
    return f"{type(error).__name__} at {Path(own[-1].filename).name}:{own[-1].lineno}"


def _keep(target: Target, seed: int, number: int, findings: Path, kind: str, report: str) -> None:
    """Write an input, and what it led to, where it can be replayed from."""
    folder = findings / f"{target.name}-{seed}-{number}"
    write_files(folder / "input", target.files(draw_of(target, seed, number)))
    record = {"target": target.name, "seed": seed, "number": number, "kind": kind}
    (folder / "finding.json").write_text(json.dumps(record) + "\n", encoding="utf-8")
    (folder / "report.txt").write_text(report, encoding="utf-8", errors="backslashreplace")
    print(f"  {kind}: {folder}", flush=True)


def replay(target: Target, folder: Path) -> bool:
    """Try the input of a finding in this process; return whether it is read.

    Raises:
        Exception: what was found, if it is still so.
    """
    with tempfile.TemporaryDirectory() as place:
        shutil.copytree(folder / "input", Path(place) / "input")
        with limited():
            return target.check(Path(place) / "input")
