"""Model folders made to harm: loading runs no code, reads nothing elsewhere, and fails in one line."""

import ast
import contextlib
import io
import json
import os
import pickle
import resource
import shutil
import struct
import zipfile
from pathlib import Path

import onnx
import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper
from typer.testing import CliRunner

from conflictner.inference import Tagger
from conflictner.inference.command_line import app
from conflictner.model.checkpoint import Checkpoint, CheckpointError, write_checksums
from conflictner.model.onnx_file import check_whole

ROOT = Path(__file__).parents[1]
TEXT_FILES = ("config.json", "tokenizer.json", "labels.json", "calibration.json")
WEIGHTS = ("model.safetensors", "event_head.safetensors")
ALL_FILES = (*TEXT_FILES, "model.onnx", *WEIGHTS)
SENTENCE = "Rebels killed three soldiers near Homs."


@pytest.fixture
def folder(tiny_checkpoint, tmp_path) -> Path:
    """A copy of the tiny checkpoint; whoever changes it makes the checksums fit, as an attacker would."""
    return Path(shutil.copytree(tiny_checkpoint, tmp_path / "model"))


def complaint(folder: Path, name: str = "") -> str:
    """Load a folder whose checksums fit, by the engine that reads the named file, and return the error."""
    write_checksums(folder)
    engine = "torch" if name in WEIGHTS else "onnx"
    for verify in (True, False):  # the manifest makes no difference: its writer is who made the files
        with pytest.raises(CheckpointError) as caught:
            Tagger.load(folder, engine=engine, threads=1, verify=verify).predict(SENTENCE)
        message = str(caught.value)
        assert name in message
        assert message.isprintable()
        assert len(message) < 700
    return message


def change(path: Path, **entries) -> None:
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | entries), encoding="utf-8")


def megabytes() -> float:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# Code


class Payload:
    """Makes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


@pytest.mark.parametrize("name", ALL_FILES)
@pytest.mark.parametrize("kind", ["pickle", "torch"])
def test_pickles_are_not_opened(folder, tmp_path, name, kind):
    marker = tmp_path / "marker"
    content = pickle.dumps(Payload(marker))
    if kind == "torch":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("archive/data.pkl", content)
            archive.writestr("archive/version", "3\n")
        content = buffer.getvalue()
    (folder / name).write_bytes(content)
    complaint(folder, name)
    assert not marker.exists()
    pickle.loads(pickle.dumps(Payload(marker)))
    assert marker.exists()  # it would have been seen


def test_code_beside_the_weights_is_not_run(folder, tmp_path):
    from conflictner.model.network import build_network
    from conflictner.training.parts import load_tokenizer

    marker = tmp_path / "marker"
    for name in ("modeling_evil.py", "configuration_evil.py", "tokenization_evil.py"):
        (folder / name).write_text(f"import os\nos.mkdir({str(marker)!r})\n", encoding="utf-8")
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Payload(marker)))
    code = {
        "AutoConfig": "configuration_evil.EvilConfig",
        "AutoModelForTokenClassification": "modeling_evil.Evil",
    }
    change(folder / "config.json", auto_map=code)
    change(folder / "tokenizer_config.json", auto_map={"AutoTokenizer": [None, "tokenization_evil.Evil"]})
    write_checksums(folder)
    for engine in ("onnx", "torch"):
        Tagger.load(folder, engine=engine, threads=1).predict(SENTENCE)
    load_tokenizer(str(folder))
    build_network(folder, Checkpoint.load(folder).scheme, dropout=0.0)
    change(folder / "config.json", model_type="evil")
    with pytest.raises(CheckpointError):
        build_network(folder, Checkpoint.load(folder, verify=False).scheme, dropout=0.0)
    with pytest.raises(CheckpointError):
        Tagger.load(folder, engine="torch", threads=1, verify=False)
    assert not marker.exists()


def test_how_attention_is_computed_is_not_for_the_file_to_say(folder):
    from conflictner.model.network import build_network, load_network

    named = "organisation/kernel"
    change(folder / "config.json", attn_implementation=named, experts_implementation=named)
    write_checksums(folder)
    checkpoint = Checkpoint.load(folder)
    for network in (load_network(checkpoint), build_network(folder, checkpoint.scheme, dropout=0.0)):
        assert network.tagger.config._attn_implementation in ("sdpa", "eager")


def calls(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), {word.arg: word.value for word in node.keywords}


def test_nothing_of_the_hub_is_trusted():
    loaders = [
        (path, called, words)
        for part in ("data", "model", "training", "inference")
        for path in (ROOT / part).rglob("*.py")
        for called, words in calls(path)
        if (called.endswith(".from_pretrained") and "Auto" in called) or called == "transformers.pipeline"
    ]
    assert len(loaders) >= 6
    for path, called, words in loaders:
        assert ast.unparse(words["trust_remote_code"]) == "False", (path, called)
        if "AutoModel" in called:
            assert ast.unparse(words["use_safetensors"]) == "True", (path, called)


# Links and things that are no files


def refusal(folder: Path, name: str, verify: bool) -> str:
    with pytest.raises(CheckpointError) as caught:
        Tagger.load(folder, engine="torch" if name in WEIGHTS else "onnx", threads=1, verify=verify)
    assert name in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ALL_FILES)
def test_links_out_of_the_folder_are_followed_only_to_what_the_checksums_name(folder, tmp_path, name):
    (folder / name).rename(tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")
    Tagger.load(folder, engine="torch" if name in WEIGHTS else "onnx", threads=1).predict(SENTENCE)
    assert "is a link that leaves the folder" in refusal(folder, name, verify=False)
    (tmp_path / "elsewhere").write_text('"the password is swordfish"', encoding="utf-8")
    for verify, reason in ((True, "does not match checksums.json"), (False, "is a link")):
        message = refusal(folder, name, verify)
        assert reason in message
        assert "swordfish" not in message


def test_links_by_a_folder_are_seen(folder, tmp_path):
    (tmp_path / "other").mkdir()
    (folder / "labels.json").rename(tmp_path / "other" / "labels.json")
    (folder / "sub").symlink_to(tmp_path / "other")
    (folder / "labels.json").symlink_to("sub/labels.json")
    assert "is a link that leaves the folder" in refusal(folder, "labels.json", verify=False)


def test_checksums_that_are_a_link_are_refused(folder, tmp_path):
    (folder / "checksums.json").unlink()
    (tmp_path / "secret").write_text('"the password is swordfish"', encoding="utf-8")
    (folder / "checksums.json").symlink_to(tmp_path / "secret")
    message = refusal(folder, "checksums.json", verify=True)
    assert "is a link that leaves the folder" in message
    assert "swordfish" not in message


@pytest.mark.parametrize("name", TEXT_FILES)
def test_links_in_a_circle_pipes_and_devices_are_no_files(folder, name):
    path = folder / name
    path.unlink()
    path.symlink_to(path.name)
    complaint(folder, f"{name} is missing")
    path.unlink()
    path.symlink_to("/dev/zero")
    complaint(folder, f"{name} is missing")
    path.unlink()
    os.mkfifo(path)
    complaint(folder, f"{name} is missing")
    path.unlink()
    path.mkdir()
    complaint(folder, f"{name} is missing")


def test_links_within_the_folder_and_to_it_are_followed(folder, tmp_path):
    (folder / "model.onnx").rename(folder / "weights.onnx")
    (folder / "model.onnx").symlink_to("weights.onnx")
    write_checksums(folder)
    (tmp_path / "alias").symlink_to(folder)
    Tagger.load(tmp_path / "alias", threads=1).predict(SENTENCE)


def test_the_cache_of_the_hub_is_made_of_links(folder, tmp_path):
    blobs, snapshot = tmp_path / "hub" / "blobs", tmp_path / "hub" / "snapshots" / "0123abcd"
    blobs.mkdir(parents=True)
    snapshot.mkdir(parents=True)
    for path in folder.iterdir():
        path.rename(blobs / f"{path.name}-sum")
        (snapshot / path.name).symlink_to(Path("..", "..", "blobs", f"{path.name}-sum"))
    for verify in (True, False):
        Tagger.load(snapshot, threads=1, verify=verify).predict(SENTENCE)
    (snapshot / "model.onnx").unlink()
    (tmp_path / "model.onnx").write_bytes((blobs / "model.onnx-sum").read_bytes())
    (snapshot / "model.onnx").symlink_to(Path("..", "..", "..", "model.onnx"))
    assert "is a link that leaves the folder" in refusal(snapshot, "model.onnx", verify=False)


# Size and depth


@pytest.mark.parametrize("name", TEXT_FILES)
def test_text_that_would_fill_the_memory_is_not_read(folder, name):
    os.truncate(folder / name, 3 * 2**30)  # takes no place on the disk
    (folder / "checksums.json").unlink()
    for checksums in ('{"%s": ""}' % name, json.dumps(dict.fromkeys(ALL_FILES, "0" * 64))):  # noqa: UP031
        (folder / "checksums.json").write_text(checksums, encoding="utf-8")
        with pytest.raises(CheckpointError, match=rf"{name}: has 3072 MB; accepted are up to"):
            Tagger.load(folder, threads=1, verify=False)


def test_checksums_that_would_fill_the_memory_are_not_read(folder):
    os.truncate(folder / "checksums.json", 3 * 2**30)
    with pytest.raises(CheckpointError, match=r"checksums\.json: has 3072 MB"):
        Tagger.load(folder, threads=1)


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """An archive of 200 KB that unpacks to 200 MB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("archive/data.pkl", bytes(200 * 2**20))
    return buffer.getvalue()


@pytest.mark.parametrize("name", ALL_FILES)
def test_zip_bombs_are_not_unpacked(folder, bomb, name):
    (folder / name).write_bytes(bomb)
    before = megabytes()
    complaint(folder, name)
    assert megabytes() - before < 150


@pytest.mark.parametrize("name", TEXT_FILES)
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_json_that_is_deep_in_a_place_that_nobody_reads(folder, name, opening):
    record = (folder / name).read_text(encoding="utf-8").strip()
    closing = "]" if opening == "[" else "}"
    deep = f"{opening * 100_000}1{closing * 100_000}"
    (folder / name).write_text(f'{record[:-1]}, "unread": {deep}}}', encoding="utf-8")
    complaint(folder, name)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (
            {"labels": [f"L{number}" for number in range(100_000)]},
            "100000 names (label); accepted are up to 500",
        ),
        ({"labels": ["A"], "events": [f"e{number}" for number in range(1000)]}, "1000 names (event)"),
        (
            {"labels": [{"name": f"L{n}", "attribute": "a", "values": ["x", "y"]} for n in range(400)]},
            "800 labels with their values",
        ),
        ({"labels": ["x" * 1_000_000]}, "too long for a name"),
    ],
)
def test_label_schemes_of_any_size(folder, record, reason):
    (folder / "labels.json").write_text(json.dumps(record), encoding="utf-8")
    assert reason in complaint(folder, "labels.json")


def test_windows_of_any_length(folder):
    windows = {"format": 1, "max_length": 10**9, "overlap": 16}
    change(folder / "config.json", conflictner=windows, max_position_embeddings=None)
    assert "accepted are 8 to 65536" in complaint(folder, "config.json")
    change(folder / "config.json", max_position_embeddings=10**9)
    assert "accepted are 8 to 65536" in complaint(folder, "config.json")


def test_tokenizers_that_make_the_library_panic(folder):
    record = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    del record["post_processor"]["special_tokens"]["[SEP]"]
    (folder / "tokenizer.json").write_text(json.dumps(record), encoding="utf-8")
    complaint(folder, "tokenizer.json")


# safetensors


def safetensors(header, content=b"", length=None) -> bytes:
    encoded = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(encoded) if length is None else length) + encoded + content


def entry(dtype="F32", shape=(2,), begin=0, end=8):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


@pytest.mark.parametrize("name", WEIGHTS)
@pytest.mark.parametrize(
    "content",
    [
        safetensors({"a": entry()}, bytes(8), length=2**63),
        safetensors({"a": entry()}, bytes(8), length=2**64 - 1),
        safetensors({"a": entry()}, bytes(8), length=2**31),
        safetensors({"a": entry()}, bytes(8), length=10),
        safetensors({"a": entry()}, bytes(7)),
        safetensors({"a": entry(shape=[3])}, bytes(8)),
        safetensors({"a": entry(shape=[2**40, 2**40])}, bytes(8)),
        safetensors({"a": entry(shape=[-2])}, bytes(8)),
        safetensors({"a": entry(dtype="PICKLE")}, bytes(8)),
        safetensors({"a": entry(), "b": entry()}, bytes(8)),
        safetensors({"a": entry(begin=8, end=0)}, bytes(8)),
        safetensors({"a": entry(end=2**62)}, bytes(8)),
        safetensors(b"[" * 100_000),
        safetensors(b'{"a":' * 100_000),
        safetensors({"a": entry()}, bytes(8)),
        safetensors({}),
    ],
)
def test_headers_of_safetensors(folder, name, content):
    (folder / name).write_bytes(content)
    complaint(folder, name)


def test_a_header_that_is_longer_than_it_may_be(folder):
    (folder / "model.safetensors").write_bytes(safetensors({"a": entry()}, bytes(8), length=10**8 + 1))
    os.truncate(folder / "model.safetensors", 2 * 10**8)
    before = megabytes()
    assert "header too large" in complaint(folder, "model.safetensors")
    assert megabytes() - before < 150


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ({"hidden_size": 2**30}, "expected"),
        ({"intermediate_size": 2**40}, "expected"),
        ({"vocab_size": 2**40}, "expected"),
        ({"max_position_embeddings": 2**40}, "expected"),
        ({"num_hidden_layers": 10**12}, "1000000000000 layers"),
        ({"num_hidden_layers": 3}, "expected"),
        ({"num_hidden_layers": 1}, "the weights do not fit"),
        ({"num_attention_heads": 0}, "the weights do not fit"),
        ({"hidden_size": -1}, "the weights do not fit"),
        ({"num_hidden_layers": "many"}, "the weights do not fit"),
        ({"num_hidden_layers": None}, "the weights do not fit"),
        ({"model_type": "gpt2"}, "the weights do not fit"),
    ],
)
def test_networks_that_are_larger_than_their_weights(folder, entries, reason):
    change(folder / "config.json", **entries)
    before = megabytes()
    assert reason in complaint(folder, "model.safetensors")
    assert megabytes() - before < 150


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


# For people


def test_the_command_line_tells_it_in_one_line(folder, tmp_path):
    change(folder / "calibration.json", temperature=2.0)
    text = tmp_path / "report.txt"
    text.write_text(SENTENCE, encoding="utf-8")
    command = ["tag", "--model", str(folder), "--format", "jsonl", str(text)]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    assert "calibration.json: does not match checksums.json" in line
    assert "--no-verify" in line
    result = CliRunner().invoke(app, [*command, "--no-verify"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["text"] == SENTENCE
