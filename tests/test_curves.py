"""Learning curves: a legible picture for any log."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from conflictner.training.curves import draw_curves

HISTORY = [
    {"loss": 3.0, "epoch": 0.5},
    {"dev_f1": 0.2, "dev_f1_ACTOR": 0.3, "dev_f1_WEAPON": 0.1, "dev_event_f1": 0.0, "epoch": 1.0},
    {"loss": 1.0, "epoch": 1.5},
    {"dev_f1": 0.6, "dev_f1_ACTOR": 0.7, "dev_f1_WEAPON": 0.5, "dev_event_f1": 0.4, "epoch": 2.0},
    {"dev_f1": 0.5, "dev_f1_ACTOR": 0.5, "dev_f1_WEAPON": 0.5, "dev_event_f1": 0.4, "epoch": 3.0},
    {"train_loss": 2.0, "epoch": 3.0},
]


@pytest.fixture
def drawn(monkeypatch):
    """The figures that were saved."""
    figures = []
    save = Figure.savefig

    def keep(self, *arguments, **settings):
        figures.append(self)
        save(self, *arguments, **settings)

    monkeypatch.setattr(Figure, "savefig", keep)
    return figures


def test_every_series_is_drawn_and_told_apart_without_colour(drawn, tmp_path):
    path = tmp_path / "curves.png"
    draw_curves(HISTORY, path)
    loss, scores = drawn[0].axes
    assert loss.lines[0].get_ydata().tolist() == [3.0, 1.0]
    lines = {line.get_label(): line for line in scores.lines}
    assert list(lines) == ["ACTOR", "WEAPON", "event types", "all spans", "best: epoch 2"]
    assert lines["all spans"].get_ydata().tolist() == [0.2, 0.6, 0.5]
    looks = {(line.get_marker(), line.get_linestyle(), line.get_linewidth()) for line in scores.lines}
    assert len(looks) == 5
    image = imread(path)
    assert image.shape[1] > 1000
    assert 0.02 < (image[..., :3].mean(axis=2) < 0.9).mean() < 0.5


def test_the_legend_hides_no_line(drawn, tmp_path):
    draw_curves(HISTORY, tmp_path / "curves.png")
    axes = drawn[0].axes[1]
    legend = axes.get_legend().get_window_extent()
    assert legend.x0 >= axes.get_window_extent().x1 - 1
    assert legend.x1 <= drawn[0].bbox.x1 + 3  # it was laid out for another resolution


@pytest.mark.parametrize("history", [[], HISTORY[:1], [{"dev_f1": 0.0, "epoch": 1.0}]])
def test_short_logs_are_drawn(history, tmp_path):
    path = tmp_path / "curves.png"
    draw_curves(history, path)
    assert np.isfinite(imread(path)).all()


def test_many_labels_are_drawn(tmp_path):
    history = [{"dev_f1": 0.5, **{f"dev_f1_L{i}": i / 20 for i in range(15)}, "epoch": e} for e in (1.0, 2.0)]
    draw_curves(history, tmp_path / "curves.png")
