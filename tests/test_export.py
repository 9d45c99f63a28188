import logging
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from onnx import TensorProto, helper, numpy_helper
from transformers import (
    AutoModelForTokenClassification,
    BertConfig,
    DistilBertConfig,
    ElectraConfig,
    ModernBertConfig,
    RobertaConfig,
)

from conflictner.data import ConflictnerError
from conflictner.model import DEFAULT_SCHEME, LabelScheme, export
from conflictner.model.export import ExportError, export_fp32, onnx_run, quantize_int8, share_equal
from conflictner.model.network import TaggerNetwork
from conflictner.model.quantization import quantize_graph, quantize_table, quantize_weight
from conflictner.model.reading import Reading
from conflictner.model.windows import TokenizedText

NO_EVENTS = replace(DEFAULT_SCHEME, events=())
VOCABULARY = 500
LONGEST = 48

_SIZE = {"vocab_size": VOCABULARY, "num_hidden_layers": 2, "num_attention_heads": 2, "hidden_size": 64}
_BERT = {**_SIZE, "intermediate_size": 128, "max_position_embeddings": 64}
CONFIGS = {
    "bert": lambda: BertConfig(**_BERT),
    "roberta": lambda: RobertaConfig(**_BERT, pad_token_id=1),
    "distilbert": lambda: DistilBertConfig(
        vocab_size=VOCABULARY, n_layers=2, n_heads=2, dim=64, hidden_dim=128, max_position_embeddings=64
    ),
    "electra": lambda: ElectraConfig(**_BERT, embedding_size=32),
    "modernbert": lambda: ModernBertConfig(
        **_BERT,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        cls_token_id=1,
        sep_token_id=2,
        local_attention=8,
        global_attn_every_n_layers=2,
    ),
}


def make_network(
    kind: str = "bert", scheme: LabelScheme = DEFAULT_SCHEME, seed: int = 0, layers: int = 2
) -> TaggerNetwork:
    config = CONFIGS[kind]()
    config.num_hidden_layers = layers
    config.num_labels = len(scheme.tags)
    torch.manual_seed(seed)
    network = TaggerNetwork(AutoModelForTokenClassification.from_config(config), scheme)
    with torch.no_grad():  # fresh networks have biases of zero and outputs near zero
        for parameter in network.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return network


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """Return a function from kind, scheme and type to the path of an exported file, each made once."""
    folder = tmp_path_factory.mktemp("exported")

    @cache
    def get(kind: str = "bert", scheme: LabelScheme = DEFAULT_SCHEME, int8: bool = False) -> Path:
        path = folder / f"{kind}-{len(scheme.events)}-{int8}.onnx"
        if int8:
            quantize_int8(get(kind, scheme), path)
        else:
            export_fp32(make_network(kind, scheme), path, LONGEST)
        return path

    return get


def windows(*lengths: int, seed: int = 0, width: int | None = None, pad: int = 0):
    """Return random ids and the mask of windows of these lengths."""
    rows = [np.random.default_rng((seed, length)).integers(5, VOCABULARY, length) for length in lengths]
    ids = np.full((len(rows), width or max(lengths)), pad, dtype=np.int64)
    mask = np.zeros_like(ids)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return ids, mask


def products(path: Path) -> Counter:
    return Counter(node.op_type for node in onnx.load(path).graph.node)


@pytest.mark.parametrize("kind", CONFIGS)
def test_fp32_equals_torch(kind, exported):
    network = make_network(kind).eval()
    run = onnx_run(exported(kind), threads=1)
    pad = network.tagger.config.pad_token_id
    for lengths in [(1,), (LONGEST,), (3, 17, 40), (30, 2, 29, 5, 48, 11, 9)]:
        ids, mask = windows(*lengths, pad=pad)
        with torch.inference_mode():
            wanted = network(torch.from_numpy(ids), torch.from_numpy(mask))
        logits, events = run(ids, mask)
        assert np.abs(wanted.logits.numpy()).max() > 0.1
        np.testing.assert_allclose(logits[mask == 1], wanted.logits.numpy()[mask == 1], atol=1e-4)
        np.testing.assert_allclose(events, wanted.event_logits.numpy(), atol=1e-4)


@pytest.mark.parametrize("int8", [False, True])
@pytest.mark.parametrize("scheme", [DEFAULT_SCHEME, NO_EVENTS])
def test_inputs_and_outputs_are_named_and_sized(scheme, int8, exported):
    session = onnxruntime.InferenceSession(exported("bert", scheme, int8))
    inputs = [(item.name, item.type, item.shape) for item in session.get_inputs()]
    outputs = [(item.name, item.type, item.shape) for item in session.get_outputs()]
    assert inputs == [
        (name, "tensor(int64)", ["batch", "length"]) for name in ("input_ids", "attention_mask")
    ]
    assert outputs == [
        ("logits", "tensor(float)", ["batch", "length", len(scheme.tags)]),
        ("event_logits", "tensor(float)", ["batch", len(scheme.events)]),
    ]
    logits, events = onnx_run(exported("bert", scheme, int8))(*windows(4, 9))
    assert logits.shape == (2, 9, len(scheme.tags))
    assert events.shape == (2, len(scheme.events))


@pytest.mark.parametrize("kind", CONFIGS)
def test_int8_is_close_to_fp32_and_small(kind, exported):
    full, small = exported(kind), exported(kind, int8=True)
    assert products(small)["MatMulIntegerToFloat"] >= 8
    assert (
        small.stat().st_size < 0.5 * full.stat().st_size
    )  # the graph itself weighs much in a file this tiny
    ids, mask = windows(LONGEST, 20, 33)
    for reduced, wanted in zip(onnx_run(small)(ids, mask), onnx_run(full)(ids, mask), strict=True):
        if reduced.ndim == 3:
            reduced, wanted = reduced[mask == 1], wanted[mask == 1]
        difference = np.abs(reduced - wanted)
        assert 0 < difference.max() < 0.1 * wanted.std()
        assert difference.mean() < 0.02 * wanted.std()


@pytest.mark.parametrize("kind", CONFIGS)
@pytest.mark.parametrize("int8", [False, True])
def test_a_text_is_read_alike_in_every_company(kind, int8, exported):
    run = onnx_run(exported(kind, int8=int8), threads=1)
    pad = CONFIGS[kind]().pad_token_id
    lengths = [7, LONGEST, 19, 30, 8, 41]
    alone = [run(*windows(length, pad=pad)) for length in lengths]
    for order in (list(range(6)), [5, 4, 3, 2, 1, 0], [1, 0], [0, 2], [3, 3, 0, 5]):
        logits, events = run(*windows(*(lengths[index] for index in order), pad=pad))
        for row, index in enumerate(order):
            np.testing.assert_allclose(logits[row, : lengths[index]], alone[index][0][0], atol=1e-4)
            np.testing.assert_allclose(events[row], alone[index][1][0], atol=1e-4)


def test_int8_of_the_outlier_of_a_batch_leaves_the_others_alone():
    """Rows are quantised for themselves: a row a million times as large does not drown the others."""
    weight = np.random.default_rng(0).normal(size=(64, 40)).astype(np.float32)
    rows = np.random.default_rng(1).normal(size=(2, 3, 64)).astype(np.float32)
    rows[1] *= 1e6
    (result,) = quantized_product(weight, rows)
    wanted = rows @ weight
    for one in range(2):
        assert np.abs(result[one] - wanted[one]).max() < 0.02 * np.abs(wanted[one]).max()


def quantized_product(weight, rows, activation=None):
    """Return what a matrix product in int8 makes of ``rows``."""
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"])]
    if activation:
        nodes = [helper.make_node(activation, ["x"], ["a"]), helper.make_node("MatMul", ["a", "w"], ["y"])]
    shape = ["batch", "length"]
    graph = helper.make_graph(
        nodes,
        "product",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [*shape, weight.shape[0]])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [*shape, weight.shape[1]])],
        [numpy_helper.from_array(weight, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    assert quantize_graph(model) == 1
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": rows})


def test_int8_products_do_not_overflow_where_sums_are_16_bits_wide():
    generator = np.random.default_rng(0)
    weight = generator.choice([-1.0, 1.0, 0.01], size=(65, 64)).astype(np.float32)
    weight[:, :8] = 1.0  # the largest sums there can be
    weight[:, 8:16] = -1.0
    rows = np.ones((1, 12, 65), dtype=np.float32)
    rows[0, 1] = -1.0
    rows[0, 2:] = generator.choice([-1.0, 1.0], size=(10, 65))
    values, scale = quantize_weight(weight)
    (result,) = quantized_product(weight, rows)
    # Activations of equal size are exact in 8 bits, so only the weights are rounded.
    np.testing.assert_allclose(result, rows @ (values * scale), rtol=1e-4, atol=0.6)


@pytest.mark.parametrize("activation", ["Gelu", "Relu"])
def test_int8_behind_an_activation_uses_the_range(activation):
    weight = np.random.default_rng(0).normal(size=(128, 32)).astype(np.float32)
    rows = np.random.default_rng(1).normal(size=(1, 50, 128)).astype(np.float32) * 2
    values, scale = quantize_weight(weight)
    positive = torch.from_numpy(rows)
    positive = torch.nn.functional.gelu(positive) if activation == "Gelu" else positive.relu()
    wanted = positive.numpy() @ (values * scale)
    (behind,) = quantized_product(weight, rows, activation)
    (plain,) = quantized_product(weight, positive.numpy())
    assert np.abs(behind - wanted).mean() < 0.7 * np.abs(plain - wanted).mean()


def test_int8_of_rows_of_zeros_is_zero():
    weight = np.ones((64, 40), dtype=np.float32)
    rows = np.zeros((2, 3, 64), dtype=np.float32)
    assert not quantized_product(weight, rows)[0].any()
    assert not quantized_product(0 * weight, rows + 1)[0].any()


_numbers = st.floats(-100, 100, width=32)


@given(
    st.tuples(st.integers(1, 9), st.integers(1, 5)).flatmap(
        lambda shape: arrays(np.float32, shape, elements=_numbers)
    )
)
def test_weights_are_rounded_within_their_bounds(weight):
    values, scale = quantize_weight(weight)
    assert values.dtype == np.int8
    assert scale.shape == (weight.shape[1],)
    assert np.abs(values.astype(int)).max() <= 127
    assert np.all(np.abs(values * scale - weight) <= 0.5001 * scale)
    for first in range(0, len(values) - 1, 2):
        pair = values[first : first + 2].astype(int)
        assert np.all(pair.clip(min=0).sum(axis=0) <= 128)
        assert np.all(pair.clip(max=0).sum(axis=0) >= -128)


@given(
    st.tuples(st.integers(1, 9), st.integers(1, 5)).flatmap(
        lambda shape: arrays(np.float32, shape, elements=_numbers)
    )
)
def test_tables_are_rounded_by_row(table):
    values, scale = quantize_table(table)
    assert values.dtype == np.int8
    assert scale.shape == (len(table), 1)
    assert np.all(np.abs(values * scale - table) <= 0.5001 * scale)
    assert np.all(scale <= np.maximum(np.abs(table).max(axis=1, keepdims=True) / 126.9, 1e-19))


def test_export_leaves_the_network_and_the_process_alone(tmp_path, capfd, recwarn):
    network = make_network().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    attention = network.tagger.config._attn_implementation
    level = logging.root.manager.disable
    for name in ("one.onnx", "two.onnx"):
        export_fp32(network, tmp_path / name, LONGEST)
    quantize_int8(tmp_path / "one.onnx", tmp_path / "small.onnx")
    assert network.training
    assert network.tagger.config._attn_implementation == attention
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert logging.root.manager.disable == level
    assert capfd.readouterr() == ("", "")
    assert not recwarn.list
    assert (tmp_path / "one.onnx").read_bytes() == (tmp_path / "two.onnx").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.onnx", "small.onnx", "two.onnx"]


def test_files_hold_no_trace_of_the_machine(exported):
    for int8 in (False, True):
        content = exported(int8=int8).read_bytes()
        assert b".py" not in content
        assert str(Path(__file__).parents[1]).encode() not in content


def fail(*_):
    raise RuntimeError("no symbolic for aten::strange\nwith a second line")


def test_a_second_exporter_steps_in(tmp_path, monkeypatch):
    trace = export._trace
    wrong = make_network(seed=1).eval()
    for first in (fail, lambda module, length: trace(export._Outputs(wrong), length)):
        monkeypatch.setattr(export, "_trace", first)
        monkeypatch.setattr(export, "_capture", trace)
        export_fp32(make_network(), tmp_path / "model.onnx", LONGEST)
        ids, mask = windows(9)
        with torch.inference_mode():
            wanted = make_network().eval()(torch.from_numpy(ids), torch.from_numpy(mask))
        np.testing.assert_allclose(
            onnx_run(tmp_path / "model.onnx")(ids, mask)[0], wanted.logits.numpy(), atol=1e-4
        )
        (tmp_path / "model.onnx").unlink()


def test_the_second_exporter_works(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(export, "_trace", fail)
    export_fp32(make_network(layers=1), tmp_path / "model.onnx", LONGEST)
    quantize_int8(tmp_path / "model.onnx", tmp_path / "small.onnx")
    assert capfd.readouterr() == ("", "")
    assert b".py" not in (tmp_path / "model.onnx").read_bytes()
    assert products(tmp_path / "small.onnx")["MatMulIntegerToFloat"] == 6


def test_what_cannot_be_exported_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "_trace", fail)
    monkeypatch.setattr(export, "_capture", fail)
    with pytest.raises(ExportError) as caught:
        export_fp32(make_network(), tmp_path / "model.onnx", LONGEST)
    assert isinstance(caught.value, ConflictnerError)
    assert "'bert'" in str(caught.value)
    assert "aten::strange" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_file_that_computes_something_else_is_refused(tmp_path, monkeypatch):
    trace, wrong = export._trace, export._Outputs(make_network(seed=1).eval())
    for name in ("_trace", "_capture"):
        monkeypatch.setattr(export, name, lambda module, length: trace(wrong, length))
    with pytest.raises(ExportError, match="logits are off by"):
        export_fp32(make_network(), tmp_path / "model.onnx", LONGEST)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_truncated_file_is_refused_in_one_line(share, exported, tmp_path, capfd):
    content = exported().read_bytes()
    path = tmp_path / "model.onnx"
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ExportError) as caught:
        onnx_run(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
    with pytest.raises(ExportError) as caught:
        quantize_int8(path, tmp_path / "small.onnx")
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")
    assert [item.name for item in tmp_path.iterdir()] == ["model.onnx"]


def test_files_that_are_not_there(tmp_path, exported):
    with pytest.raises(ExportError, match=r"absent\.onnx: ONNX Runtime cannot open it"):
        onnx_run(tmp_path / "absent.onnx")
    with pytest.raises(ExportError, match=r"absent\.onnx: cannot be read"):
        quantize_int8(tmp_path / "absent.onnx", tmp_path / "small.onnx")
    with pytest.raises(ExportError, match=r"small\.onnx: cannot be written"):
        quantize_int8(exported(), tmp_path / "no folder" / "small.onnx")


def test_int8_of_int8_is_refused(tmp_path, exported):
    with pytest.raises(ExportError, match="no fp32 weights to quantise"):
        quantize_int8(exported(int8=True), tmp_path / "small.onnx")


def test_int8_can_replace_its_source(tmp_path, exported):
    path = tmp_path / "model.onnx"
    path.write_bytes(exported().read_bytes())
    quantize_int8(path, path)
    assert path.read_bytes() == exported(int8=True).read_bytes()


def reading(*texts: list[str]) -> Reading:
    """Return a reading that is sure of these tags."""
    tokenized, rows = [], []
    for tags in texts:
        words = np.array([[3 * index, 3 * index + 2] for index in range(len(tags))], dtype=np.int64).reshape(
            -1, 2
        )
        tokenized.append(TokenizedText(words, np.zeros(len(tags), np.int64), np.arange(len(tags)), 1.0))
        rows += [DEFAULT_SCHEME.tags.index(tag) for tag in tags]
    logits = 20 * np.eye(len(DEFAULT_SCHEME.tags), dtype=np.float32)[np.array(rows, dtype=np.intp)]
    begins = np.concatenate([[0], np.cumsum([len(tags) for tags in texts])]).astype(np.int64)
    return Reading(tokenized, begins, logits, np.zeros((len(texts), len(DEFAULT_SCHEME.events)), np.float32))


def test_share_of_equal_texts():
    agent, target = ["O", "B-ACTOR:agent", "I-ACTOR:agent"], ["O", "B-ACTOR:target", "I-ACTOR:target"]
    weapon, nothing = ["B-WEAPON"], ["O"]
    one = reading(agent, weapon, nothing, [])
    assert share_equal(one, one, DEFAULT_SCHEME) == 1.0
    assert share_equal(one, reading(target, weapon, nothing, []), DEFAULT_SCHEME) == 0.75
    assert share_equal(one, reading(target, nothing, weapon, []), DEFAULT_SCHEME) == 0.25
    softer = replace(one, logits=one.logits / 2)  # other scores, the same spans
    assert share_equal(one, softer, DEFAULT_SCHEME, temperature=0.7) == 1.0
    with pytest.raises(ValueError, match="different texts"):
        share_equal(one, reading(weapon, agent, nothing, []), DEFAULT_SCHEME)
