"""The running average of the weights."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from conflictner.training.averaging import WeightAverage


@pytest.fixture
def model():
    model = nn.Linear(1, 1)
    with torch.no_grad():
        model.weight.fill_(1.0)
        model.bias.fill_(-1.0)
    return model


def step(average, model, weight, number):
    with torch.no_grad():
        model.weight.fill_(weight)
    average.on_step_end(None, SimpleNamespace(global_step=number), None)


def test_early_updates_keep_less_and_late_ones_the_decay(model):
    average = WeightAverage(model, 0.5)
    step(average, model, 3.0, 1)  # keeps 2 / 11
    assert average.average["weight"].item() == pytest.approx(1.0 * 2 / 11 + 3.0 * 9 / 11)
    first = average.average["weight"].item()
    step(average, model, 5.0, 100)  # would keep 101 / 110, but at most 0.5
    assert average.average["weight"].item() == pytest.approx(0.5 * first + 2.5)
    assert average.average["bias"].item() == -1.0


def test_no_decay_means_no_average(model):
    average = WeightAverage(model, 0.0)
    for number, weight in enumerate((0.1, 1 / 3, -7e30), start=1):
        step(average, model, weight, number)
        assert average.average["weight"].item() == model.weight.item()


def test_the_average_is_in_the_network_for_a_while(model):
    average = WeightAverage(model, 0.5)
    step(average, model, 3.0, 100)
    with average.applied():
        assert model.weight.item() == 2.0
    assert model.weight.item() == 3.0
    with pytest.raises(ZeroDivisionError), average.applied():
        raise ZeroDivisionError
    assert model.weight.item() == 3.0


def test_a_saved_average_goes_on(model, tmp_path):
    average = WeightAverage(model, 0.5)
    step(average, model, 3.0, 100)
    average.save(tmp_path)
    other = WeightAverage(model, 0.5)
    assert other.average["weight"].item() == 3.0
    other.load(tmp_path)
    assert {name: value.item() for name, value in other.average.items()} == {"weight": 2.0, "bias": -1.0}
