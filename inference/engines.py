"""Engines: run the network of a checkpoint on a padded batch, with ONNX Runtime or with torch."""

from __future__ import annotations

import os
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..data.errors import ConflictnerError
from ..data.quotes import one_line, quote
from ..model.checkpoint import Checkpoint, CheckpointError
from ..model.integrity import COPY
from ..model.onnx_file import check_whole
from .forks import native_work

__all__ = ["ENGINES", "Engine", "EngineError", "OnnxEngine", "TorchEngine", "open_engine"]

#: Names that ``open_engine`` takes.
ENGINES = ("onnx", "torch")

_OUTPUTS = ("logits", "event_logits")


class EngineError(ConflictnerError):
    """An engine or device that is not known, not installed, or fails."""


class Engine(Protocol):
    """Runs the network; safe to call from several threads.

    Attributes:
        workers: How many runs at a time are fastest.
    """

    workers: int

    def run(
        self, ids: NDArray[np.int64], mask: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Run one batch.

        Args:
            ids: Piece indices, ``[batch, length]``.
            mask: 1 for pieces, 0 for padding, ``[batch, length]``.

        Returns:
            Fine tag logits ``[batch, length, tags]`` and event logits ``[batch, events]``.

        Raises:
            EngineError: when the run fails, most often for lack of memory.
        """


def open_engine(checkpoint: Checkpoint, engine: str | None, device: str, threads: int | None) -> Engine:
    """Open the engine called ``engine`` ("onnx" or "torch").

    ``None`` is "onnx", or "torch" for a checkpoint that was written without an ONNX file.

    Raises:
        EngineError: for a name or device that is not known or not installed, or an impossible ``threads``.
        CheckpointError: when the engine's model file is missing or unreadable.
    """
    if threads is not None and (not isinstance(threads, int) or isinstance(threads, bool) or threads < 1):
        raise EngineError(f"threads must be a whole number of at least 1, got {quote(threads)}")
    if engine is None:
        engine = "torch" if _has_no_onnx_file(checkpoint) else "onnx"
    if engine == "onnx":
        if _has_no_onnx_file(checkpoint):
            raise EngineError(f"{checkpoint.folder} was written without model.onnx; use engine 'torch'")
        return OnnxEngine(checkpoint, device, threads)
    if engine == "torch":
        return TorchEngine(checkpoint, device, threads)
    raise EngineError(f"engine {quote(engine)} is not known; accepted are {', '.join(ENGINES)}")


def _has_no_onnx_file(checkpoint: Checkpoint) -> bool:
    """Tell whether a checkpoint was written without an ONNX file, rather than lost it, by its checksums."""
    name = "model.onnx"
    is_listed = checkpoint.checksums is None or name in checkpoint.checksums
    return not is_listed and not (checkpoint.folder / name).exists()


class OnnxEngine:
    """ONNX Runtime.

    Args:
        checkpoint: Its ``model.onnx`` is run.
        device: ``"cpu"``, or ``"cuda"`` (``"cuda:1"``) where onnxruntime-gpu is installed.
        threads: Runs at a time on a CPU, each in one thread, which scales better than threads inside a run;
            ``None`` for one per core.
    """

    def __init__(self, checkpoint: Checkpoint, device: str = "cpu", threads: int | None = None) -> None:
        import onnxruntime

        path = checkpoint.file("model.onnx")
        check_whole(path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what is wrong comes as an exception
        unavailable = EngineError(
            f"device {quote(device)} is not available to the onnx engine; use device 'cpu', "
            "install onnxruntime-gpu, or choose engine 'torch'"
        )
        kind, _, number = str(device).partition(":")
        provider = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}.get(kind)
        if provider not in onnxruntime.get_available_providers() or not (number or "0").isdecimal():
            raise unavailable
        self.workers = (threads or _allowed_cores()) if kind == "cpu" else 1
        choice = (provider, {"device_id": number or "0"}) if kind == "cuda" else provider
        try:
            with native_work():
                self._session = onnxruntime.InferenceSession(
                    str(path), options, providers=[choice], enable_fallback=kind != "cpu"
                )  # on a CPU there is nothing to fall back to, and it would print that it does
        except Exception as error:  # ONNX Runtime's errors have no common base
            raise CheckpointError(
                f"{path}: ONNX Runtime cannot open it ({one_line(error)}); {COPY}"
            ) from error
        if self._session.get_providers()[0] != provider:  # it falls back to the CPU without a word
            raise unavailable
        _check_shapes(checkpoint, self._session)
        self._checkpoint = checkpoint

    def run(
        self, ids: NDArray[np.int64], mask: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """See :class:`Engine`."""
        try:
            with native_work():
                logits, events = self._session.run(_OUTPUTS, {"input_ids": ids, "attention_mask": mask})
        except Exception as error:  # ONNX Runtime's errors have no common base
            raise _run_error("onnx", ids, error) from error
        _check_result(self._checkpoint, ids, logits, events)
        return logits, events


class TorchEngine:
    """PyTorch, in fp32 on every device, so that results are those of the other engine.

    Args:
        checkpoint: Its ``model.safetensors`` is run.
        device: A torch device name.
        threads: Sets torch's thread count for the whole process when given (torch knows no other way).
    """

    def __init__(self, checkpoint: Checkpoint, device: str = "cpu", threads: int | None = None) -> None:
        try:
            import torch

            from ..model.network_files import load_network
        except ImportError as error:
            raise EngineError(
                f"the torch engine needs torch and transformers ({one_line(error)}): "
                "pip install 'conflictner[train]'"
            ) from error
        try:
            self._device = torch.device(device)
            torch.empty(0, device=self._device)
        except (RuntimeError, AssertionError, TypeError) as error:
            raise EngineError(
                f"device {quote(device)} is not available to torch ({one_line(error)}); use device 'cpu'"
            ) from error
        if threads is not None:
            torch.set_num_threads(threads)
        self.workers = 1  # torch uses all its threads for one run
        self._torch = torch
        self._process = os.getpid()
        self._network: Any = load_network(checkpoint).to(self._device)

    def run(
        self, ids: NDArray[np.int64], mask: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """See :class:`Engine`."""
        torch = self._torch
        if self._process != os.getpid():  # OpenMP would wait for threads that a forked child does not have
            torch.set_num_threads(1)
            self._process = os.getpid()
        try:
            with native_work(), torch.inference_mode():
                output = self._network(
                    torch.from_numpy(ids).to(self._device), torch.from_numpy(mask).to(self._device)
                )
                return output.logits.float().cpu().numpy(), output.event_logits.float().cpu().numpy()
        except (RuntimeError, IndexError) as error:
            raise _run_error("torch", ids, error) from error


def _allowed_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _run_error(engine: str, ids: NDArray[np.int64], error: Exception) -> EngineError:
    rows, length = ids.shape
    return EngineError(
        f"the {engine} engine failed on {rows} windows of {length} pieces ({one_line(error)}); "
        "if memory is short, lower batch_tokens (--batch-tokens)"
    )


def _check_shapes(checkpoint: Checkpoint, session: Any) -> None:
    inputs = sorted(item.name for item in session.get_inputs())
    widths = {item.name: item.shape[-1] if item.shape else None for item in session.get_outputs()}
    wanted = dict(zip(_OUTPUTS, (len(checkpoint.scheme.tags), len(checkpoint.scheme.events)), strict=True))
    if inputs != ["attention_mask", "input_ids"] or widths != wanted:
        raise CheckpointError(
            f"{checkpoint.folder}: model.onnx has inputs {quote(inputs)} and output widths {quote(widths)}, "
            f"labels.json asks for {wanted}: the files come from different models; {COPY}"
        )
    types = {item.type for item in session.get_inputs()}, {item.type for item in session.get_outputs()}
    if types != ({"tensor(int64)"}, {"tensor(float)"}):
        raise CheckpointError(
            f"{checkpoint.folder}: model.onnx takes {quote(sorted(types[0]))} and gives "
            f"{quote(sorted(types[1]))}, expected int64 and float; {COPY}"
        )


def _check_result(checkpoint: Checkpoint, ids: NDArray[np.int64], logits: Any, events: Any) -> None:
    """Make sure that a file does what it declares: an ONNX graph may claim any shape for what it computes."""
    wanted = (*ids.shape, len(checkpoint.scheme.tags)), (len(ids), len(checkpoint.scheme.events))
    if (logits.shape, events.shape) != wanted:
        raise CheckpointError(
            f"{checkpoint.folder}: model.onnx gives {logits.shape} and {events.shape}, "
            f"expected {wanted[0]} and {wanted[1]}; {COPY}"
        )
