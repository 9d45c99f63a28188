"""Learning curves as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["draw_curves"]


def draw_curves(history: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw training loss and dev F1 over epochs.

    Args:
        history: The Trainer's log: mappings with ``epoch`` and ``loss``, or ``epoch`` and ``dev_f1``,
            ``dev_f1_LABEL``, ``dev_event_f1``.
        path: A ``.png`` file to write.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    losses = [(row["epoch"], row["loss"]) for row in history if "loss" in row]
    rows = [row for row in history if "dev_f1" in row]
    names = [
        name for name in (rows[0] if rows else {}) if name.startswith("dev_f1") or name == "dev_event_f1"
    ]
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    left.plot([x for x, _ in losses], [y for _, y in losses], color="#333333", linewidth=1)
    left.set(title="Training loss", xlabel="epoch", ylabel="loss (nats)")
    left.set_ylim(bottom=0)
    styles = ["-", "--", "-.", ":"]
    for index, name in enumerate(names):
        label = {"dev_f1": "all spans", "dev_event_f1": "event types"}.get(name, name.removeprefix("dev_f1_"))
        right.plot(
            [row["epoch"] for row in rows],
            [row[name] for row in rows],
            label=label,
            linestyle=styles[index % len(styles)],
            linewidth=2.2 if name == "dev_f1" else 1.2,
            marker=".",
        )
    right.set(title="Dev F1, exact spans", xlabel="epoch", ylabel="F1")
    if names:
        right.legend(fontsize="small")
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=140)
