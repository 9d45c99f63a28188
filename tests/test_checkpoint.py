"""Checkpoint folders: what is read from them, and that whatever is wrong with one is told in one line."""

import hashlib
import json
import shutil
from pathlib import Path

import huggingface_hub
import pytest

from conflictner.data.quotes import quote
from conflictner.inference import Tagger
from conflictner.model import DEFAULT_SCHEME
from conflictner.model.checkpoint import BUNDLED, Checkpoint, CheckpointError, write_checksums
from conflictner.model.integrity import CHECKSUMS, VERIFIED

READ_BY_ONNX = ["config.json", "tokenizer.json", "labels.json", "calibration.json", "model.onnx"]


@pytest.fixture
def folder(tiny_checkpoint, tmp_path) -> Path:
    """A copy of the tiny checkpoint, to be damaged."""
    return Path(shutil.copytree(tiny_checkpoint, tmp_path / "model"))


@pytest.fixture
def no_network(monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("cannot reach the hub\n(several lines\nof it)")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)


def complaint(model, engine="onnx", verify=True) -> str:
    """Load a model in full and return the message of the error."""
    with pytest.raises(CheckpointError) as caught:
        Tagger.load(model, engine=engine, threads=1, verify=verify)
    message = str(caught.value)
    assert message.isprintable()  # one line, and nothing that would move a terminal's cursor
    assert len(message) < 700
    return message


def change(path: Path, **entries) -> None:
    """Change entries of a JSON file; a value of ... takes one out."""
    record = json.loads(path.read_text(encoding="utf-8")) | entries
    record = {name: value for name, value in record.items() if value is not ...}
    path.write_text(json.dumps(record), encoding="utf-8")


def test_what_is_read_from_a_folder(tiny_checkpoint):
    checkpoint = Checkpoint.load(tiny_checkpoint)
    assert checkpoint.folder == tiny_checkpoint
    assert checkpoint.name == "tiny"
    assert checkpoint.scheme == DEFAULT_SCHEME
    assert checkpoint.calibration.temperature == 1.5
    assert checkpoint.calibration.event_thresholds == dict.fromkeys(DEFAULT_SCHEME.events, 0.5)
    assert (checkpoint.max_length, checkpoint.overlap, checkpoint.pad_id) == (64, 16, 0)
    assert checkpoint.tokenizer().get_vocab_size() == checkpoint.vocabulary
    assert checkpoint.file("model.onnx") == tiny_checkpoint / "model.onnx"
    assert Checkpoint.load(str(tiny_checkpoint), verify=False).checksums is None


def test_name_of_the_current_folder(tiny_checkpoint, monkeypatch):
    monkeypatch.chdir(tiny_checkpoint)
    assert Checkpoint.load(".").name == "tiny"


def test_checksums_are_of_the_files(folder):
    sums = json.loads((folder / CHECKSUMS).read_text(encoding="utf-8"))
    assert list(sums) == [name for name in VERIFIED if (folder / name).exists()]
    assert set(READ_BY_ONNX) < set(sums)
    for name, digest in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    (folder / "labels.json").unlink()
    write_checksums(folder)
    assert "labels.json" not in json.loads((folder / CHECKSUMS).read_text(encoding="utf-8"))


# The folder as a whole


def test_no_folder(no_network, tmp_path):
    for name in (
        "models",
        "./models/mine",
        "../mine",
        "/nowhere/models",
        tmp_path / "models" / "mine",
        "a\0b",
    ):
        assert f"there is no folder {quote(str(name))}" in complaint(name)
        assert "hub id" in complaint(name)


def test_hub_id_without_a_network(no_network):
    message = complaint("organisation/model-1.0")
    assert "no folder 'organisation/model-1.0' here" in message
    assert "cannot reach the hub (several lines of it)" in message
    assert "give the path of a checkpoint folder" in message


def test_hub_id_is_downloaded_and_gives_the_name(tiny_checkpoint, monkeypatch):
    asked = []

    def snapshot(model, allow_patterns):
        asked.append((model, set(allow_patterns)))
        return str(tiny_checkpoint)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    checkpoint = Checkpoint.load("organisation/model")
    assert checkpoint.name == "organisation/model"
    assert asked == [("organisation/model", {*VERIFIED, CHECKSUMS})]


def test_file_instead_of_folder(folder):
    message = complaint(folder / "model.onnx")
    assert "is a file; give its folder" in message


def test_impossible_path():
    assert "cannot be opened" in complaint("x" * 5000)


def test_no_bundled_model(monkeypatch, tmp_path):
    monkeypatch.setattr("conflictner.model.checkpoint.BUNDLED", tmp_path)
    assert "no bundled model; name one" in complaint(None)
    assert BUNDLED.name == "weights"


def test_bundled_model_is_called_so(monkeypatch, tiny_checkpoint):
    monkeypatch.setattr("conflictner.model.checkpoint.BUNDLED", tiny_checkpoint)
    assert Checkpoint.load().name == "bundled"


def test_empty_folder(tmp_path):
    message = complaint(tmp_path)
    assert (
        "config.json, tokenizer.json, labels.json, calibration.json and checksums.json are missing" in message
    )
    assert "conflictner train" in message


def test_folder_whose_name_breaks_lines(tmp_path):
    (tmp_path / "a\nb\x1b[2J").mkdir()
    assert r"a\nb\x1b[2J" in complaint(tmp_path / "a\nb\x1b[2J")


def test_encoder_that_is_no_checkpoint(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    assert "labels.json" in complaint(tmp_path)
    message = complaint(tmp_path, verify=False)
    assert "no 'conflictner' entry" in message
    assert "conflictner train" in message


# Missing, truncated and changed files


@pytest.mark.parametrize("name", READ_BY_ONNX)
@pytest.mark.parametrize("verify", [True, False])
def test_missing_file(folder, name, verify):
    (folder / name).unlink()
    message = complaint(folder, verify=verify)
    assert f"{name} is missing" in message
    assert "copy the whole checkpoint folder again" in message


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "event_head.safetensors"])
def test_missing_file_of_the_torch_engine(folder, name):
    (folder / name).unlink()
    assert f"{name} is missing" in complaint(folder, engine="torch")


@pytest.mark.parametrize("name", [*READ_BY_ONNX, "model.safetensors", "event_head.safetensors"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_truncated_file(folder, name, share):
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: int(share * len(content))])
    engine = "torch" if name.endswith("safetensors") else "onnx"
    message = complaint(folder, engine=engine)
    assert f"{name}: does not match checksums.json (truncated or changed)" in message
    assert "copy the whole checkpoint folder again" in message
    assert name in complaint(folder, engine=engine, verify=False)


@pytest.mark.parametrize("name", [*READ_BY_ONNX, "model.safetensors", "event_head.safetensors"])
@pytest.mark.parametrize("place", [0, 0.4, -1])
def test_changed_byte(folder, name, place):
    content = bytearray((folder / name).read_bytes())
    content[place if isinstance(place, int) else int(place * len(content))] ^= 1
    (folder / name).write_bytes(content)
    engine = "torch" if name.endswith("safetensors") else "onnx"
    assert f"{name}: does not match checksums.json" in complaint(folder, engine=engine)


@pytest.mark.parametrize("name", READ_BY_ONNX)
@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b"\xff\xfe\0", b"not what it should be", b"[" * 200_000, b'{"a":' * 200_000],
    ids=["empty", "object", "list", "null", "binary", "words", "deep list", "deep object"],
)
def test_garbage_without_verification(folder, name, content):
    (folder / name).write_bytes(content)
    assert name in complaint(folder, verify=False)


@pytest.mark.parametrize("name", ["model.safetensors", "event_head.safetensors"])
@pytest.mark.parametrize("content", [b"", b"{}", b"\xff" * 100, b"\x80\x04\x95K\0\0\0."])
def test_garbage_weights_without_verification(folder, name, content):
    (folder / name).write_bytes(content)
    assert name in complaint(folder, engine="torch", verify=False)


def test_files_that_an_engine_does_not_use_are_not_asked_for(folder):
    (folder / "model.safetensors").unlink()
    Tagger.load(folder, threads=1)
    (folder / "README.md").unlink()
    (folder / "training_config.yaml").unlink()
    Tagger.load(folder, threads=1)


# checksums.json


def test_checksums_missing(folder):
    (folder / CHECKSUMS).unlink()
    message = complaint(folder)
    assert "checksums.json is missing" in message
    assert "--no-verify" in message
    Tagger.load(folder, threads=1, verify=False)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"3", b'{"config.json": 3}', b"\xff", b"[" * 200_000, b'{"config.json": null}']
)
def test_checksums_garbage(folder, content):
    (folder / CHECKSUMS).write_bytes(content)
    assert "checksums.json" in complaint(folder)


def test_checksums_that_leave_a_file_out(folder):
    change(folder / CHECKSUMS, **{"model.onnx": ...})
    assert "checksums.json does not list model.onnx" in complaint(folder)


def test_verification_can_be_switched_off(folder):
    change(folder / "calibration.json", temperature=2.5)
    assert "calibration.json" in complaint(folder)
    assert Checkpoint.load(folder, verify=False).calibration.temperature == 2.5


# Files that do not belong together


def test_scheme_of_another_model(folder):
    (folder / "labels.json").write_text('{"labels": ["PERSON"]}', encoding="utf-8")
    assert "labels.json: does not match" in complaint(folder)
    message = complaint(folder, verify=False)
    assert "labels.json gives 3 tags, config.json has 23 or other ones" in message
    assert "different models" in message


def test_same_number_of_other_tags(folder):
    record = DEFAULT_SCHEME.to_dict()
    record["labels"][1]["name"] = "VEHICLE"
    (folder / "labels.json").write_text(json.dumps(record), encoding="utf-8")
    assert "different models" in complaint(folder, verify=False)


def test_events_of_another_model(folder):
    record = DEFAULT_SCHEME.to_dict() | {"events": ["riot"]}
    (folder / "labels.json").write_text(json.dumps(record), encoding="utf-8")
    for engine, name in (("onnx", "model.onnx"), ("torch", "event_head.safetensors")):
        assert name in complaint(folder, engine=engine, verify=False)


def test_tokenizer_of_another_model(folder, new_tokenizer):
    tokenizer = new_tokenizer()
    tokenizer.add_tokens(["Kandahar"])
    tokenizer.save(str(folder / "tokenizer.json"))
    assert "tokenizer.json: has" in complaint(folder, verify=False)


def test_tokenizer_without_a_piece_for_the_unknown(folder, new_tokenizer):
    record = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    del record["model"]["vocab"]["[UNK]"]
    record["added_tokens"] = [token for token in record["added_tokens"] if token["content"] != "[UNK]"]
    (folder / "tokenizer.json").write_text(json.dumps(record), encoding="utf-8")
    message = complaint(folder, verify=False)
    assert "tokenizer.json" in message
    assert "cannot read every character" in message


def test_onnx_file_of_another_model(folder, make_checkpoint, tmp_path):
    from conflictner.model import Label, LabelScheme

    other = make_checkpoint(tmp_path / "other", LabelScheme((Label("PERSON"),)))
    shutil.copy(other / "model.onnx", folder / "model.onnx")
    message = complaint(folder, verify=False)
    assert "model.onnx" in message
    assert "different models" in message


def test_onnx_file_of_another_kind(folder):
    import onnx
    from onnx import TensorProto, helper

    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, []) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Neg", ["x"], ["y"])], "negative", values[:1], values[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.save(model, folder / "model.onnx")
    assert "model.onnx has inputs ['x']" in complaint(folder, verify=False)


def test_weights_of_another_model(folder, make_checkpoint, tmp_path):
    from conflictner.model import Label, LabelScheme

    other = make_checkpoint(tmp_path / "other", LabelScheme((Label("PERSON"),), ("riot",)))
    for name in ("model.safetensors", "event_head.safetensors"):
        shutil.copy(folder / name, tmp_path / name)
        shutil.copy(other / name, folder / name)
        message = complaint(folder, engine="torch", verify=False)
        assert f"{name}: the weights do not fit config.json" in message
        shutil.copy(tmp_path / name, folder / name)


# Values that cannot be


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ({"conflictner": ...}, "no 'conflictner' entry"),
        ({"conflictner": "yes"}, "no 'conflictner' entry"),
        ({"conflictner": {}}, "format None"),
        ({"conflictner": {"format": 2, "max_length": 64, "overlap": 16}}, "format 2, this version reads 1"),
        ({"conflictner": {"format": 1, "max_length": 64}}, "overlap None"),
        ({"conflictner": {"format": 1, "max_length": "64", "overlap": 16}}, "max_length '64'"),
        ({"conflictner": {"format": 1, "max_length": 4, "overlap": 0}}, "max_length 4"),
        ({"conflictner": {"format": 1, "max_length": 100_000, "overlap": 0}}, "accepted are 8 to 64"),
        ({"conflictner": {"format": 1, "max_length": 64, "overlap": 62}}, "overlap must be from 0 to 61"),
        ({"conflictner": {"format": 1, "max_length": 64, "overlap": -1}}, "overlap must be from 0 to 61"),
        ({"id2label": ...}, "different models"),
        ({"id2label": ["O"]}, "different models"),
        ({"vocab_size": ...}, "vocab_size None"),
        ({"vocab_size": 10}, "tokenizer.json: has"),
        ({"pad_token_id": 10**9}, "pads with piece 1000000000"),
        ({"pad_token_id": "0"}, "pad_token_id '0'"),
    ],
)
def test_impossible_config(folder, entries, reason):
    change(folder / "config.json", **entries)
    assert reason in complaint(folder, verify=False)


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ({"temperature": ...}, "temperature None"),
        ({"temperature": 0}, "temperature 0;"),
        ({"temperature": -1.0}, "temperature -1.0"),
        ({"temperature": "1"}, "temperature '1'"),
        ({"temperature": True}, "temperature True"),
        ({"temperature": float("nan")}, "temperature nan"),
        ({"temperature": float("inf")}, "temperature inf"),
        ({"temperature": 10**400}, "temperature a number of more than 30 digits"),
        ({"span_threshold": 1.5}, "span_threshold 1.5"),
        ({"span_threshold": None}, "span_threshold None"),
        ({"confidence": 0.4}, "confidence 0.4, expected inside, end, bias"),
        ({"confidence": {"inside": 1.0}}, "expected inside, end, bias"),
        ({"confidence": {"inside": 1.0, "end": "x", "bias": 0.0}}, "confidence.end 'x'"),
        ({"confidence": {"inside": 1.0, "end": 1.0, "bias": 1e9}}, "confidence.bias"),
        ({"event_thresholds": [0.5]}, "event_thresholds [0.5]"),
        ({"event_thresholds": {"riot": "high"}}, "threshold 'high' for 'riot'"),
        ({"event_thresholds": {"riot": 1.5}}, "threshold 1.5 for 'riot'"),
        ({"event_thresholds": {"riot": float("nan")}}, "threshold nan for 'riot'"),
    ],
)
def test_impossible_calibration(folder, entries, reason):
    change(folder / "calibration.json", **entries)
    assert reason in complaint(folder, verify=False)


def test_missing_thresholds_are_one_half(folder):
    change(folder / "calibration.json", event_thresholds={"riot": 0.25})
    thresholds = Checkpoint.load(folder, verify=False).calibration.event_thresholds
    assert thresholds["riot"] == 0.25
    assert thresholds["battle"] == 0.5
