"""Engines: ONNX Runtime and torch say the same, and whatever they cannot do is told in one line."""

import os
import shutil
import sys

import numpy as np
import pytest

from conflictner.inference.engines import ENGINES, EngineError, OnnxEngine, open_engine
from conflictner.model.checkpoint import Checkpoint


@pytest.fixture(scope="module")
def checkpoint(tiny_checkpoint):
    return Checkpoint.load(tiny_checkpoint)


@pytest.fixture(scope="module")
def engines(checkpoint):
    return {name: open_engine(checkpoint, name, "cpu", 1) for name in ENGINES}


def batch(checkpoint, rows, length, seed=0):
    """Random pieces; the first row is full, the others are padded more and more."""
    generator = np.random.default_rng(seed)
    ids = generator.integers(5, checkpoint.vocabulary, (rows, length))
    mask = np.ones((rows, length), dtype=np.int64)
    for row in range(rows):
        mask[row, length - row * (length - 1) // rows :] = 0
    return np.where(mask == 1, ids, checkpoint.pad_id), mask


def refusal(checkpoint, engine="onnx", device="cpu", threads=1) -> str:
    with pytest.raises(EngineError) as caught:
        open_engine(checkpoint, engine, device, threads)
    assert str(caught.value).isprintable()
    return str(caught.value)


@pytest.mark.parametrize(("rows", "length"), [(1, 3), (1, 64), (5, 17), (12, 64)])
def test_engines_agree(checkpoint, engines, rows, length):
    ids, mask = batch(checkpoint, rows, length)
    (logits, events), (torch_logits, torch_events) = (engines[name].run(ids, mask) for name in ENGINES)
    assert logits.shape == torch_logits.shape == (rows, length, 23)
    assert events.shape == torch_events.shape == (rows, 7)
    assert {array.dtype for array in (logits, events, torch_logits, torch_events)} == {np.dtype(np.float32)}
    np.testing.assert_allclose(logits[mask == 1], torch_logits[mask == 1], atol=1e-4)
    np.testing.assert_allclose(events, torch_events, atol=1e-4)


@pytest.mark.parametrize("name", ENGINES)
def test_row_does_not_depend_on_its_batch(checkpoint, engines, name):
    ids, mask = batch(checkpoint, 8, 40)
    logits, events = engines[name].run(ids, mask)
    for row in range(len(ids)):
        length = mask[row].sum()
        alone, alone_events = engines[name].run(ids[row : row + 1, :length], mask[row : row + 1, :length])
        np.testing.assert_allclose(alone[0], logits[row, :length], atol=1e-4)
        np.testing.assert_allclose(alone_events[0], events[row], atol=1e-4)


def test_int8_row_does_not_depend_on_its_batch(checkpoint, tiny_checkpoint, tmp_path):
    from conflictner.model.checkpoint import write_checksums
    from conflictner.model.export import quantize_int8

    folder = shutil.copytree(tiny_checkpoint, tmp_path / "int8")
    quantize_int8(tiny_checkpoint / "model.onnx", folder / "model.onnx")
    write_checksums(folder)
    engine = open_engine(Checkpoint.load(folder), "onnx", "cpu", 1)
    ids, mask = batch(checkpoint, 8, 40)
    logits, _ = engine.run(ids, mask)
    for row in range(len(ids)):
        length = mask[row].sum()
        alone, _ = engine.run(ids[row : row + 1, :length], mask[row : row + 1, :length])
        np.testing.assert_allclose(alone[0], logits[row, :length], atol=1e-4)


def test_unknown_engine(checkpoint):
    assert refusal(checkpoint, "tensorflow") == ("engine 'tensorflow' is not known; accepted are onnx, torch")


@pytest.mark.parametrize("threads", [0, -1, 1.5, "2", True])
@pytest.mark.parametrize("engine", ENGINES)
def test_impossible_number_of_threads(checkpoint, engine, threads):
    assert "threads must be a whole number of at least 1" in refusal(checkpoint, engine, threads=threads)


@pytest.mark.parametrize("device", ["cuda", "cuda:1", "tpu", "", "cuda:x", "gpu\n0"])
def test_device_that_the_onnx_engine_does_not_have(checkpoint, device):
    message = refusal(checkpoint, device=device)
    assert f"device {device!r} is not available to the onnx engine" in message
    assert "'cpu'" in message


@pytest.mark.parametrize("device", ["tpu", "", "cuda:999", "gpu\n0", 3.5])
def test_device_that_torch_does_not_have(checkpoint, device):
    message = refusal(checkpoint, "torch", device)
    assert f"device {device!r} is not available to torch" in message
    assert "'cpu'" in message


def test_onnx_runtime_that_falls_back_to_the_cpu_is_noticed(checkpoint, monkeypatch):
    import onnxruntime

    session = onnxruntime.InferenceSession(
        str(checkpoint.file("model.onnx")), providers=["CPUExecutionProvider"]
    )
    providers = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: providers)
    asked = []

    def open_session(path, options, providers, **_):
        asked.append(providers)
        return session

    monkeypatch.setattr(onnxruntime, "InferenceSession", open_session)
    assert "device 'cuda:1' is not available" in refusal(checkpoint, device="cuda:1")
    assert asked == [[("CUDAExecutionProvider", {"device_id": "1"})]]


@pytest.mark.parametrize("missing", ["torch", "transformers"])
def test_torch_engine_without_the_train_extra(checkpoint, monkeypatch, missing):
    for name in [name for name in sys.modules if name.startswith("conflictner.model.network")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("conflictner.model.network", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    message = refusal(checkpoint, "torch")
    assert "pip install 'conflictner[train]'" in message
    assert missing in message


@pytest.mark.parametrize("name", ENGINES)
def test_run_that_fails_says_what_to_do(checkpoint, engines, name):
    ids = np.full((2, 9), checkpoint.vocabulary + 5, dtype=np.int64)
    with pytest.raises(EngineError, match=f"the {name} engine failed on 2 windows of 9 pieces") as caught:
        engines[name].run(ids, np.ones_like(ids))
    assert str(caught.value).isprintable()
    assert "batch_tokens" in str(caught.value)


def test_onnx_engine_is_quiet_about_what_it_raises(checkpoint, engines, capfd):
    ids = np.full((1, 3), checkpoint.vocabulary + 5, dtype=np.int64)
    with pytest.raises(EngineError):
        engines["onnx"].run(ids, np.ones_like(ids))
    assert capfd.readouterr() == ("", "")


def test_onnx_engine_takes_as_many_threads_as_it_may(checkpoint, monkeypatch):
    import onnxruntime

    options = []
    real = onnxruntime.InferenceSession

    def open_session(path, settings, **others):
        options.append(settings.intra_op_num_threads)
        return real(path, settings, **others)

    monkeypatch.setattr(onnxruntime, "InferenceSession", open_session)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 5}, raising=False)
    assert OnnxEngine(checkpoint).workers == 3
    assert OnnxEngine(checkpoint, threads=2).workers == 2
    monkeypatch.delattr(os, "sched_getaffinity")
    assert OnnxEngine(checkpoint).workers == 64
    assert options == [1, 1, 1]  # in each of them, a run has one thread
