"""The loop of pre-training: batches, updates, and a save every few minutes that nothing can tear.

It is our own, and not the Trainer's, because the learning rate follows the clock, saves come by the minute,
and a run goes on at the very row where it was cut off.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from ...data.errors import ConflictnerError
from ...data.quotes import one_line
from ..recipe import RecipeError
from .bar import Bar
from .batches import Batch, BatchMaker
from .draws import Draw, torch_seed
from .network import PretrainingNetwork
from .optimizer import Optimizers
from .processes import Processes
from .schedule import Clock, Schedule
from .sections import PretrainSection
from .state import Progress

__all__ = ["Parts", "Pretrainer", "PretrainingDivergedError"]

_LARGEST_LOSS = 100.0  # nats; guessing costs about 10, so beyond it nothing is being learned
_LOGGING = 10  # updates between the figures of the log


class PretrainingDivergedError(ConflictnerError):
    """The loss is no longer a number, or beyond all measure."""

    def __init__(self, loss: float, updates: int) -> None:
        super().__init__(
            f"pre-training has diverged: the loss is {loss:.4g} after {updates} updates; lower "
            "pretrain.learning_rate (and matrix_learning_rate), lengthen pretrain.warmup_share, or set "
            "pretrain.precision=fp32"
        )


@dataclass(frozen=True)
class Parts:
    """What a run consists of.

    Attributes:
        section: The ``pretrain`` section of the recipe.
        network: On its device.
        optimizers: Of the network's parameters.
        batches: Makes batches of training rows.
        held_out: Yields this process's batches of held-out rows.
        schedule: Limits and learning rate.
        processes: That share the run.
        dtype: To compute in, or ``None`` for fp32.
    """

    section: PretrainSection
    network: PretrainingNetwork
    optimizers: Optimizers
    batches: BatchMaker
    held_out: Callable[[], Iterator[Batch]]
    schedule: Schedule
    processes: Processes
    dtype: torch.dtype | None


class Pretrainer:
    """Trains until a limit is reached.

    Args:
        parts: What the run consists of.
        progress: How far it is; changed as it goes on.
        save_minutes: Time between saves; 0 saves after each update.
        save: Called in each process after the progress, with a held-out loss, was brought up to date.
        log: TensorBoard's, in the first process.
        shown: Whether to show a progress bar.
    """

    def __init__(
        self,
        parts: Parts,
        progress: Progress,
        save_minutes: float,
        save: Callable[[Progress], None],
        log: SummaryWriter | None,
        shown: bool,
    ) -> None:
        self._parts = parts
        self._progress = progress
        self._save_seconds = 60 * save_minutes
        self._save = save
        self._log = log
        self._shown = shown
        section, processes = parts.section, parts.processes
        self._batch_rows = section.batch_size  # that a process reads at a time
        self._update_rows = section.batch_size * section.gradient_accumulation * processes.count
        if section.compile:
            parts.network.compile_parts()
        self._shared = processes.share(parts.network)

    def run(self) -> None:
        """Train to the end, saving as it goes.

        Raises:
            PretrainingDivergedError: when the loss is not finite; what was saved before stays.
            RecipeError: before the first step, when the device has too little memory or torch cannot compile.
        """
        progress, processes = self._progress, self._parts.processes
        clock = Clock(progress.seconds)
        self._parts.network.train()
        self._dry_run()
        saved = progress.seconds
        losses: list[Tensor] = []
        with Bar("pre-training", 1.0, self._shown) as bar, ThreadPoolExecutor(1) as pool:
            batches = self._batches(pool)
            while True:
                progress.seconds = processes.agree(clock.seconds())
                share = self._parts.schedule.share(progress.tokens, progress.seconds)
                if share >= 1.0:
                    break
                losses.append(self._update(batches))
                if progress.updates % _LOGGING == 0:
                    self._report(torch.stack(losses).mean(), bar)
                    losses.clear()
                progress.seconds = processes.agree(clock.seconds())
                if progress.seconds - saved >= self._save_seconds:
                    self._evaluate_and_save()
                    saved = progress.seconds
        if not progress.history or progress.history[-1]["updates"] != progress.updates:
            self._evaluate_and_save()

    def evaluate(self) -> float:
        """Return the mean loss on the held-out rows, in nats a hidden piece."""
        parts = self._parts
        sums = torch.zeros(2, dtype=torch.float64, device=parts.processes.device)
        parts.network.eval()
        with torch.no_grad(), _uncompiled():
            for batch in parts.held_out():
                loss, count = self._forward(parts.network, batch)
                sums += torch.stack([loss.double(), count.double()])
        parts.network.train()
        total, guessed = (float(value) for value in parts.processes.total(sums))
        return total / max(1.0, guessed)

    def _update(self, batches: Iterator[Batch]) -> Tensor:
        """Update the weights once, and return the mean loss of what this process read."""
        parts, progress = self._parts, self._progress
        steps = parts.section.gradient_accumulation
        tokens = parts.batches.tokens(progress.rows, self._update_rows)
        losses = torch.zeros((), device=parts.processes.device)
        for step in range(steps):
            losses += self._backward(next(batches), step, is_last=step == steps - 1) / steps
        torch.nn.utils.clip_grad_norm_(parts.network.parameters(), parts.section.gradient_clip)
        # In the middle of an update, so that neither the first nor the last one is lost at a rate of 0.
        share = parts.schedule.share(progress.tokens + tokens / 2, progress.seconds)
        parts.optimizers.step(parts.schedule.factor(share))
        progress.updates += 1
        progress.rows += self._update_rows
        progress.tokens += tokens
        return losses

    def _backward(self, batch: Batch, step: int, is_last: bool) -> Tensor:
        """Add the gradients of a batch, and return its loss."""
        parts = self._parts
        # Dropout follows from the place in the run, like all that is drawn.
        place = (self._progress.updates, step, parts.processes.index)
        torch.manual_seed(torch_seed(parts.section.seed, Draw.DROPOUT, *place))
        with nullcontext() if is_last else parts.processes.apart(self._shared):
            loss, count = self._forward(self._shared, batch)
            mean = loss / count.clamp(min=1)
            (mean / parts.section.gradient_accumulation).backward()
        return mean.detach()

    def _forward(self, network: Any, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the sum of the losses of a batch and the number of pieces guessed."""
        device, dtype = self._parts.processes.device, self._parts.dtype
        with torch.autocast(device.type, dtype or torch.bfloat16, enabled=dtype is not None):
            loss, count = network(*batch.to(device))
        return loss, count

    def _batches(self, pool: ThreadPoolExecutor) -> Iterator[Batch]:
        """Yield this process's batches, each made while the network is busy with the one before."""
        processes, first = self._parts.processes, self._progress.rows
        stride = self._batch_rows * processes.count
        make = partial(self._parts.batches.batch, rows=self._batch_rows)
        position = first + self._batch_rows * processes.index
        future = pool.submit(make, position)
        while True:
            batch = future.result()
            position += stride
            future = pool.submit(make, position)
            yield batch

    def _dry_run(self) -> None:
        """Run a batch forward and backward, so that what cannot work fails at once; change nothing."""
        section = self._parts.section
        batch = self._parts.batches.batch(self._progress.rows, self._batch_rows)
        try:
            loss = float(self._backward(batch, 0, is_last=True))
        except torch.OutOfMemoryError as error:
            raise RecipeError(
                f"pretrain.batch_size {section.batch_size} does not fit the memory of "
                f"{self._parts.processes.device}; halve it, and double pretrain.gradient_accumulation"
            ) from error
        except Exception as error:
            if not section.compile:
                raise
            raise RecipeError(
                f"torch cannot compile here ({one_line(error)}); set pretrain.compile=false"
            ) from error
        self._parts.optimizers.forget()
        _require_finite(loss, self._progress.updates)

    def _report(self, mean: Tensor, bar: Bar) -> None:
        """Show and log the mean loss of the last updates, given that of this process."""
        parts, progress = self._parts, self._progress
        loss = float(parts.processes.total(mean)) / parts.processes.count
        _require_finite(loss, progress.updates)
        share = parts.schedule.share(progress.tokens, progress.seconds)
        pace = progress.tokens / max(progress.seconds, 1e-9)
        bar.update(share, f"loss {loss:.3f}, {pace:,.0f} pieces/s")
        if self._log is not None:
            figures = {"loss": loss, "learning_rate": parts.schedule.factor(share), "pieces_a_second": pace}
            for name, value in figures.items():
                self._log.add_scalar(f"train/{name}", value, progress.updates)

    def _evaluate_and_save(self) -> None:
        """Measure the encoder on held-out text, and hand it over."""
        progress = self._progress
        loss = self.evaluate()
        _require_finite(loss, progress.updates)
        row = {
            "updates": progress.updates,
            "tokens": progress.tokens,
            "minutes": round(progress.seconds / 60, 3),
            "held_out_loss": loss,
            "perplexity": math.exp(loss),
        }
        progress.history.append(row)
        if self._log is not None:
            self._log.add_scalar("held_out/loss", loss, progress.updates)
            self._log.add_scalar("held_out/perplexity", row["perplexity"], progress.updates)
            self._log.flush()
        self._save(progress)


def _uncompiled() -> AbstractContextManager[None]:
    """Return a block in which nothing is compiled, for it would take longer than what it saves."""
    block: AbstractContextManager[None] = torch.compiler.set_stance("force_eager")
    return block


def _require_finite(loss: float, updates: int) -> None:
    if not abs(loss) <= _LARGEST_LOSS:  # also when it is not a number
        raise PretrainingDivergedError(loss, updates)
