"""The training loop: Hugging Face's Trainer with our loss, our dev score and an average of the weights."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
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
from transformers.integrations import TensorBoardCallback
from transformers.trainer_utils import get_last_checkpoint

from ..data.errors import ConflictnerError
from ..model.network import NetworkOutput, TaggerNetwork
from .averaging import WeightAverage
from .passages import Collator
from .recipe import FinetuneSection
from .scoring import Scorer, torch_run

__all__ = ["DivergedError", "TaggerTrainer", "resolve_precision", "training_arguments"]

_BEST = "best.safetensors"
_BEST_SCORES = "best.json"


class DivergedError(ConflictnerError):
    """The loss is no longer a finite number."""


class TaggerTrainer(Trainer):  # type: ignore[misc]
    """Trains a :class:`TaggerNetwork`, scores the averaged weights after each epoch and keeps the best.

    Args:
        network: The network.
        arguments: From :func:`training_arguments`.
        dataset: From :func:`make_dataset`.
        collator: Makes batches.
        scorer: Holds the dev documents.
        average_decay: See :class:`WeightAverage`.
        logs: Folder for TensorBoard.
        progress: Whether to show a progress bar on stderr.
    """

    def __init__(
        self,
        network: TaggerNetwork,
        arguments: TrainingArguments,
        dataset: Any,
        collator: Collator,
        scorer: Scorer,
        average_decay: float,
        logs: Path,
        progress: bool,
    ) -> None:
        super().__init__(model=network, args=arguments, train_dataset=dataset, data_collator=collator)
        self.average = WeightAverage(network, average_decay)
        self.add_callback(self.average)
        self.add_callback(_DevScoring(self, scorer))
        self.remove_callback(PrinterCallback)
        if not progress:
            self.remove_callback(ProgressCallback)
        if self.is_world_process_zero():
            self.add_callback(TensorBoardCallback(SummaryWriter(str(logs))))

    def run(self, resume: bool) -> dict[str, Any]:
        """Train, and put the best weights of all epochs into the network.

        Args:
            resume: Whether to go on from the last training checkpoint, if there is one.

        Returns:
            The dev scores of those weights.

        Raises:
            DivergedError: when the loss is not finite.
        """
        folder = Path(str(self.args.output_dir))
        last = get_last_checkpoint(str(folder)) if resume and folder.is_dir() else None
        if last is not None:
            self.average.load(Path(last))
        self.train(resume_from_checkpoint=last)
        self.model.load_state_dict(load_file(folder / _BEST, device=str(self.args.device)))
        scores: dict[str, Any] = json.loads((folder / _BEST_SCORES).read_text(encoding="utf-8"))
        return scores

    def compute_loss(
        self, model: Any, inputs: dict[str, Tensor], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """Return the network's own loss; stop at once when it is not finite."""
        output: NetworkOutput = model(**inputs)
        loss = output.loss
        if loss is None or not math.isfinite(loss.item()):
            raise DivergedError(
                f"the loss is {math.nan if loss is None else loss.item()} at step {self.state.global_step + 1}: training "
                "has diverged; lower finetune.learning_rate, lengthen finetune.warmup_share, or set "
                "finetune.precision=fp32"
            )
        return (loss, output) if return_outputs else loss


class _DevScoring(TrainerCallback):  # type: ignore[misc]
    """Scores the averaged weights on the dev documents after each epoch, and keeps the best."""

    def __init__(self, trainer: TaggerTrainer, scorer: Scorer) -> None:
        self._trainer = trainer
        self._scorer = scorer

    def on_epoch_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        network = self._trainer.model
        with self._trainer.average.applied():
            scores = self._scorer.score(self._scorer.read(torch_run(network, args.device))).to_dict()
            if state.is_world_process_zero:
                self._keep_if_best(network, Path(str(args.output_dir)), {**scores, "epoch": state.epoch})
        self._trainer.log({f"dev_{name}": value for name, value in scores.items()})

    def _keep_if_best(self, network: TaggerNetwork, folder: Path, scores: dict[str, Any]) -> None:
        record = folder / _BEST_SCORES
        if record.is_file() and json.loads(record.read_text(encoding="utf-8"))["f1"] >= scores["f1"]:
            return
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f"{_BEST}.tmp"
        save_file({name: value.contiguous() for name, value in network.state_dict().items()}, temporary)
        temporary.replace(folder / _BEST)
        record.write_text(json.dumps(scores), encoding="utf-8")


def training_arguments(section: FinetuneSection, folder: Path, progress: bool) -> TrainingArguments:
    """Translate a recipe's section into the Trainer's arguments.

    Args:
        section: The ``finetune`` section.
        folder: Where the Trainer keeps what it needs to resume.
        progress: Whether to show a progress bar.
    """
    on_cpu = section.device == "cpu" or not torch.cuda.is_available()
    precision = resolve_precision(section.precision, on_cpu)
    return TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=section.epochs,
        per_device_train_batch_size=section.batch_size,
        gradient_accumulation_steps=section.gradient_accumulation,
        learning_rate=section.learning_rate,
        warmup_steps=section.warmup_share,
        weight_decay=section.weight_decay,
        max_grad_norm=section.gradient_clip,
        lr_scheduler_type="linear",
        optim="adamw_torch",
        train_sampling_strategy="group_by_length",
        length_column_name="length",
        bf16=precision == "bf16",
        fp16=precision == "fp16",
        use_cpu=on_cpu,
        seed=section.seed,
        data_seed=section.seed,
        save_strategy="epoch",
        save_total_limit=1,
        logging_steps=10,
        logging_nan_inf_filter=False,
        report_to=[],
        remove_unused_columns=False,
        label_names=["labels", "events"],
        disable_tqdm=not progress,
        dataloader_pin_memory=not on_cpu,
    )


def resolve_precision(precision: str, on_cpu: bool) -> str:
    """Return "fp32", "bf16" or "fp16" for a recipe's value and the device at hand."""
    if precision != "auto":
        return precision
    if on_cpu:
        supported = bool(getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)())
    else:
        supported = torch.cuda.is_bf16_supported()
    return "bf16" if supported else "fp32"
