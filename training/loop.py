"""The training loop: Hugging Face's Trainer with our loss, our dev score and an average of the weights."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter
from transformers import (
    PrinterCallback,
    ProgressCallback,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from transformers.integrations.integration_utils import TensorBoardCallback

from ..data.errors import ConflictnerError
from ..model.network import IGNORED, NetworkOutput, TaggerNetwork
from ..model.reading import ReadingError
from .averaging import WeightAverage
from .best import BestEpoch
from .layer_rates import layer_depths, lower_rates
from .recipe import RecipeError
from .sampler import LengthSampler
from .scoring import Scorer, torch_run
from .sections import FinetuneSection

__all__ = ["DivergedError", "TaggerTrainer"]

_LARGEST_LOSS = 1000.0  # nats; guessing costs about 3, so beyond it nothing is being learned


class DivergedError(ConflictnerError):
    """The loss is no longer a number, or beyond all measure."""

    def __init__(self, what: str, step: int) -> None:
        super().__init__(
            f"training has diverged: {what} at step {step}; lower finetune.learning_rate, lengthen "
            "finetune.warmup_share, or set finetune.precision=fp32"
        )


class TaggerTrainer(Trainer):
    """Trains a :class:`TaggerNetwork`, scores the averaged weights after each epoch and keeps the best.

    Args:
        network: The network.
        arguments: From :func:`training_arguments`.
        dataset: From :func:`make_dataset`.
        collator: Makes batches.
        scorer: Holds the dev documents.
        section: Decays of the average (see :class:`WeightAverage`) and of the rates (:func:`lower_rates`).
        logs: Folder for TensorBoard.
        say: Receives a line an epoch, unless a progress bar shows the same.
    """

    def __init__(
        self,
        network: TaggerNetwork,
        arguments: TrainingArguments,
        dataset: Any,
        collator: Callable[[Sequence[dict[str, Any]]], dict[str, Tensor]],
        scorer: Scorer,
        section: FinetuneSection,
        logs: Path,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        super().__init__(model=network, args=arguments, train_dataset=dataset, data_collator=collator)
        self.network = network
        self.rows = dataset
        self.best = BestEpoch(Path(str(arguments.output_dir)))
        self.average = WeightAverage(network, section.average_decay)
        self.layer_decay = section.layer_decay
        self.add_callback(self.average)
        self.add_callback(_DevScoring(self, scorer, say if arguments.disable_tqdm else lambda _: None))
        self.remove_callback(PrinterCallback)
        self.remove_callback(ProgressCallback)
        self._bar = _Bar()
        if not arguments.disable_tqdm:
            self.add_callback(self._bar)
        if self.is_world_process_zero():
            self.add_callback(TensorBoardCallback(SummaryWriter(str(logs))))

    def run(self, resume: bool) -> dict[str, Any]:
        """Train, and put the best weights of all epochs into the network.

        Args:
            resume: Whether to go on from the last training checkpoint, if there is one.

        Returns:
            The dev scores of those weights, and their ``epoch``.

        Raises:
            DivergedError: when the loss is not finite.
        """
        folder = Path(str(self.args.output_dir))
        last = _last_complete(folder) if resume else None
        if last is not None:
            self.average.load(last)
        try:
            self.train(resume_from_checkpoint=None if last is None else str(last))
        finally:
            self._bar.close()
        # Take off accelerate's wrapper, which casts to the training's precision.
        self.accelerator.unwrap_model(self.network, keep_fp32_wrapper=False)
        self.accelerator.wait_for_everyone()
        self.network.load_state_dict(self.best.weights())
        return self.best.scores()

    def dry_run(self) -> None:
        """Run the two longest batches forward and backward, so that what cannot work fails at once.

        Raises:
            DivergedError: when the loss is not finite.
            RecipeError: when the device has too little memory.
        """
        size = self.args.per_device_train_batch_size
        order = np.argsort(self.rows["length"])[::-1].tolist()
        devices = [self.args.device] if self.args.device.type == "cuda" else []
        self.network.train()
        try:
            with torch.random.fork_rng(devices=devices):
                for batch in filter(None, (order[:size], order[size : 2 * size])):
                    rows = [self.rows[index] for index in batch]
                    with self.accelerator.autocast():
                        loss = self.compute_loss(self.network, self._prepare_inputs(self.data_collator(rows)))
                    loss.backward()
        except torch.OutOfMemoryError as error:
            longest = self.rows[order[0]]["length"]
            raise RecipeError(
                f"finetune.batch_size {size} with windows of {longest} pieces does not fit the memory of "
                f"{self.args.device}; halve it, and double finetune.gradient_accumulation"
            ) from error
        self.network.zero_grad(set_to_none=True)

    def losses(self, model: Any, inputs: dict[str, Tensor]) -> tuple[Tensor, NetworkOutput]:
        """Return tag loss and event loss of a batch, means over what :meth:`counts` counts, shape ``[2]``."""
        output: NetworkOutput = model(**inputs)
        assert output.losses is not None  # the inputs hold labels
        return output.losses, output

    def counts(self, inputs: dict[str, Tensor]) -> Tensor:
        """Return how many words of a batch have a target and how many event types are known, ``[2]``."""
        known = [(inputs[name] != IGNORED).sum() for name in ("labels", "events")]
        return torch.stack(known).float()

    def get_batch_samples(self, epoch_iterator: Any, num_batches: int, device: Any) -> tuple[list[Any], Any]:
        """Return the batches of an update, and their mean counts over all batches and processes."""
        batches, _ = super().get_batch_samples(epoch_iterator, num_batches, device)
        if not batches:
            return batches, None
        mean = torch.stack([self.counts(batch) for batch in batches]).mean(dim=0).to(device)
        return batches, self.accelerator.reduce(mean, "mean")

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Return the loss of a batch; stop at once when it is not finite.

        Batches weigh as much as they hold, so the update is that of one batch with the documents of all
        accumulated ones and all processes.

        Args:
            model: The network, or what wraps it.
            inputs: The batch.
            return_outputs: Whether to return the network's output as well.
            num_items_in_batch: The mean counts of the update's batches; ``None``: those of this batch.
        """
        losses, output = self.losses(model, inputs)
        losses = losses.reshape(-1, 2).mean(dim=0)  # of several GPUs in one process
        value = float(losses.detach().sum())
        if not abs(value) <= _LARGEST_LOSS:  # also when it is not a number
            raise DivergedError(f"the loss is {value:.4g}", self.state.global_step + 1)
        if num_items_in_batch is not None:
            losses = losses * self.counts(inputs) / num_items_in_batch.clamp(min=torch.finfo().tiny)
        loss = losses.sum()
        return (loss, output) if return_outputs else loss

    def create_optimizer(self, *model: Any) -> torch.optim.Optimizer:
        """Return the optimizer, made at the first call, with the learning rate of each layer."""
        is_new = self.optimizer is None
        optimizer = super().create_optimizer(*model)
        if is_new:
            lower_rates(optimizer, layer_depths(self.network.tagger.base_model), self.layer_decay)
        return optimizer

    def _get_train_sampler(self, train_dataset: Any = None) -> LengthSampler:
        """Return an order that follows from seed and epoch alone; the Trainer's draws from global state."""
        per_update = self.args.train_batch_size * self.args.world_size * self.args.gradient_accumulation_steps
        return LengthSampler(self.rows["length"], per_update, self.args.seed)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """Save the average first: the Trainer's own state, written last, makes a checkpoint complete."""
        if self.args.should_save:
            folder = Path(str(self.args.output_dir)) / f"checkpoint-{self.state.global_step}"
            folder.mkdir(parents=True, exist_ok=True)
            self.average.save(folder)
        super()._save_checkpoint(model, trial)

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Tensor] | None = None) -> None:
        """Save copies: safetensors refuses weights that share memory, as T5's embeddings do."""
        weights = self.network.state_dict() if state_dict is None else state_dict
        super()._save(output_dir, {name: value.to("cpu", copy=True) for name, value in weights.items()})


class _DevScoring(TrainerCallback):
    """Scores the averaged weights on the dev documents after each epoch, and keeps the best."""

    def __init__(self, trainer: TaggerTrainer, scorer: Scorer, say: Callable[[str], None]) -> None:
        self._trainer = trainer
        self._scorer = scorer
        self._say = say

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        network = self._trainer.network
        with self._trainer.average.applied():
            try:
                reading = self._scorer.read(torch_run(network, args.device))
            except ReadingError as error:
                raise DivergedError("the weights are no longer finite", state.global_step) from error
            scores = self._scorer.score(reading).to_dict()
            if state.is_world_process_zero:
                self._trainer.best.offer(network, {**scores, "epoch": state.epoch})
        self._trainer.log({f"dev_{name}": value for name, value in scores.items()})
        self._say(f"epoch {state.epoch:.0f} of {state.num_train_epochs}: dev micro F1 {scores['f1']:.4f}")


class _Bar(ProgressCallback):
    """The Trainer's progress bar, with the figures beside it instead of in lines on standard output."""

    training_bar: Any

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        shown = {"loss": "loss", "dev_f1": "dev F1"}
        figures = {shown[name]: f"{value:.3f}" for name, value in (logs or {}).items() if name in shown}
        if self.training_bar is not None and figures:
            self.training_bar.set_postfix(figures)

    def close(self) -> None:
        """Leave the terminal's line, also after an error."""
        if self.training_bar is not None:
            self.training_bar.close()
            self.training_bar = None


def _last_complete(folder: Path) -> Path | None:
    """Return the newest training checkpoint whose state, which is written last, can be read."""
    found = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))
    for path in reversed(found):
        try:
            json.loads((path / "trainer_state.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        return path
    return None
