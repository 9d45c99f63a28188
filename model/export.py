"""ONNX export: the network as one self-contained file, in fp32 or int8, and how near two engines are."""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..data.documents import Span
from ..data.errors import ConflictnerError
from .labels import LabelScheme
from .network import TaggerNetwork
from .quantization import quantize_graph
from .reading import NetworkRun, Reading

__all__ = ["EXPORTED", "ExportError", "export_fp32", "onnx_run", "quantize_int8", "share_equal"]

#: Types of network, as config.json names them, that are known to work.
EXPORTED = ("bert", "roberta", "distilbert", "electra", "modernbert")

_INPUTS = ["input_ids", "attention_mask"]
_OUTPUTS = ["logits", "event_logits"]
_OPSET = 20
_TOLERANCE = 1e-3  # of the file's logits against torch's, as a share of the largest logit


class ExportError(ConflictnerError):
    """A network that cannot be written as ONNX, or an ONNX file that cannot be used."""


class _Outputs(nn.Module):
    """The two tensors that an ONNX file returns."""

    def __init__(self, network: TaggerNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        output = self.network(input_ids, attention_mask)
        return output.logits, output.event_logits


def export_fp32(network: TaggerNetwork, path: Path, max_length: int) -> None:
    """Write a network as one fp32 ONNX file, after comparing what the file computes with what torch computes.

    Inputs are ``input_ids`` and ``attention_mask`` (int64, ``[batch, length]``), outputs ``logits``
    (``[batch, length, tags]``) and ``event_logits`` (``[batch, events]``, also for no events). Batch and
    length are free.

    Args:
        network: Left as it is, on whatever device it is.
        path: The file to write.
        max_length: Longest window, in pieces with special tokens; the file is tried with it.

    Raises:
        ExportError: when the architecture cannot be exported or the file cannot be written.
    """
    module = _Outputs(copy.deepcopy(network)).to("cpu", torch.float32).eval()
    with contextlib.suppress(AttributeError, ValueError):  # plain matrix products make a faster graph
        module.network.tagger.set_attn_implementation("eager")
    reason = ""
    for export in (_trace, _capture):
        try:
            with _quiet(), torch.inference_mode():
                content = _finished(export(module, max_length), network.scheme)
            difference = _difference(module, content, max_length)
        except Exception as error:  # noqa: BLE001 - torch, transformers, onnx and ONNX Runtime raise all kinds
            reason = reason or f"{type(error).__name__}: {_one_line(error)}"
            continue
        if difference <= _TOLERANCE:
            _write(content, path)
            return
        reason = reason or f"the file's logits are off by {difference:.2g} of the largest"
    raise ExportError(
        f"a network of type {network.tagger.config.model_type!r} cannot be exported to ONNX ({reason}); take "
        f"another, such as {', '.join(EXPORTED)}, or do without the file: --set export.onnx=none"
    )


def quantize_int8(source: Path, target: Path) -> None:
    """Write the int8 version of an exported file, about a quarter of its size.

    What it computes for a text does not depend on the other texts of a batch; see :mod:`.quantization`.

    Args:
        source: A file from :func:`export_fp32`.
        target: The file to write.

    Raises:
        ExportError: when the source has nothing to quantise, or a file cannot be read or written.
    """
    try:
        model = onnx.load_model_from_string(source.read_bytes())
    except OSError as error:
        raise ExportError(f"{source}: cannot be read ({error.strerror})") from error
    except Exception as error:
        raise ExportError(f"{source}: not an ONNX file ({_one_line(error)})") from error
    if not quantize_graph(model):
        raise ExportError(f"{source}: has no fp32 weights to quantise; give a file that export_fp32 wrote")
    content = model.SerializeToString()
    _open(content, str(target), None)
    _write(content, target)


def onnx_run(path: Path, threads: int | None = None) -> NetworkRun:
    """Return an ONNX file as a function of numpy arrays.

    Args:
        path: A file from :func:`export_fp32` or :func:`quantize_int8`.
        threads: Threads inside one run; ``None`` for one per core.

    Raises:
        ExportError: when ONNX Runtime cannot open the file.
    """
    return _runner(_open(path, str(path), threads))


def share_equal(reference: Reading, other: Reading, scheme: LabelScheme, temperature: float = 1.0) -> float:
    """Return the share of texts, in [0, 1], whose spans are all the same in two readings of them.

    Spans are the same when borders, label and attribute are; 1 for no texts.

    Args:
        reference: What one engine says.
        other: What another says about the same texts.
        scheme: The label scheme.
        temperature: Divisor of the tag logits, > 0.

    Raises:
        ValueError: when the readings are of different texts.
    """
    if not np.array_equal(reference.begins, other.begins):
        raise ValueError("the readings are of different texts")
    pairs = zip(reference.spans(scheme, temperature), other.spans(scheme, temperature), strict=True)
    equal = [[_key(span) for span in one] == [_key(span) for span in two] for one, two in pairs]
    return sum(equal) / len(equal) if equal else 1.0


def _key(span: Span) -> tuple[int, int, str, str | None]:
    return span.start, span.end, span.label, span.attribute


def _trace(module: _Outputs, max_length: int) -> Any:
    """Export by tracing one run: takes seconds, but torch means to remove it one day."""
    buffer = io.BytesIO()
    free = {0: "batch", 1: "length"}
    torch.onnx.export(
        module,
        _example(max_length),
        buffer,  # type: ignore[arg-type] # takes any file, its annotation does not say so
        dynamo=False,
        input_names=_INPUTS,
        output_names=_OUTPUTS,
        dynamic_axes={**dict.fromkeys((*_INPUTS, "logits"), free), "event_logits": {0: "batch"}},
        opset_version=_OPSET,
    )
    return onnx.load_model_from_string(buffer.getvalue())


def _capture(module: _Outputs, max_length: int) -> Any:
    """Export by ``torch.export``: ten times slower, for what tracing gets wrong."""
    free = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    program = torch.onnx.export(
        module,
        _example(max_length),
        dynamo=True,
        input_names=_INPUTS,
        output_names=_OUTPUTS,
        dynamic_shapes=(free, free),
        opset_version=_OPSET,
        verbose=False,
    )
    assert program is not None
    return program.model_proto


def _example(max_length: int) -> tuple[Tensor, Tensor]:
    """Return ids and mask of two windows of different length."""
    length = min(max_length, 12)
    mask = torch.ones(2, length, dtype=torch.int64)
    mask[1, length - 2 :] = 0
    return torch.arange(2 * length).reshape(2, length) % 5, mask


def _finished(model: Any, scheme: LabelScheme) -> bytes:
    """Return the bytes of a model that states its shapes and keeps no trace of the machine it was made on."""
    shapes = (("batch", "length", len(scheme.tags)), ("batch", len(scheme.events)))
    for output, shape in zip(model.graph.output, shapes, strict=True):
        output.CopyFrom(onnx.helper.make_tensor_value_info(output.name, onnx.TensorProto.FLOAT, shape))
    del model.metadata_props[:]
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    content: bytes = model.SerializeToString()
    return content


def _difference(module: _Outputs, content: bytes, max_length: int) -> float:
    """Return how far a file is from torch on random windows of several sizes, as a share of the logits."""
    run = _runner(_open(content, "the exported file", None))
    generator = np.random.default_rng(0)
    vocabulary: int = module.network.tagger.config.vocab_size
    worst = 0.0
    for batch, length in ((1, max_length), (3, max(3, max_length // 3)), (5, min(max_length, 7))):
        ids = generator.integers(0, vocabulary, (batch, length))
        mask = np.ones((batch, length), dtype=np.int64)
        for row in range(1, batch):
            mask[row, length - row % length :] = 0
        with torch.inference_mode():
            logits, events = module(torch.from_numpy(ids), torch.from_numpy(mask))
        got_logits, got_events = run(ids, mask)
        read = mask == 1
        worst = max(worst, _share(got_logits[read], logits.numpy()[read]), _share(got_events, events.numpy()))
    return worst


def _share(got: NDArray[np.float32], wanted: NDArray[np.float32]) -> float:
    if got.shape != wanted.shape:
        raise ValueError(f"an output has the shape {got.shape}, expected {wanted.shape}")
    return float(np.abs(got - wanted).max(initial=0.0) / max(1.0, np.abs(wanted).max(initial=0.0)))


def _open(model: Path | bytes, name: str, threads: int | None) -> Any:
    """Open a file, or its content, with ONNX Runtime; ``name`` is for the error."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or 0
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what is wrong comes as an exception
    source = model if isinstance(model, bytes) else str(model)
    try:
        return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ExportError(f"{name}: ONNX Runtime cannot open it ({_one_line(error)})") from error


def _runner(session: Any) -> NetworkRun:
    def run(
        ids: NDArray[np.int64], mask: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        logits, events = session.run(_OUTPUTS, dict(zip(_INPUTS, (ids, mask), strict=True)))
        return logits, events

    return run


def _write(content: bytes, path: Path) -> None:
    """Put a file in place when it is whole."""
    temporary = path.with_name(f".{os.getpid()}-{path.name}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        raise ExportError(f"{path}: cannot be written ({error.strerror})") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporters' warnings, log lines and prints from the user; what fails is raised."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


def _one_line(error: Exception, limit: int = 200) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:limit] if lines else "no reason given"
