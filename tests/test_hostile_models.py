"""Model folders made to harm: loading runs no code, reads nothing elsewhere, and fails in one line."""

import ast
import io
import json
import os
import pickle
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conflictner.inference import Tagger
from conflictner.inference.command_line.commands import app
from conflictner.model.checkpoint import Checkpoint, CheckpointError, write_checksums

from .hostile_folder import ALL_FILES, SENTENCE, TEXT_FILES, WEIGHTS, change, complaint, copied

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tiny_checkpoint, tmp_path) -> Path:
    return copied(tiny_checkpoint, tmp_path)


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
    from conflictner.model.network_files import build_network
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
    from conflictner.model.network_files import build_network, load_network

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
        (path.relative_to(ROOT).as_posix(), called, words)
        for part in ("data", "model", "training", "inference")
        for path in sorted((ROOT / part).rglob("*.py"))
        for called, words in calls(path)
        if called.endswith(".from_pretrained") or called == "transformers.pipeline"
    ]
    files = {path for path, *_ in loaders}
    assert files == {"model/network_files.py", "training/parts.py", "inference/rivals.py"}
    for path, called, words in loaders:
        assert ast.unparse(words["trust_remote_code"]) == "False", (path, called)
        without_weights = called.rsplit(".", 2)[-2].endswith(("Config", "Tokenizer"))
        if not without_weights and called != "transformers.pipeline":
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
