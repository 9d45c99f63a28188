"""Quantisation: the matrix products and embedding tables of an exported graph in int8.

The usual dynamic quantisation measures one scale over a whole batch, so a text's result depends on its
neighbours and on the padding. Here every row of activations, that is every piece of every text, has its own::

    scale  = max(max(row) / (255 - zero), -min(row) / zero)
    row    = QuantizeLinear(row, scale, zero)                          uint8
    output = (row - zero) @ weight * weight_scale * scale              int32 sums, then fp32

Weights have a scale for each column. Products between activations (attention) and narrow layers (the
heads) stay in fp32. Embedding tables have a scale for each row and are multiplied out after the look-up.

ONNX Runtime before 1.25 computes wrong integer products on processors with AMX.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

__all__ = ["quantize_graph", "quantize_table", "quantize_weight"]

_PREFIX = "int8"
_CONTRIB = "com.microsoft"
_NARROW = 32  # what has fewer rows or columns (the heads, token types) stays in fp32
_ZERO = 128  # uint8 that stands for 0.0 in activations of both signs
_ZERO_RECTIFIED = 24  # the same behind an activation function whose values are almost all positive
_RECTIFIERS = ("Gelu", "Relu")
_TINIEST = 1e-20  # least scale, so that a row of zeros divides well


def quantize_table(table: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Round an embedding table to int8.

    Args:
        table: Shape ``[rows, width]``.

    Returns:
        Values in [-127, 127], ``[rows, width]``, and scales, ``[rows, 1]``.
    """
    scale = _positive(np.abs(table).max(axis=1, keepdims=True) / 127)
    return np.round(table / scale).astype(np.int8), scale


def quantize_weight(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Round the weight of a matrix product to int8.

    Processors without VNNI instructions add the products of two neighbouring rows (first and second, third
    and fourth, ...) in 16 bits, which hold 255 * 128. So two neighbours of one sign add up to 128 at most;
    this costs less precision than the usual way out, weights of 7 bits.

    Args:
        weight: Shape ``[inputs, outputs]``.

    Returns:
        Values in [-127, 127], ``[inputs, outputs]``, and scales, ``[outputs]``.
    """
    inputs, outputs = weight.shape
    pairs = np.zeros((inputs + inputs % 2, outputs), dtype=np.float32)
    pairs[:inputs] = weight
    pairs = pairs.reshape(-1, 2, outputs)
    sums = np.maximum(pairs.clip(min=0).sum(axis=1), -pairs.clip(max=0).sum(axis=1)).max(axis=0)
    # 127, not 128: rounding can add a half to both. A single weight is at most the sum of its pair.
    scale = _positive(sums / 127)
    return np.round(weight / scale).astype(np.int8), scale


def quantize_graph(model: Any) -> int:
    """Rewrite the matrix products and look-ups with constant fp32 weights of an ONNX model, in place.

    Args:
        model: A model of opset 18 or later.

    Returns:
        How many products and look-ups were rewritten.
    """
    return _Rewriter(model).rewrite()


class _Rewriter:
    """Builds the new list of nodes.

    Args:
        model: The model; changed by :meth:`rewrite` only.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self.weights = {item.name: item for item in _constants(model.graph) if _is_matrix(item)}
        self.producers = {name: node.op_type for node in model.graph.node for name in node.output}
        self.nodes: list[Any] = []
        self.constants: dict[str, NDArray[Any]] = {}
        self.rows: dict[str, tuple[str, str, str]] = {}

    def rewrite(self) -> int:
        graph = self.model.graph
        changed = 0
        for node in graph.node:
            if node.op_type == "MatMul" and self._wide(node.input[1]):
                self._product(node)
            elif node.op_type == "Gather" and _axis(node) == 0 and self._wide(node.input[0]):
                self._lookup(node)
            else:
                self.nodes.append(node)
                continue
            changed += 1
        _replace(graph.node, self.nodes)
        constants = [numpy_helper.from_array(value, name) for name, value in self.constants.items()]
        graph.initializer.extend(constants)
        _drop_unused(graph)
        if not any(opset.domain == _CONTRIB for opset in self.model.opset_import):
            self.model.opset_import.append(helper.make_opsetid(_CONTRIB, 1))
        return changed

    def _wide(self, name: str) -> bool:
        return name in self.weights and min(self.weights[name].dims) >= _NARROW

    def _product(self, node: Any) -> None:
        """Rewrite ``output = input @ weight``."""
        (source, weight), (output,) = node.input, node.output
        quantized, scale, zero = self._quantized_rows(source, self.weights[weight].dims[0])
        values, columns = quantize_weight(numpy_helper.to_array(self.weights[weight]))
        inputs = [
            quantized,
            self._constant(f"{weight}/columns", values),
            self._constant("one", np.float32(1)),
            self._constant(f"{weight}/columns/scale", columns),
            zero,
            self._constant("zero_weight", np.int8(0)),
        ]
        raw = self._add("MatMulIntegerToFloat", inputs, f"{output}/raw", domain=_CONTRIB)
        self._add("Mul", [raw, scale], output)

    def _lookup(self, node: Any) -> None:
        """Rewrite ``output = table[indices]``."""
        (table, indices), (output,) = node.input, node.output
        values, scales = quantize_table(numpy_helper.to_array(self.weights[table]))
        rows = self._constant(f"{table}/rows", values)
        row_scales = self._constant(f"{table}/rows/scale", scales)
        picked = self._add("Gather", [rows, indices], f"{output}/int8", axis=0)
        cast = self._add("Cast", [picked], f"{output}/cast", to=onnx.TensorProto.FLOAT)
        scale = self._add("Gather", [row_scales, indices], f"{output}/scale", axis=0)
        self._add("Mul", [cast, scale], output)

    def _quantized_rows(self, source: str, width: int) -> tuple[str, str, str]:
        """Return the names of uint8 rows, their scales ``[..., 1]`` and their zero; once a tensor."""
        if source in self.rows:
            return self.rows[source]
        steps = _ZERO_RECTIFIED if self.producers.get(source) in _RECTIFIERS else _ZERO
        zero = self._constant(f"zero_{steps}", np.uint8(steps))
        scale = self._row_scale(source, steps)
        # QuantizeLinear takes one scale a row of a matrix only, so all leading dimensions become one.
        matrix = self._constant(f"matrix_{width}", np.array([-1, width], dtype=np.int64))
        flat = self._add("Reshape", [source, matrix], f"{source}/flat")
        scales = self._add("Reshape", [scale, self._last()], f"{scale}/flat")
        count = self._add("Shape", [scales], f"{scale}/count")
        zeros = self._add("Expand", [zero, count], f"{source}/zeros")
        rounded = self._add("QuantizeLinear", [flat, scales, zeros], f"{source}/flat/int8", axis=0)
        shape = self._add("Shape", [source], f"{source}/shape")
        quantized = self._add("Reshape", [rounded, shape], f"{source}/int8")
        self.rows[source] = quantized, scale, zero
        return self.rows[source]

    def _row_scale(self, source: str, zero: int) -> str:
        """Return the name of the least scales, ``[..., 1]``, with which each row fits into 8 bits."""
        ends = [self._constant("tiniest", np.float32(_TINIEST))]
        for reduction, steps in (("ReduceMax", 255 - zero), ("ReduceMin", -zero)):
            end = self._add(reduction, [source, self._last()], f"{source}/{reduction}", keepdims=1)
            step = self._constant(f"step_{steps}", np.float32(1 / steps))
            ends.append(self._add("Mul", [end, step], f"{end}/scale"))
        return self._add("Max", ends, f"{source}/scale")

    def _last(self) -> str:
        """Return the name of ``[-1]``: the last axis, or the shape of a vector."""
        return self._constant("last", np.array([-1], dtype=np.int64))

    def _constant(self, name: str, value: Any) -> str:
        name = f"{_PREFIX}/{name}"
        self.constants[name] = np.asarray(value)
        return name

    def _add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output


def _positive(scale: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.maximum(scale, _TINIEST).astype(np.float32)


def _constants(graph: Any) -> Iterator[Any]:
    """Yield the constant tensors of a graph, each under the name by which nodes know it."""
    yield from graph.initializer
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            tensor = onnx.TensorProto()
            tensor.CopyFrom(node.attribute[0].t)
            tensor.name = node.output[0]
            yield tensor


def _is_matrix(tensor: Any) -> bool:
    return len(tensor.dims) == 2 and tensor.data_type == onnx.TensorProto.FLOAT


def _axis(node: Any) -> int:
    return next((int(attribute.i) for attribute in node.attribute if attribute.name == "axis"), 0)


def _drop_unused(graph: Any) -> None:
    """Remove the constants that no node reads any more."""
    read = {name for node in graph.node for name in node.input} | {output.name for output in graph.output}
    nodes = [node for node in graph.node if node.op_type != "Constant" or node.output[0] in read]
    _replace(graph.node, nodes)
    _replace(graph.initializer, [tensor for tensor in graph.initializer if tensor.name in read])


def _replace(field: Any, items: list[Any]) -> None:
    kept = list(items)
    del field[:]
    field.extend(kept)
