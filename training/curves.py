"""Learning curves as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["draw_curves"]

#: Colours that stay distinct for colour-blind readers (Okabe and Ito 2008), with markers for print in grey.
_STYLES = (
    ("#0072b2", "o"),
    ("#e69f00", "s"),
    ("#009e73", "^"),
    ("#cc79a7", "D"),
    ("#56b4e9", "v"),
    ("#d55e00", "X"),
)
_INK = "#222222"


def draw_curves(history: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw training loss and dev F1 over epochs.

    Args:
        history: The Trainer's log: mappings with ``epoch`` and ``loss``, or ``epoch`` and ``dev_f1``,
            ``dev_f1_LABEL``, ``dev_event_f1``.
        path: A ``.png`` file to write.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(10, 3.8), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    _draw_loss(left, [row for row in history if "loss" in row])
    _draw_scores(right, [row for row in history if "dev_f1" in row])
    for axes in (left, right):
        axes.set_xlabel("epoch")
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=140)


def _draw_loss(axes: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    axes.plot([row["epoch"] for row in rows], [row["loss"] for row in rows], color=_INK, linewidth=1)
    axes.set(title="Training loss", ylabel="loss (nats)")


def _draw_scores(axes: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw one line a label, that of all spans over them, and mark the best epoch."""
    axes.set(title="F1 on the dev documents", ylabel="F1")
    if not rows:
        return
    epochs = [row["epoch"] for row in rows]
    names = [name for name in rows[0] if name.startswith("dev_f1_")]
    for index, name in enumerate(names):
        color, marker = _STYLES[index % len(_STYLES)]
        values = [row[name] for row in rows]
        axes.plot(epochs, values, label=name[7:], color=color, marker=marker, markersize=4, linewidth=1)
    if "dev_event_f1" in rows[0]:
        values = [row["dev_event_f1"] for row in rows]
        axes.plot(epochs, values, label="event types", color="#777777", linestyle=":", linewidth=1.5)
    overall = [row["dev_f1"] for row in rows]
    axes.plot(epochs, overall, label="all spans", color=_INK, linewidth=2.5)
    best = max(zip(overall, epochs, strict=True))[1]  # the later of equals, as training chooses
    axes.axvline(best, color=_INK, linestyle="--", linewidth=0.8, label=f"best: epoch {best:.0f}")
    axes.legend(fontsize="small", loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
