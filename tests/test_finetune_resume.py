"""Fine-tuning that is repeated, interrupted, killed, or shared by processes: the same weights."""

import os
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from conflictner.model.export import ExportError
from conflictner.training import finetune as module
from conflictner.training.averaging import WeightAverage
from conflictner.training.finetune import OutputError, finetune
from conflictner.training.loop import TaggerTrainer
from conflictner.training.recipe import dump_recipe

from .finetune_runs import dev_scores, interrupt, no_pictures, refused, weights  # noqa: F401 - one is a fixture


@pytest.fixture(scope="module")
def uninterrupted(recipes_in, tmp_path_factory):
    """The folder of a run from end to end."""
    recipe = recipes_in(tmp_path_factory.mktemp("uninterrupted"))()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "draw_curves", lambda history, path: path.write_bytes(b"a picture"))
        folder = finetune(recipe)
    assert dev_scores(folder)[0] == 4.0  # so the weights are of an epoch after the interruptions
    return folder


def test_the_same_recipe_gives_the_same_weights(uninterrupted, tiny_recipe):
    torch.rand(7)  # what was drawn before does not matter
    assert weights(finetune(tiny_recipe())) == weights(uninterrupted)
    assert weights(finetune(tiny_recipe("finetune.seed=14"), overwrite=True)) != weights(uninterrupted)


@pytest.mark.parametrize(
    "interruptions",
    [
        [{"epoch": 2.0}],
        [{"step": 10}],
        [{"step": 2}],
        [{"step": 5}, {"step": 6}, {"epoch": 3.0}, {"step": 16}],
    ],
    ids=["between epochs", "within an epoch", "within the first epoch", "again and again"],
)
def test_interrupted_and_resumed_is_the_same_as_uninterrupted(
    uninterrupted, tiny_recipe, tmp_path, interruptions
):
    for number, when in enumerate(interruptions):
        said = []
        interrupt(tiny_recipe(), said, resume=number > 0, **when)
        assert (
            said[-1]
            == f"interrupted; {tmp_path / 'output.training'} keeps the finished epochs: add --resume to go on"
        )
    assert not (tmp_path / "output").exists()
    folder = finetune(tiny_recipe(), resume=True)
    assert weights(folder) == weights(uninterrupted)
    assert dev_scores(folder) == dev_scores(uninterrupted)
    assert not (tmp_path / "output.training").exists()


def test_a_run_that_was_killed_while_saving_goes_on_from_what_is_whole(uninterrupted, tiny_recipe, tmp_path):
    interrupt(tiny_recipe(), [], epoch=2.0)
    state = tmp_path / "output.training" / "state"
    (whole,) = state.glob("checkpoint-*")
    torn = state / "checkpoint-12"
    shutil.copytree(whole, torn)
    (torn / "trainer_state.json").write_text('{"epoch": 3.0, "glo', encoding="utf-8")
    (torn / "average.safetensors").write_bytes(b"half")
    assert weights(finetune(tiny_recipe(), resume=True)) == weights(uninterrupted)


def test_a_run_that_failed_at_its_end_is_finished_without_training_again(
    uninterrupted, tiny_recipe, monkeypatch
):
    def fail(*_):
        raise ExportError("no export today")

    with monkeypatch.context() as patch:
        patch.setattr(module, "export_fp32", fail)
        assert refused(tiny_recipe()) == "no export today"
        patch.setattr(TaggerTrainer, "training_step", fail)
        assert refused(tiny_recipe(), resume=True) == "no export today"
    assert weights(finetune(tiny_recipe(), resume=True)) == weights(uninterrupted)


def test_a_run_that_cannot_be_exported_is_finished_without_the_file(tiny_recipe, monkeypatch):
    def fail(*_):
        raise ExportError("no export today")

    with monkeypatch.context() as patch:
        patch.setattr(module, "export_fp32", fail)
        refused(tiny_recipe("export.onnx=fp32"))
        patch.setattr(TaggerTrainer, "training_step", fail)
        folder = finetune(tiny_recipe("export.onnx=none", "card.title=Mine"), resume=True)
    assert not (folder / "model.onnx").exists()
    assert "# Mine" in (folder / "README.md").read_text(encoding="utf-8")


def test_too_little_disk_is_told_before_the_first_step(tiny_recipe, monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2**20))
    message = refused(tiny_recipe("new_encoder.hidden=64"), OutputError)
    assert re.fullmatch(
        r"output .* needs about \d\.\d MB of disk, 1\.0 MB are free there; free some, .*", message
    )
    assert not (tmp_path / "output.training").exists()


def test_a_disk_that_fills_up_is_told_and_the_run_goes_on_from_there(uninterrupted, tiny_recipe, monkeypatch):
    def fill(*_):
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=4096))
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    interrupt(tiny_recipe(), [], epoch=2.0)
    with monkeypatch.context() as patch:
        patch.setattr(WeightAverage, "save", fill)
        message = refused(tiny_recipe(), OutputError, resume=True)
    assert message.endswith(
        "cannot be written (No space left on device); once that is mended, go on with --resume"
    )
    monkeypatch.undo()
    assert weights(finetune(tiny_recipe(), resume=True)) == weights(uninterrupted)


def test_an_interrupted_run_is_not_lost_by_mistake(tiny_recipe, tmp_path):
    interrupt(tiny_recipe(), [], epoch=1.0)
    assert "holds an interrupted training; add --resume" in refused(tiny_recipe(), OutputError)
    other = tiny_recipe("finetune.learning_rate=1.0e-3")
    assert "is another recipe than this" in refused(other, OutputError, resume=True)
    data = tmp_path / "reports.jsonl"
    data.write_text(data.read_text(encoding="utf-8").replace("rockets", "mortars"), encoding="utf-8")
    assert "the documents have changed since" in refused(tiny_recipe(), OutputError, resume=True)
    assert (tmp_path / "output.training" / "state").exists()
    assert finetune(tiny_recipe("finetune.epochs=1"), overwrite=True).is_dir()


def test_processes_that_share_a_run_make_the_weights_of_one_with_their_batches_together(
    tiny_recipe, tmp_path
):
    settings = ["finetune.epochs=2", "finetune.dropout=0.0", "finetune.word_dropout=0.0", "export.onnx=none"]
    alone = finetune(tiny_recipe(*settings, "finetune.batch_size=4", f"output={tmp_path / 'alone'}"))
    shared = tiny_recipe(*settings, "finetune.batch_size=2", f"output={tmp_path / 'shared'}")
    path = tmp_path / "shared.yaml"
    path.write_text(dump_recipe(shared), encoding="utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += ["-m", "conflictner.inference.command_line", "train", str(path)]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr
    together = load_file(tmp_path / "shared" / "model.safetensors")
    for name, value in load_file(alone / "model.safetensors").items():
        torch.testing.assert_close(together[name], value, rtol=1e-3, atol=2e-5)
