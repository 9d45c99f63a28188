"""Forks: kept apart from work in native code, whose locks a child process would find taken for ever."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["native_work"]


class _Gate:
    """Lets any number of threads work, and a fork happen only while none of them does."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._inside: set[int] = set()
        self._forks = 0  # under way; while one is, nobody enters

    def enter(self) -> None:
        with self._change:
            while self._forks:
                self._change.wait()
            self._inside.add(threading.get_ident())

    def leave(self) -> None:
        with self._change:
            self._inside.discard(threading.get_ident())
            self._change.notify_all()

    def close(self) -> None:
        """Let nobody in, and wait for those inside but the caller, whom a signal may have caught there."""
        self._change.acquire()
        self._forks += 1
        while self._inside - {threading.get_ident()}:
            self._change.wait()

    def open(self) -> None:
        self._forks -= 1
        self._change.notify_all()
        self._change.release()

    def renew(self) -> None:
        """Be open in a child, where none of the parent's other threads is."""
        self._change, self._inside, self._forks = threading.Condition(), set(), 0


_gate = _Gate()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_gate.close, after_in_parent=_gate.open, after_in_child=_gate.renew)


@contextmanager
def native_work() -> Iterator[None]:
    """Hold off forks of this process while the block runs; the fork waits, and does not fail."""
    _gate.enter()
    try:
        yield
    finally:
        _gate.leave()
