"""Engines: run the network of a checkpoint on a padded batch, with ONNX Runtime or with torch."""

from __future__ import annotations

import importlib.util
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..data.errors import ConflictnerError
from ..model.checkpoint import Checkpoint, CheckpointError

__all__ = ["ENGINES", "Engine", "EngineError", "OnnxEngine", "TorchEngine", "open_engine"]

#: Names that ``open_engine`` takes.
ENGINES = ("onnx", "torch")


class EngineError(ConflictnerError):
    """An engine or device that is not known or not installed."""


class Engine(Protocol):
    """Runs the network; safe to call from several threads."""

    def run(
        self, ids: NDArray[np.int64], mask: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Run one batch.

        Args:
            ids: Piece indices, ``[batch, length]``.
            mask: 1 for pieces, 0 for padding, ``[batch, length]``.

        Returns:
            Fine tag logits ``[batch, length, tags]`` and event logits ``[batch, events]``.
        """


def open_engine(checkpoint: Checkpoint, engine: str, device: str, threads: int | None) -> Engine:
    """Open the engine called ``engine`` ("onnx" or "torch").

    Raises:
        EngineError: for a name or device that is not known or not installed.
        CheckpointError: when the engine's model file is missing or unreadable.
    """
    if engine == "onnx":
        return OnnxEngine(checkpoint, device, threads)
    if engine == "torch":
        return TorchEngine(checkpoint, device, threads)
    raise EngineError(f"engine {engine!r} is not known; accepted are {', '.join(ENGINES)}")


class OnnxEngine:
    """ONNX Runtime.

    Args:
        checkpoint: Its ``model.onnx`` is run.
        device: ``"cpu"``, or ``"cuda"`` where onnxruntime-gpu is installed.
        threads: Threads inside one run; ``None`` for one per core.
    """

    def __init__(self, checkpoint: Checkpoint, device: str = "cpu", threads: int | None = None) -> None:
        import onnxruntime

        path = checkpoint.file("model.onnx")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only; the library's warnings do not concern a user
        provider = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}.get(device.split(":")[0])
        if provider not in onnxruntime.get_available_providers():
            raise EngineError(
                f"device {device!r} is not available to the onnx engine; use device 'cpu', "
                "install onnxruntime-gpu, or choose engine 'torch'"
            )
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=[provider])
        except Exception as error:  # ONNX Runtime's errors have no common base
            raise CheckpointError(f"{path}: ONNX Runtime cannot open it ({str(error)[:120]!r})") from error
        _check_shapes(checkpoint, self._session)

    def run(
        self, ids: NDArray[np.int64], mask: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """See :class:`Engine`."""
        logits, events = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        return logits, events


class TorchEngine:
    """PyTorch, in fp32 on a CPU, in the device's best type elsewhere.

    Args:
        checkpoint: Its ``model.safetensors`` is run.
        device: A torch device name.
        threads: Sets torch's thread count for the whole process when given (torch knows no other way).
    """

    def __init__(self, checkpoint: Checkpoint, device: str = "cpu", threads: int | None = None) -> None:
        if importlib.util.find_spec("torch") is None or importlib.util.find_spec("transformers") is None:
            raise EngineError(
                "the torch engine needs torch and transformers: pip install 'conflictner[train]'"
            )
        import torch

        from ..model.network import load_network

        try:
            self._device = torch.device(device)
            torch.empty(0, device=self._device)
        except (RuntimeError, AssertionError) as error:
            raise EngineError(
                f"device {device!r} is not available to torch ({str(error).splitlines()[0]})"
            ) from error
        if threads:
            torch.set_num_threads(threads)
        self._torch = torch
        self._network: Any = load_network(checkpoint).to(self._device).eval()

    def run(
        self, ids: NDArray[np.int64], mask: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """See :class:`Engine`."""
        torch = self._torch
        with torch.inference_mode():
            output = self._network(
                torch.from_numpy(ids).to(self._device), torch.from_numpy(mask).to(self._device)
            )
            return output.logits.float().cpu().numpy(), output.event_logits.float().cpu().numpy()


def _check_shapes(checkpoint: Checkpoint, session: Any) -> None:
    inputs = sorted(item.name for item in session.get_inputs())
    widths = [item.shape[-1] for item in session.get_outputs()]
    wanted = [len(checkpoint.scheme.tags), len(checkpoint.scheme.events)]
    if inputs != ["attention_mask", "input_ids"] or widths != wanted:
        raise CheckpointError(
            f"{checkpoint.folder}: model.onnx has inputs {inputs} and output widths {widths}, "
            f"labels.json asks for {wanted}; the files come from different models"
        )
