"""Pictures of a report: confusion between labels, reliability of scores, precision against recall.

Needs matplotlib, which comes with ``pip install 'conflictner[train]'``. Figures are drawn through the object
interface with the Agg backend, so nothing global changes and no display is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ...data.quotes import printable
from .calibration import Reliability
from .report import Report

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["calibration_picture", "confusion_picture", "curve_picture"]

_BLUE, _ORANGE, _GREY = (
    "#0072B2",
    "#D55E00",
    "#666666",
)  # Okabe and Ito's palette, told apart by all kinds of sight
_COLOURS = (_BLUE, _ORANGE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_MOST_PANELS = 12
_MOST_LEVEL = 6  # labels up to which their names stand level
_MOST_NUMBERS = 16  # labels up to which cells carry their numbers


def confusion_picture(report: Report) -> Figure:
    """Draw how often each annotated label was predicted as which.

    The shade of a cell is its share of its row; the number in it is a count of spans.
    """
    confusion = report.confusion
    names = [printable(label) for label in confusion.labels]
    counts = np.array(confusion.counts)
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    size = len(names) + 1
    edge = max(4.8, min(20.0, 1.6 + 0.95 * size))
    figure = _figure(edge + 0.9, edge, "compressed")
    axes = figure.add_subplot()
    shown = np.ma.masked_array(shares, mask=False)
    shown[-1, -1] = np.ma.masked
    image = axes.imshow(shown, cmap="Blues", vmin=0, vmax=1)
    axes.set_facecolor("#EEEEEE")
    for row, column in np.ndindex(size, size):
        if size <= _MOST_NUMBERS and (row, column) != (size - 1, size - 1):
            colour = "white" if shares[row, column] > 0.55 else "black"
            share = f"\n{_percent(shares[row, column])}" if counts[row, column] else ""
            axes.text(
                column,
                row,
                f"{counts[row, column]}{share}",
                ha="center",
                va="center",
                color=colour,
                fontsize=9,
            )
    turned: dict[str, Any] = (
        {"rotation": 35, "ha": "right", "rotation_mode": "anchor"} if size > _MOST_LEVEL else {}
    )
    axes.set_xticks(range(size), [*names, "missed"], parse_math=False, **turned)
    axes.set_yticks(range(size), [*names, "spurious"], parse_math=False)
    axes.set_xticks(np.arange(size + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(size + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1.5)
    axes.tick_params(which="both", length=0)
    axes.set_xlabel("predicted")
    axes.set_ylabel("annotated")
    axes.set_title("Confusion between labels (spans)")
    figure.colorbar(image, ax=axes, fraction=0.046, pad=0.03).set_label("share of the row")
    return figure


def calibration_picture(report: Report) -> Figure:
    """Draw how often spans of a score are right: all labels together, then each label.

    A calibrated model's points lie on the diagonal; the area of a point grows with its number of spans. With
    more labels than a page holds, the most frequently predicted ones are drawn.
    """
    calibration = report.calibration
    labels = [(printable(label), item) for label, item in calibration.labels.items() if item.spans]
    if len(labels) >= _MOST_PANELS:
        labels = sorted(labels, key=lambda pair: -pair[1].spans)[: _MOST_PANELS - 1]
    panels = [("all labels", calibration.overall), *labels]
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    figure = _figure(3.4 * columns + 0.4, 3.5 * rows + 0.4)
    for index, (name, item) in enumerate(panels):
        axes = figure.add_subplot(rows, columns, index + 1)
        _reliability(axes, name, item)
        if index % columns == 0:
            axes.set_ylabel("share of spans that are right")
        if index + columns >= len(panels):
            axes.set_xlabel("mean score of the spans")
    figure.suptitle("Calibration of span scores")
    figure.supxlabel(
        "point: spans of similar score, larger for more of them; bar: gap to a calibrated score (dashed)",
        fontsize=9,
        color=_GREY,
    )
    return figure


def curve_picture(report: Report) -> Figure:
    """Draw precision against recall as the threshold moves: all labels together in grey, then each label.

    A ring marks the threshold with the highest F1. With more labels than can be told apart, those with the
    most spans are drawn.
    """
    shown = sorted(
        report.curves.labels.items(), key=lambda pair: -report.exact.labels[pair[0]].counts.support
    )
    curves = [("all labels", report.curves.overall), *shown[: len(_COLOURS)]]
    figure = _figure(6.4, 5.4)
    axes = figure.add_subplot()
    for (name, curve), colour in zip(curves, (_GREY, *_COLOURS), strict=False):
        if curve.best is None:
            continue
        recall = [point.recall for point in curve.points]
        precision = [point.precision for point in curve.points]
        best = curve.best
        label = f"{printable(name)}: F1 {best.f1:.3f} at {best.threshold:.2f}"
        axes.plot(recall, precision, color=colour, linewidth=1.6, marker=".", markersize=3, label=label)
        axes.scatter([best.recall], [best.precision], s=60, facecolor="none", edgecolor=colour, linewidth=1.4)
    axes.set_xlim(-0.03, 1.03)
    axes.set_ylim(-0.03, 1.03)
    axes.grid(color="#E5E5E5", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel("recall")
    axes.set_ylabel("precision")
    axes.set_title("Precision and recall of exact spans by threshold")
    if axes.lines:
        for text in axes.legend(loc="lower left", fontsize=9).get_texts():
            text.set_parse_math(False)
    return figure


def _reliability(axes: Any, name: str, item: Reliability) -> None:
    bins = [part for part in item.bins if part.spans]
    confidence = [part.confidence for part in bins]
    accuracy = [part.accuracy for part in bins]
    share = np.array([part.spans / item.spans for part in bins])
    axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, linestyle="--", zorder=1)
    axes.vlines(confidence, confidence, accuracy, color=_ORANGE, linewidth=2.5, zorder=2)
    axes.scatter(
        confidence, accuracy, s=18 + 260 * share, color=_BLUE, edgecolor="white", linewidth=0.8, zorder=3
    )
    axes.set_xlim(-0.03, 1.03)
    axes.set_ylim(-0.03, 1.03)
    axes.set_aspect("equal")
    axes.grid(color="#E5E5E5", linewidth=0.6)
    axes.set_axisbelow(True)
    error = "-" if item.error is None else f"{item.error:.3f}"
    axes.set_title(f"{name}: ECE {error}, {item.spans} spans", fontsize=10, parse_math=False)


def _percent(share: float) -> str:
    return "<1 %" if share < 0.005 else f"{100 * share:.0f} %"


def _figure(
    width: float, height: float, layout: Literal["constrained", "compressed"] = "constrained"
) -> Figure:
    """Return an empty figure of a size in inches, to be saved at 150 dots an inch."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=150, layout=layout, facecolor="white")
    FigureCanvasAgg(figure)
    return figure
