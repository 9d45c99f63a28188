"""The Trainer's arguments, from a recipe's section and the device at hand."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import TrainingArguments

from .recipe import RecipeError
from .sections import FinetuneSection

__all__ = ["resolve_precision", "training_arguments"]

_PATIENCE = 12 * 3600  # seconds in which the first process may prepare and export while others wait


def training_arguments(section: FinetuneSection, folder: Path, progress: bool) -> TrainingArguments:
    """Translate a recipe's section into the Trainer's arguments.

    Args:
        section: The ``finetune`` section.
        folder: Where the Trainer keeps what it needs to resume.
        progress: Whether to show a progress bar.

    Raises:
        RecipeError: when the device does not have the precision.
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
        bf16=precision == "bf16",
        fp16=precision == "fp16",
        use_cpu=on_cpu,
        seed=section.seed,
        save_strategy="epoch",
        save_total_limit=1,
        logging_steps=10,
        logging_nan_inf_filter=False,
        report_to=[],
        remove_unused_columns=False,
        label_names=["labels", "events"],
        disable_tqdm=not progress,
        dataloader_pin_memory=not on_cpu,
        ddp_timeout=_PATIENCE,
    )


def resolve_precision(precision: str, on_cpu: bool) -> str:
    """Return "fp32", "bf16" or "fp16" for a recipe's value and the device at hand.

    Raises:
        RecipeError: when the device does not have it.
    """
    if precision == "fp16" and on_cpu:
        raise RecipeError("finetune.precision fp16 needs a GPU; use auto, fp32 or bf16 on a CPU")
    if precision == "bf16" and not on_cpu and not torch.cuda.is_bf16_supported():
        raise RecipeError("finetune.precision bf16 is not known to this GPU; use auto, fp32 or fp16")
    if precision != "auto":
        return precision
    if on_cpu:
        supported = bool(getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)())
    else:
        supported = torch.cuda.is_bf16_supported()
    return "bf16" if supported else "fp32"
