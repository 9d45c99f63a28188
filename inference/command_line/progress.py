"""A progress bar on the standard error, for long runs that are watched."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from .formats import Tagged
    from .sources import Sources

__all__ = ["Progress"]


class Progress:
    """Shows how far the reading of some sources is, with the documents done and the time left.

    Nothing is shown where the standard error is no terminal.

    Args:
        sources: What is read; its size in bytes is the end of the bar, if known.
        hidden: Show nothing, for the results themselves are going to the terminal.
    """

    def __init__(self, sources: Sources, hidden: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._sources = sources
        console = Console(stderr=True)
        columns = (
            TextColumn("tagging"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %") if sources.size else TextColumn(""),
            TextColumn("{task.fields[documents]} documents"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        hidden = hidden or not sys.stderr.isatty()  # colours may be forced where there is no terminal
        self._bar = Bar(*columns, console=console, transient=True, redirect_stdout=False, disable=hidden)
        self._task = self._bar.add_task("", total=sources.size, documents=0)

    def watch(self, tagged: Iterable[Tagged]) -> Iterator[Tagged]:
        """Pass documents through and count them."""
        for documents, item in enumerate(tagged, 1):
            self._bar.update(self._task, completed=self._sources.position, documents=documents)
            yield item

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
