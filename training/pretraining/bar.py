"""A progress bar on the standard error, with the figures that tell whether a run goes well."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

__all__ = ["Bar"]


class Bar:
    """Shows how much of a stage is over.

    Args:
        name: Of the stage.
        total: What all of it is, in any unit.
        shown: Whether to show anything.
    """

    def __init__(self, name: str, total: float, shown: bool) -> None:
        columns = (
            TextColumn(name),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[figures]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        console = Console(stderr=True)
        self._bar = Progress(
            *columns, console=console, transient=True, redirect_stdout=False, disable=not shown
        )
        self._task: TaskID = self._bar.add_task("", total=total, figures="")

    def advance(self, amount: float) -> None:
        """Add to what is over."""
        self._bar.advance(self._task, amount)

    def update(self, completed: float, figures: str | None = None) -> None:
        """Tell how much is over, and what to show beside it."""
        if figures is None:
            self._bar.update(self._task, completed=completed)
        else:
            self._bar.update(self._task, completed=completed, figures=figures)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
