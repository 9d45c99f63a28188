"""Runs of fine-tuning in tests: interrupted, refused, and what they leave."""

import json

import pytest
from transformers import TrainerCallback

from conflictner.data.errors import ConflictnerError
from conflictner.training import finetune as module
from conflictner.training.finetune import finetune
from conflictner.training.loop import TaggerTrainer

WEIGHTS = ("model.safetensors", "event_head.safetensors", "tokenizer.json", "calibration.json")


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch):
    """Pictures take longer than the training here; the sample run draws one."""
    monkeypatch.setattr(module, "draw_curves", lambda history, path: path.write_bytes(b"a picture"))


def weights(folder):
    return {name: (folder / name).read_bytes() for name in WEIGHTS}


def dev_scores(folder):
    summary = json.loads((folder / "training_summary.json").read_text(encoding="utf-8"))
    return summary["best_epoch"], [row["dev_f1"] for row in summary["history"] if "dev_f1" in row]


def refused(recipe, error=ConflictnerError, **settings):
    with pytest.raises(error) as caught:
        finetune(recipe, **settings)
    message = str(caught.value)
    assert "\n" not in message
    return message


class Interrupting(TrainerCallback):
    """Interrupts as Ctrl-C would."""

    def __init__(self, step=None, epoch=None):
        self.step, self.epoch = step, epoch

    def on_step_end(self, args, state, control, **_):
        if state.global_step == self.step:
            raise KeyboardInterrupt

    def on_epoch_begin(self, args, state, control, **_):
        if state.epoch == self.epoch:
            raise KeyboardInterrupt


def interrupt(recipe, said, resume=False, **when):
    """Start a run that is interrupted at a step (four make an epoch) or before an epoch."""

    class Interrupted(TaggerTrainer):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            self.add_callback(Interrupting(**when))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "TaggerTrainer", Interrupted)
        with pytest.raises(KeyboardInterrupt):
            finetune(recipe, say=said.append, resume=resume)
