"""Quiet: transformers' own reports and progress bars, silenced while our lines say what matters."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import transformers
from huggingface_hub.utils.tqdm import are_progress_bars_disabled

__all__ = ["quiet_libraries"]


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Silence transformers' reports and progress bars for a while; what was set before comes back."""
    verbosity = transformers.logging.get_verbosity()
    had_bars = transformers.logging.is_progress_bar_enabled() and not are_progress_bars_disabled()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers.logging.set_verbosity(verbosity)
        if had_bars:
            transformers.logging.enable_progress_bar()
