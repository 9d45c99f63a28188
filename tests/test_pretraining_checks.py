"""Checks before time is spent: what cannot work is told in one line, and nothing is left behind."""

import lzma
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from transformers import BertForMaskedLM

from conflictner.data.errors import ConflictnerError
from conflictner.training.pretraining import resources
from conflictner.training.pretraining.checks import resolve_device
from conflictner.training.pretraining.pretrain import check, pretrain
from conflictner.training.recipe import RecipeError, load_recipe

from .small_encoder import NAMES, write_encoder


@pytest.fixture
def refused(pretrain_recipe, tmp_path):
    """The one line with which both the check and the run refuse a recipe."""

    def refused(*settings):
        before = {path.name for path in tmp_path.iterdir()}
        messages = []
        for call in (check, pretrain):
            with pytest.raises(ConflictnerError) as caught:
                call(pretrain_recipe(*settings))
            messages.append(str(caught.value))
        assert messages[0] == messages[1]
        assert "\n" not in messages[0]
        assert {path.name for path in tmp_path.iterdir()} == before
        return messages[0]

    return refused


@pytest.fixture
def encoder(tmp_path, new_tokenizer):
    """Writes a small BERT with the tests' tokenizer into a folder."""

    def write(name="encoder", **changes):
        return write_encoder(tmp_path / name, new_tokenizer(), model=BertForMaskedLM, **changes)

    return write


def files(*paths):
    return "corpus.files=[" + ", ".join(f"{{path: {path}, weight: 1.0}}" for path in paths) + "]"


def test_the_check_says_what_there_is_and_writes_nothing(pretrain_recipe, tmp_path):
    said = []
    before = {path.name for path in tmp_path.iterdir()}
    check(pretrain_recipe(), say=said.append)
    (line,) = said
    assert line.startswith("2 files, 80 paragraphs, ")
    assert "of text; at most " in line
    assert line.endswith("of memory needed")
    assert {path.name for path in tmp_path.iterdir()} == before


def test_texts_that_cannot_be_read_are_told(refused, tmp_path):
    good = tmp_path / "news.txt"
    bad = tmp_path / "bad.txt.xz"
    assert f"corpus.files: {bad}: no such file" in refused(files(good, bad))
    packed = lzma.compress(b"Rebels shelled Homs.\n" * 500)
    bad.write_bytes(packed[:-9])
    assert refused(files(good, bad)).startswith(f"{bad}: is truncated")
    bad.write_bytes(lzma.compress("Já\n".encode("latin-1")))
    assert "is not UTF-8" in refused(files(good, bad))
    bad.write_bytes(lzma.compress(b"\n"))
    assert "holds no text" in refused(files(good, bad))
    assert "leaves none of the 80 paragraphs" in refused("corpus.held_out_share=1.0e-9")


def test_weights_that_leave_nothing_are_told(pretrain_recipe, tmp_path):
    recipe = pretrain_recipe(f"corpus.files=[{{path: {tmp_path / 'news.txt'}, weight: 1.0e-4}}]")
    with pytest.raises(RecipeError, match=r"the weights are so low that no text is left"):
        pretrain(recipe)
    assert not Path(f"{recipe.output}.training").exists()


def test_encoders_of_another_kind_are_refused(refused, encoder):
    folder = encoder()
    same = f"encoder.folder={folder}"
    assert f"encoder.type is modernbert, but {folder} holds a bert" in refused(
        same, "encoder.type=modernbert"
    )
    assert "encoder.hidden is 32, there 16" in refused(same, "encoder.hidden=32")
    message = refused(same, "sequences.length=64")
    assert message.startswith("sequences.length is 64, but the encoder has 32 positions; lower it")
    assert "is a file" in refused(f"encoder.folder={folder}/config.json")


def test_tokenizers_of_another_encoder_are_refused(refused, encoder, tmp_path, new_tokenizer):
    pieces = new_tokenizer().get_vocab_size()
    larger = encoder("larger", vocab_size=pieces + 7)
    other = encoder("other")
    assert refused(f"encoder.folder={larger}", f"tokenizer.folder={other}") == (
        f"the tokenizer {other} has {pieces} pieces, the encoder {larger} {pieces + 7}: they do not belong "
        "together; set tokenizer.folder=null for the encoder's own"
    )
    smaller = encoder("smaller", vocab_size=pieces - 7)
    assert f"has {pieces} pieces, the encoder {smaller} {pieces - 7}" in refused(f"encoder.folder={smaller}")
    assert "no such folder" in refused(f"tokenizer.folder={tmp_path}/none")
    bare = encoder("bare")
    for path in bare.glob("tokenizer*"):
        path.unlink()
    assert f"encoder {bare} has no tokenizer" in refused(f"tokenizer.folder={bare}")


def test_tokenizers_without_the_special_pieces_are_refused(refused, encoder):
    folder = encoder(special={"unk_token": "[UNK]", "pad_token": "[PAD]"})
    message = refused(f"tokenizer.folder={folder}")
    assert message.startswith(f"the tokenizer {folder} has no [CLS] and no [SEP] and no [MASK], which")
    folder = encoder("twice", special={**NAMES, "pad_token": "[SEP]"})
    assert "has one piece as two of" in refused(f"tokenizer.folder={folder}")


def test_an_encoder_with_spare_embeddings_of_its_own_is_accepted(pretrain_recipe, encoder, new_tokenizer):
    larger = encoder(vocab_size=new_tokenizer().get_vocab_size() + 7)
    check(pretrain_recipe(f"encoder.folder={larger}"))


def test_vectors_that_do_not_fit_are_refused(refused, encoder, tmp_path, new_tokenizer):
    pieces = new_tokenizer().get_vocab_size()
    path = tmp_path / "vectors.npy"
    np.save(path, np.ones((pieces, 8), dtype=np.float32))
    named = ("vectors.method=file", f"vectors.file={path}")
    assert "name it: --set tokenizer.folder=FOLDER" in refused(*named)
    message = refused(*named, f"tokenizer.folder={encoder()}")
    assert (
        f"holds vectors of shape [{pieces}, 8], but the pieces and the embeddings need [{pieces}, 16]"
        in message
    )


def test_too_little_disk_or_memory_is_told(refused, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1000))
        message = refused()
        assert " of disk, 1.0 kB are free there; free some, or name another: --set output=FOLDER" in message
    with monkeypatch.context() as patch:
        patch.setattr(resources, "_free_memory", lambda: 1000)
        assert "of memory, 1.0 kB are free; halve it, and double pretrain.gradient_accumulation" in refused()
        patch.setattr(resources, "_free_memory", lambda: None)  # the system does not tell
        resources.require_memory(10**15, 4)


def test_the_estimate_grows_with_what_is_asked_for(pretrain_recipe):
    def needs(*settings):
        said = []
        check(pretrain_recipe(*settings), say=said.append)
        return said[0].partition("; about ")[2]

    assert len({needs(), needs("pretrain.batch_size=64"), needs("vectors.method=word2vec")}) == 3


def test_the_free_memory_of_this_system_is_plausible():
    free = resources._free_memory()
    assert free is None or 1 << 24 < free < 1 << 46


def test_precision_follows_the_recipe_and_the_device(pretrain_recipe, monkeypatch):
    assert resolve_device(pretrain_recipe("pretrain.precision=fp32", "pretrain.device=cpu")) == (True, None)
    assert (
        resolve_device(pretrain_recipe("pretrain.precision=bf16", "pretrain.device=cpu"))[1] is torch.bfloat16
    )
    for has_it, expected in ((True, torch.bfloat16), (False, None)):
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda has_it=has_it: has_it)
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda has_it=has_it, **_: has_it)
        for is_gpu in (True, False):
            monkeypatch.setattr(torch.cuda, "is_available", lambda is_gpu=is_gpu: is_gpu)
            assert resolve_device(pretrain_recipe("pretrain.precision=auto")) == (not is_gpu, expected)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    with pytest.raises(RecipeError, match=r"pretrain\.precision bf16 is not known to this GPU"):
        resolve_device(pretrain_recipe("pretrain.precision=bf16"))


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("encoder.heads=3", "encoder: hidden (16) must be a multiple of heads (3)"),
        ("encoder.type=gpt2", "encoder.type: input should be 'bert', 'roberta'"),
        ("sequences.length=30", "sequences.length: input should be a multiple of 8, got 30"),
        ("masking.as_mask=0.95", "masking: as_mask (0.95) and as_random (0.1) must add up to 1 at most"),
        ("limits={tokens: null, minutes: null}", "limits: 'tokens' or 'minutes' must be given, or both"),
        ("pretrain.decay_share=1.0", "pretrain: warmup_share (0.1) and decay_share (1.0) must add up to 1"),
        ("vectors.method=file", "vectors: 'file' must be given with method 'file', and null with any other"),
        (
            "tokenizer.characters=50",
            "tokenizer: characters (50) must be at most a quarter of vocabulary (160)",
        ),
        ("corpus.files=[{path: a.txt, weight: 0}]", "corpus.files.0.weight: input should be greater than 0"),
        (
            "corpus.files=[{path: a.txt, weight: 1}, {path: a.txt, weight: 2}]",
            "corpus: a.txt is named twice; give it a higher weight instead",
        ),
        ("pretrain.epochs=3", "pretrain.epochs is not a field of a recipe"),
    ],
)
def test_recipes_that_make_no_sense_are_refused(pretrain_recipe, setting, problem):
    with pytest.raises(RecipeError) as caught:
        pretrain_recipe(setting)
    assert problem in str(caught.value)
    assert "1 problem:" in str(caught.value)


def test_trained_embeddings_are_not_replaced(pretrain_recipe):
    with pytest.raises(RecipeError, match=r"'vectors\.method' must be 'none' with 'encoder\.folder'"):
        pretrain_recipe("vectors.method=word2vec", "encoder.folder=somewhere")


def test_the_shipped_recipes_are_those_of_the_readme():
    from conflictner.training.pretraining.sections import PretrainRecipe

    for name, files in {"cpu": 15, "gpu": 14, "gpu-teacher": 14}.items():
        recipe = load_recipe(f"conflictner:configs/pretrain/{name}.yaml", [], PretrainRecipe)
        weights = {Path(file.path).name: file.weight for file in recipe.corpus.files}
        assert len(weights) == files
        dense = ("wikipedia-current-events.txt.xz", "voa-news.txt.xz", "wikipedia-conflict.txt.xz")
        assert min(weights[name] for name in dense) > 1
