"""Encoders that fine-tuning starts from: of many kinds, and those that cannot work."""

import json

import pytest
from transformers import (
    RobertaConfig,
    RobertaModel,
    T5Config,
    T5EncoderModel,
    XLNetConfig,
    XLNetModel,
)

from conflictner.inference import Tagger
from conflictner.model import export
from conflictner.model.checkpoint import CheckpointError
from conflictner.model.export import ExportError
from conflictner.training.finetune import finetune
from conflictner.training.loop import TaggerTrainer
from conflictner.training.recipe import RecipeError

from .finetune_runs import interrupt, no_pictures, refused  # noqa: F401 - one is a fixture
from .small_encoder import write_encoder


@pytest.fixture
def bert(tmp_path, new_tokenizer):
    """Writes an untrained encoder with a tokenizer."""

    def write(name="encoder", **changes):
        return write_encoder(tmp_path / name, new_tokenizer(), **changes)

    return write


def with_encoder(tiny_recipe, encoder, *settings):
    return tiny_recipe("new_encoder=null", f"encoder={encoder}", "finetune.epochs=1", *settings)


def test_an_encoder_of_a_folder_is_trained(tiny_recipe, bert):
    folder = finetune(with_encoder(tiny_recipe, bert()))
    assert Tagger.load(folder).predict("Rebels left Homs.").text == "Rebels left Homs."


def test_a_trained_checkpoint_is_trained_further_with_other_labels(
    tiny_recipe, tmp_path, sample_checkpoint, reports
):
    data = tmp_path / "own.jsonl"
    own = [{**r, "spans": [s for s in r["spans"] if s["label"] == "LOCATION"], "events": []} for r in reports]
    data.write_text("".join(json.dumps(record) + "\n" for record in own), encoding="utf-8")
    labels = "labels={labels: [LOCATION], events: []}"
    recipe = with_encoder(tiny_recipe, sample_checkpoint, labels, f"data.train=[{data}]")
    assert Tagger.load(finetune(recipe)).scheme.tags == ("O", "B-LOCATION", "I-LOCATION")


def test_encoders_that_cannot_work_are_refused(tiny_recipe, bert, tmp_path):
    def message(encoder, *settings, error=CheckpointError):
        return refused(with_encoder(tiny_recipe, encoder, *settings), error)

    assert f"encoder {tmp_path}/none: no such folder" in message(tmp_path / "none")
    assert f"encoder {tmp_path}/reports.jsonl is a file" in message(tmp_path / "reports.jsonl")
    (tmp_path / "empty").mkdir()
    assert f"encoder {tmp_path}/empty has no config.json" in message(tmp_path / "empty")
    bare = bert("bare")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (bare / name).unlink()
    assert f"encoder {bare} has no tokenizer" in message(bare)
    bare = bert("bare-roberta", config=RobertaConfig, model=RobertaModel, max_position_embeddings=40)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (bare / name).unlink()
    assert f"encoder {bare} has no tokenizer" in message(bare)
    bare = bert("torn")
    (bare / "tokenizer.json").write_text("{}", encoding="utf-8")
    assert f"the tokenizer of encoder {bare} cannot be loaded" in message(bare)
    text = message(bert("small", vocab_size=90))
    assert "the encoder's tokenizer has" in text
    assert "pieces, its network 90: they do not belong together" in text
    text = message(bert("short", max_position_embeddings=31), error=RecipeError)
    assert text == "windows.max_length is 32, but the encoder has 31 positions; lower it"
    damaged = bert("damaged")
    (damaged / "model.safetensors").write_bytes(b"\x00" * 100)
    assert f"encoder {damaged} cannot be loaded" in message(damaged)
    text = message("some/model")
    assert text.startswith("there is no folder some/model here, and the hub gave no encoder of that name (")
    assert text.endswith("; without a network give the path of a folder")
    assert "and 'new_encoder'" not in message("distilroberta-base")
    assert {path.name for path in tmp_path.iterdir()} >= {"reports.jsonl"}
    assert not (tmp_path / "output.training").exists()


def test_an_encoder_that_cannot_be_exported_is_refused_before_the_first_step(
    tiny_recipe, bert, monkeypatch, tmp_path
):
    # tells -1 positions, which is any number
    encoder = bert(config=XLNetConfig, model=XLNetModel, max_position_embeddings=None, d_head=8)
    monkeypatch.setattr(export, "_finished", lambda *_: 1 / 0)
    monkeypatch.setattr(TaggerTrainer, "train", lambda *_, **__: pytest.fail("trained"))
    message = refused(with_encoder(tiny_recipe, encoder, "export.onnx=fp32"), ExportError)
    assert message.startswith("a network of type 'xlnet' cannot be exported to ONNX (ZeroDivisionError")
    assert message.endswith("or do without the file: --set export.onnx=none")
    assert not (tmp_path / "output.training").exists()


def test_an_encoder_that_shares_weights_is_trained_and_resumed(tiny_recipe, bert):
    encoder = bert(config=T5Config, model=T5EncoderModel)
    recipe = with_encoder(tiny_recipe, encoder, "finetune.epochs=2", "export.onnx=none")
    interrupt(recipe, [], epoch=1.0)
    assert Tagger.load(finetune(recipe, resume=True), engine="torch").predict("Rebels left Homs.")


def test_the_positions_that_roberta_gives_to_padding_do_not_count(tiny_recipe, bert):
    encoder = bert(config=RobertaConfig, model=RobertaModel, max_position_embeddings=33, pad_token_id=0)
    recipe = with_encoder(tiny_recipe, encoder)
    assert finetune(recipe).is_dir()
    short = bert(
        "short", config=RobertaConfig, model=RobertaModel, max_position_embeddings=33, pad_token_id=1
    )
    message = refused(with_encoder(tiny_recipe, short), RecipeError, overwrite=True)
    assert "windows.max_length is 32, but the encoder has 31 positions" in message
