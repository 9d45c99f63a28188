"""Models: a small one that nobody trained, made once."""

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

from ..tiny_model import write_tiny_checkpoint

__all__ = ["tiny_model"]


@cache
def tiny_model() -> Path:
    """Make the model in a process of its own, for the threads that torch starts there are of no use here."""
    place = Path(tempfile.mkdtemp(prefix="conflictner-fuzz-"))
    maker = os.getpid()
    atexit.register(lambda: os.getpid() == maker and shutil.rmtree(place, ignore_errors=True))
    worker = os.fork()
    if not worker:
        status = 1
        try:
            write_tiny_checkpoint(place / "tiny")
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(worker, 0)
    if status:
        raise RuntimeError("the small model could not be made")
    return place / "tiny"
