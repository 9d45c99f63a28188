"""Model folders that ask for more than there is: long, deep, packed, or larger than their weights."""

import io
import json
import os
import struct
import zipfile
from pathlib import Path

import pytest

from conflictner.inference import Tagger
from conflictner.model.checkpoint import CheckpointError

from .hostile_folder import ALL_FILES, TEXT_FILES, WEIGHTS, change, complaint, copied, megabytes


@pytest.fixture
def folder(tiny_checkpoint, tmp_path) -> Path:
    return copied(tiny_checkpoint, tmp_path)


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
