"""A progress bar on the standard error, for long runs that are watched."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from .formats import Tagged

__all__ = ["Progress"]


class Progress:
    """Shows how far the reading of some sources is, with the documents done, their rate and the time left.

    Nothing is shown where the standard error is no terminal.

    Args:
        size: Bytes to read, the end of the bar, if known.
        hidden: Show nothing, for the results themselves are going to the terminal.
        begin: Bytes that were done before.
    """

    def __init__(self, size: int | None, hidden: bool, begin: int = 0) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        console = Console(stderr=True)
        columns = (
            TextColumn("tagging"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %") if size else TextColumn(""),
            TextColumn("{task.fields[documents]} documents, {task.fields[rate]:.0f}/s"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        hidden = hidden or not sys.stderr.isatty()  # colours may be forced where there is no terminal
        self._bar = Bar(*columns, console=console, transient=True, redirect_stdout=False, disable=hidden)
        self._task = self._bar.add_task("", total=size, completed=begin, documents=0, rate=0.0)
        self._began = time.monotonic()

    def watch(self, tagged: Iterable[Tagged], position: Callable[[], int]) -> Iterator[Tagged]:
        """Pass documents through and count them.

        Args:
            tagged: The documents.
            position: Tells how many bytes were read.
        """
        for documents, item in enumerate(tagged, 1):
            self.show(position(), documents)
            yield item

    def show(self, position: int, documents: int, earlier: int = 0) -> None:
        """Show how far it is.

        Args:
            position: Bytes read.
            documents: Documents done.
            earlier: How many of those were done before the bar began.
        """
        rate = (documents - earlier) / max(time.monotonic() - self._began, 1e-9)
        self._bar.update(self._task, completed=position, documents=documents, rate=rate)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
