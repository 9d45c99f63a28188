"""The best epoch so far."""

import torch
from torch import nn

from conflictner.training.best import BestEpoch


def network(value):
    model = nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        model.weight.fill_(value)
    return model


def test_the_best_epoch_is_kept_and_of_equals_the_later(tmp_path):
    best = BestEpoch(tmp_path / "state")
    for epoch, f1 in enumerate((0.2, 0.5, 0.4, 0.5, 0.1), start=1):
        best.offer(network(epoch), {"f1": f1, "epoch": epoch})
    assert best.scores() == {"f1": 0.5, "epoch": 4}
    assert best.weights()["weight"].item() == 4.0
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["best.safetensors"]


def test_weights_that_share_memory_are_saved(tmp_path):
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False)
            self.two.weight = self.one.weight

    model = Tied()
    best = BestEpoch(tmp_path)
    best.offer(model, {"f1": 0.0})
    model.load_state_dict(best.weights())
    assert set(best.weights()) == {"one.weight", "two.weight"}
