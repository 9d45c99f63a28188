"""Optimisers and saved states: what is trained how, and that a run goes on as if nothing had been."""

import json

import pytest
import torch
from torch import nn

from conflictner.training.pretraining.muon import Muon
from conflictner.training.pretraining.optimizer import Optimizers
from conflictner.training.pretraining.state import Progress, last_state, load_state, save_state

each_optimizer = pytest.mark.parametrize("name", ["adamw", "muon"])


class Small(nn.Module):
    """An embedding that is also the output, a matrix and a norm."""

    def __init__(self, seed=0):
        super().__init__()
        torch.manual_seed(seed)
        self.words = nn.Embedding(10, 4)
        self.layer = nn.Linear(4, 4)
        self.norm = nn.LayerNorm(4)
        self.output = nn.Linear(4, 10, bias=False)
        self.output.weight = self.words.weight

    def forward(self, ids):
        return self.output(self.norm(self.layer(self.words(ids))))


def learn(network, optimizers, steps, factor=1.0):
    for step in steps:
        ids = torch.arange(step, step + 6) % 10
        nn.functional.cross_entropy(network(ids), (ids + 1) % 10).backward()
        optimizers.step(factor)


@pytest.fixture
def make(pretrain_recipe):
    def make(name="adamw", *settings):
        section = pretrain_recipe(f"pretrain.optimizer={name}", *settings).pretrain
        network = Small()
        return network, Optimizers(network, section)

    return make


def weights(network):
    return {name: value.detach().clone() for name, value in network.named_parameters()}


@each_optimizer
def test_everything_is_trained_at_the_rate_of_the_schedule(make, name):
    network, optimizers = make(name)
    before = weights(network)
    learn(network, optimizers, range(1), factor=0.0)
    assert all(torch.equal(before[name], value) for name, value in weights(network).items())
    learn(network, optimizers, range(1, 2))
    assert all(not torch.equal(before[name], value) for name, value in weights(network).items())
    assert all(value.grad is None for value in network.parameters())


def test_muon_takes_the_matrices_that_are_no_embeddings(make):
    network, optimizers = make("muon", "pretrain.matrix_learning_rate=1.0e-9", "pretrain.weight_decay=0.0")
    before = weights(network)
    learn(network, optimizers, range(3))
    moved = {name: (value - before[name]).abs().max().item() for name, value in weights(network).items()}
    assert moved["layer.weight"] < 1e-6
    assert min(value for name, value in moved.items() if name != "layer.weight") > 1e-3


def test_weight_decay_is_for_matrices(make):
    network, optimizers = make("adamw", "pretrain.weight_decay=0.5")
    before = weights(network)
    for value in network.parameters():
        value.grad = torch.zeros_like(value)
    optimizers.step(1.0)
    after = weights(network)
    assert torch.equal(after["norm.weight"], before["norm.weight"])
    assert torch.equal(after["layer.bias"], before["layer.bias"])
    for name in ("layer.weight", "words.weight"):
        torch.testing.assert_close(after[name], before[name] * (1 - 0.5 * 2e-2))


@each_optimizer
def test_a_run_goes_on_from_a_state_as_if_nothing_had_been(make, tmp_path, name):
    whole, optimizers = make(name)
    learn(whole, optimizers, range(6))
    first, optimizers = make(name)
    learn(first, optimizers, range(3))
    progress = Progress(3, 12, 100, 1.5, [{"updates": 3}])
    save_state(tmp_path, progress, first, optimizers)
    second, optimizers = make(name)
    learn(second, optimizers, range(2))  # something else
    assert load_state(last_state(tmp_path), second, optimizers) == progress
    learn(second, optimizers, range(3, 6))
    assert all(torch.equal(weights(whole)[key], value) for key, value in weights(second).items())


def test_states_are_whole_and_the_last_one_stays(make, tmp_path):
    network, optimizers = make()
    folder = tmp_path / "state"
    learn(network, optimizers, range(1))
    assert last_state(folder) is None
    for updates in (9, 10, 10):
        save_state(folder, Progress(updates), network, optimizers)
        (folder / ".checkpoint-11.tmp").mkdir()  # a save that was cut off
    assert last_state(folder).name == "checkpoint-10"
    save_state(folder, Progress(11), network, optimizers)
    assert [path.name for path in folder.iterdir()] == ["checkpoint-11"]
    assert {path.suffix for path in last_state(folder).iterdir()} == {".json", ".safetensors"}
    assert json.loads((folder / "checkpoint-11" / "progress.json").read_text())["updates"] == 11


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (5, 5)])
def test_steps_of_muon_are_orthogonal_and_as_long_as_adamws(shape):
    torch.manual_seed(0)
    matrix = nn.Parameter(torch.zeros(shape))
    matrix.grad = torch.randn(shape)
    Muon([matrix], lr=0.1, weight_decay=0.0).step()
    values = torch.linalg.svdvals(matrix.detach()) / (0.1 * 0.2 * max(shape) ** 0.5)
    assert 0.6 < values.min() < values.max() < 1.3


@pytest.mark.skipif(not hasattr(torch.optim, "Muon"), reason="this torch has no Muon to compare with")
def test_muon_is_that_of_torch_but_for_rounding():
    torch.manual_seed(0)
    start = torch.randn(8, 12)
    own, theirs = nn.Parameter(start.clone()), nn.Parameter(start.clone())
    optimizers = (
        Muon([own], lr=0.05, weight_decay=0.1),
        torch.optim.Muon([theirs], lr=0.05, weight_decay=0.1, adjust_lr_fn="match_rms_adamw"),
    )
    for _ in range(5):
        gradient = torch.randn(8, 12)
        for matrix, optimizer in zip((own, theirs), optimizers, strict=True):
            matrix.grad = gradient.clone()
            optimizer.step()
    torch.testing.assert_close(own, theirs, rtol=0, atol=5e-3)
    assert (own - start).abs().max() > 0.05
