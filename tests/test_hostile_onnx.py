"""ONNX files made to harm: weights elsewhere, graphs without end, and what they do not declare."""

import contextlib
from pathlib import Path

import onnx
import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from conflictner.inference import Tagger
from conflictner.model.checkpoint import CheckpointError, write_checksums
from conflictner.model.onnx_file import check_whole

from .hostile_folder import SENTENCE, complaint, copied


@pytest.fixture
def folder(tiny_checkpoint, tmp_path) -> Path:
    return copied(tiny_checkpoint, tmp_path)


# ONNX


def constant(name: str, location: str | None) -> TensorProto:
    tensor = helper.make_tensor(name, TensorProto.FLOAT, [1], [0.0])
    if location is not None:
        del tensor.float_data[:]
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="length", value="4")
        tensor.external_data.add(key="location", value=location)
    return tensor


def onnx_model(place: str, location: str | None) -> onnx.ModelProto:
    """A model that has a constant in one of the places where ONNX files may have them."""
    tensor = constant("constant", location)
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    nodes, more = [helper.make_node("Neg", ["x"], ["y"])], {}
    inner = helper.make_graph([helper.make_node("Constant", [], ["z"], value=tensor)], "inner", [], [])
    functions = []
    if place == "initializer":
        more["initializer"] = [tensor]
    elif place == "sparse":
        indices = helper.make_tensor("indices", TensorProto.INT64, [1], [0])
        more["sparse_initializer"] = [helper.make_sparse_tensor(tensor, indices, [1])]
    elif place == "node":
        nodes = [*inner.node]
    elif place == "branch":
        nodes = [helper.make_node("If", ["x"], ["y"], then_branch=inner, else_branch=inner)]
    elif place == "list":
        nodes = [helper.make_node("Any", [], ["y"], many=[constant("c", None), tensor])]
    elif place == "function":
        opset = helper.make_opsetid("", 18)
        functions = [helper.make_function("own", "f", [], ["z"], list(inner.node), [opset])]
    graph = helper.make_graph(nodes, "graph", [value], [], **more)
    return helper.make_model(graph, functions=functions, opset_imports=[helper.make_opsetid("", 18)])


PLACES = ("initializer", "sparse", "node", "branch", "list", "function")


@pytest.mark.parametrize("place", PLACES)
def test_files_with_all_weights_inside_are_whole(tmp_path, place):
    path = tmp_path / "model.onnx"
    path.write_bytes(onnx_model(place, None).SerializeToString())
    check_whole(path)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("location", ["../weights", "/etc/passwd", "weights.bin", "a\nb", ""])
def test_weights_in_other_files_are_refused(folder, place, location):
    (folder / "model.onnx").write_bytes(onnx_model(place, location).SerializeToString())
    message = complaint(folder, "model.onnx")
    assert f"keeps weights in another file, {location!r}" in message


def test_weights_elsewhere_without_a_place_are_refused(folder):
    model = onnx_model("initializer", None)
    model.graph.initializer[0].data_location = TensorProto.EXTERNAL
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    assert "another file" in complaint(folder, "model.onnx")


def test_names_that_are_no_text_are_refused_without_a_word_of_the_runtime(folder, capfd):
    content = (folder / "model.onnx").read_bytes()
    assert b"MatMul" in content
    (folder / "model.onnx").write_bytes(content.replace(b"MatMul", b"\xffatMul"))
    complaint(folder, "model.onnx")
    assert capfd.readouterr() == ("", "")


def test_graphs_in_graphs_of_any_depth(folder):
    content = b""
    for _ in range(3000):  # an attribute that is a graph, in a node, in a graph
        for key in (0x32, 0x2A, 0x0A):
            content = bytes([key]) + varint(len(content)) + content
    (folder / "model.onnx").write_bytes(b"\x3a" + varint(len(content)) + content)
    assert "more than 64 deep" in complaint(folder, "model.onnx")


def varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


@given(st.data())
def test_any_change_of_an_onnx_file_is_seen_or_harmless(tmp_path_factory, data):
    content = bytearray(onnx_model(data.draw(st.sampled_from(PLACES)), "elsewhere").SerializeToString())
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "changed.onnx"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with contextlib.suppress(CheckpointError, DecodeError):  # what protobuf cannot read, nobody loads
        check_whole(path)
        assert not has_outside(onnx.ModelProto.FromString(path.read_bytes()))


def has_outside(message) -> bool:
    """Whether a tensor of a message is kept elsewhere, by protobuf's own account."""
    if isinstance(message, TensorProto):
        return message.data_location == TensorProto.EXTERNAL or bool(
            [item for item in message.external_data if item.key == "location"]
        )
    children = [
        child
        for field, value in message.ListFields()
        if field.message_type is not None and field.message_type.name in REACHING
        for child in (value if hasattr(value, "__len__") else [value])
    ]
    return any(has_outside(child) for child in children)


REACHING = {
    *("GraphProto", "NodeProto", "AttributeProto", "FunctionProto", "TrainingInfoProto"),
    *("TensorProto", "SparseTensorProto"),
}


def lying_model(width: str, tags: int = 23, events: int = 7) -> bytes:
    """A model that declares what is wanted, and gives as many tags as the longest row has pieces."""
    number = TensorProto.INT64
    inputs = [helper.make_tensor_value_info(n, number, ["b", "l"]) for n in ("input_ids", "attention_mask")]
    outputs = [
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["b", "l", tags]),
        helper.make_tensor_value_info("event_logits", TensorProto.FLOAT, ["b", events]),
    ]
    nodes = [
        helper.make_node("Shape", ["input_ids"], ["shape"]),
        helper.make_node("ReduceSum", ["attention_mask"], ["sum"], keepdims=0),
        helper.make_node("Reshape", ["sum", "one"], ["many"]),
        helper.make_node("Gather", ["shape", "zero"], ["batch"]),
        helper.make_node("Concat", ["shape", width], ["wide"], axis=0),
        helper.make_node("Concat", ["batch", "seven"], ["narrow"], axis=0),
        helper.make_node("ConstantOfShape", ["wide"], ["logits"]),
        helper.make_node("ConstantOfShape", ["narrow"], ["event_logits"]),
    ]
    numbers = {"one": 1, "zero": 0, "seven": events, "tags": tags}
    constants = [helper.make_tensor(name, number, [1], [value]) for name, value in numbers.items()]
    graph = helper.make_graph(nodes, "graph", inputs, outputs, constants)
    opset = [helper.make_opsetid("", 18)]
    return helper.make_model(graph, opset_imports=opset, ir_version=10).SerializeToString()


def test_files_that_give_what_they_do_not_declare(folder):
    (folder / "model.onnx").write_bytes(lying_model("tags"))
    write_checksums(folder)
    assert Tagger.load(folder, threads=1).predict(SENTENCE).spans is not None
    (folder / "model.onnx").write_bytes(lying_model("many"))
    complaint(folder, "model.onnx gives (1, ")


def test_inputs_and_outputs_of_other_types(folder):
    model = onnx.ModelProto.FromString(lying_model("tags"))
    for value in model.graph.input:
        value.type.tensor_type.elem_type = TensorProto.INT32
    model.graph.node.insert(0, helper.make_node("Cast", ["attention_mask"], ["longs"], to=TensorProto.INT64))
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    assert "tensor(int32)" in complaint(folder, "model.onnx takes")
