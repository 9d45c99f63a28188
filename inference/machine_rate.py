"""How many multiplications a second this machine does in matrix products, and how many a network asks for."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["MachineRate", "measure_rate", "multiplications_per_piece"]

_SIZE = 1024  # rows, and both sides of the weight
_CONTRIB = "com.microsoft"
_INT8 = ("MatMulIntegerToFloat", "MatMulInteger")
_PRODUCTS = (*_INT8, "MatMul", "Gemm")


@dataclass(frozen=True, slots=True)
class MachineRate:
    """The best of several products of large matrices, in ONNX Runtime, each thread with one of its own.

    Attributes:
        threads: How many threads worked.
        fp32: Multiplications (each with an addition) a second of fp32 matrices.
        int8: Those of uint8 with int8 matrices.
    """

    threads: int
    fp32: float
    int8: float


def measure_rate(threads: int, rounds: int = 3) -> MachineRate:
    """Measure the machine; needs the library ``onnx`` and takes about a second a thread and round.

    Args:
        threads: How many threads work at a time.
        rounds: How often each product is timed, of which the best counts.
    """
    chance = np.random.default_rng(0)
    weight = chance.integers(-60, 60, (_SIZE, _SIZE)).astype(np.int8)
    rows = chance.integers(0, 255, (_SIZE, _SIZE)).astype(np.uint8)
    rates = {}
    for name, values, columns in (
        ("fp32", rows.astype(np.float32), weight.astype(np.float32)),
        ("int8", rows, weight),
    ):
        session = _product(values, columns)
        rates[name] = max(_rate(session, values, threads) for _ in range(rounds + 1))
    return MachineRate(threads, **rates)


def multiplications_per_piece(path: Path) -> tuple[int, float]:
    """Return the multiplications with constant weights that a network does for a piece, and the int8 share.

    Products between activations (attention) are not counted: they depend on a window's length, and are few.

    Args:
        path: An ONNX file; needs the library ``onnx``.
    """
    import onnx

    graph = onnx.load(path, load_external_data=False).graph
    sizes = {item.name: int(np.prod(item.dims)) for item in graph.initializer if len(item.dims) == 2}
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            dims = node.attribute[0].t.dims
            if len(dims) == 2:
                sizes[node.output[0]] = int(np.prod(dims))
    products = [node for node in graph.node if node.op_type in _PRODUCTS]
    every = sum(sizes.get(node.input[1], 0) for node in products)
    whole = sum(sizes.get(node.input[1], 0) for node in products if node.op_type in _INT8)
    return every, whole / every if every else 0.0


def _product(values: Any, columns: Any) -> Any:
    """Return a session that multiplies rows with a constant weight in one thread."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    constants = {"weight": columns}
    if columns.dtype == np.int8:
        constants |= {"zero": np.array(128, dtype=np.uint8), "one": np.array(1, dtype=np.float32)}
        inputs = ["rows", "weight", "one", "one", "zero"]
        node = helper.make_node("MatMulIntegerToFloat", inputs, ["product"], domain=_CONTRIB)
        kind = TensorProto.UINT8
    else:
        node = helper.make_node("MatMul", ["rows", "weight"], ["product"])
        kind = TensorProto.FLOAT
    graph = helper.make_graph(
        [node],
        "product",
        [helper.make_tensor_value_info("rows", kind, values.shape)],
        [helper.make_tensor_value_info("product", TensorProto.FLOAT, values.shape)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid(_CONTRIB, 1)]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    content = helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _rate(session: Any, values: Any, threads: int, seconds: float = 0.15) -> float:
    """Return multiplications a second while ``threads`` threads multiply for some time."""

    def work(_: int) -> int:
        done = 0
        end = time.perf_counter() + seconds
        while time.perf_counter() < end or not done:
            session.run(None, {"rows": values})
            done += 1
        return done

    begin = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        products = sum(pool.map(work, range(threads)))
    return float(products * _SIZE**3 / (time.perf_counter() - begin))
