"""Encoders: of the size the recipe says, with paragraphs kept apart and a head that is transformers' own."""

import pytest
import torch
from transformers import AutoModelForMaskedLM

from conflictner.model.checkpoint import CheckpointError
from conflictner.training.pretraining.batches import NOT_GUESSED
from conflictner.training.pretraining.encoder import (
    check_positions,
    existing_config,
    load_model,
    new_config,
    new_model,
)
from conflictner.training.pretraining.network import PretrainingNetwork, keeps_borders
from conflictner.training.pretraining.packing import SpecialIds
from conflictner.training.recipe import RecipeError

SPECIAL = SpecialIds(0, 2, 3, 4, (0, 1, 2, 3, 4))
TYPES = ("bert", "roberta", "electra", "convbert", "modernbert")
SETTINGS = {"roberta": "{max_position_embeddings: 33}", "modernbert": "{local_attention: 4}"}


@pytest.fixture
def build(pretrain_recipe):
    """Builds a network of 120 pieces; arguments are a type and overrides of the recipe."""

    def build(type_="bert", *settings):
        recipe = pretrain_recipe(
            f"encoder.type={type_}",
            f"encoder.settings={SETTINGS.get(type_, '{}')}",
            "encoder.layers=3",
            *settings,
        )
        return new_model(recipe, new_config(recipe, 120, SPECIAL))

    return build


def refused(call, *arguments, error=RecipeError):
    with pytest.raises(error) as caught:
        call(*arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("type_", TYPES)
def test_every_type_has_the_size_of_the_recipe(build, type_):
    model = build(type_)
    config = model.config
    assert config.model_type == type_
    assert (config.num_hidden_layers, config.hidden_size, config.vocab_size) == (3, 16, 120)
    assert (config.pad_token_id, config.bos_token_id, config.eos_token_id) == (0, 2, 3)
    assert model.get_input_embeddings().weight.shape == (120, 16)
    check_positions(model, 32)
    assert "positions; lower it" in refused(check_positions, model, 33)
    dropouts = {module.p for module in model.modules() if isinstance(module, torch.nn.Dropout)}
    assert dropouts <= {0.1, 0.0}


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("attention", ["eager", "sdpa"])
def test_paragraphs_are_kept_apart(build, type_, attention):
    if (type_, attention) == ("convbert", "sdpa"):
        message = refused(build, type_, f"pretrain.attention={attention}")
        assert message.startswith(
            "encoder: no convbert can be built so: ConvBertForMaskedLM does not support"
        )
        return
    model = build(type_, f"pretrain.attention={attention}")
    # The convolutions of a ConvBERT reach over borders.
    assert keeps_borders(PretrainingNetwork(model), 120) == (type_ != "convbert")


def test_attention_keeps_to_the_window_of_the_architecture(build):
    network = PretrainingNetwork(build("modernbert", "encoder.settings={local_attention: 4}")).eval()
    ids = torch.arange(5, 21)[None]
    positions = torch.arange(16)[None]
    wide = PretrainingNetwork(network.model)
    wide._window = 16
    with torch.no_grad():
        states = [own.states(ids, torch.ones_like(ids), positions) for own in (network, wide)]
        theirs = network.model.base_model(ids, attention_mask=torch.ones_like(ids))[0]
    torch.testing.assert_close(states[0], theirs)
    assert not torch.allclose(states[1], theirs, atol=1e-4)


@pytest.mark.parametrize("type_", TYPES)
def test_the_loss_is_that_of_transformers(build, type_):
    model = build(type_).eval()
    ids = torch.randint(5, 120, (2, 12), generator=torch.Generator().manual_seed(1))
    labels = torch.full_like(ids, NOT_GUESSED)
    labels[0, 3], labels[1, 7] = 50, 60
    places = torch.tensor([3, 12 + 7, 0])
    ones = torch.ones_like(ids)
    positions = torch.arange(12).expand(2, -1)
    with torch.no_grad():
        loss, count = PretrainingNetwork(model)(
            ids, ones, positions, places, torch.tensor([50, 60, NOT_GUESSED])
        )
        theirs = model(ids, attention_mask=ones, labels=labels).loss
    assert count == 2
    torch.testing.assert_close(loss / count, theirs)


def test_the_same_seed_gives_the_same_weights(build):
    first, again, other = build(), build(), build("bert", "pretrain.seed=14")
    name = "bert.encoder.layer.0.output.dense.weight"
    assert torch.equal(first.state_dict()[name], again.state_dict()[name])
    assert not torch.equal(first.state_dict()[name], other.state_dict()[name])


def test_settings_are_checked(build):
    def message(settings):
        return refused(build, "bert", f"encoder.settings={settings}")

    assert message("{hiden_act: gelu}") == "encoder.settings.hiden_act is not a field of bert's configuration"
    assert (
        message("{hidden_size: 3}") == "encoder.settings.hidden_size is given by encoder.hidden; leave it out"
    )
    assert "is given by pretrain.dropout" in message("{hidden_dropout_prob: 0.1}")
    assert "is given by the tokenizer" in message("{vocab_size: 9}")
    assert message("{hidden_act: none such}").startswith("encoder: no bert can be built so: ")
    assert message("{layer_norm_eps: small}").startswith("encoder.settings: bert does not take them: ")
    assert build("bert", "encoder.settings={hidden_act: relu}").config.hidden_act == "relu"


@pytest.fixture
def folder(build, tmp_path):
    """The folder of an encoder of three layers."""
    build().save_pretrained(tmp_path / "encoder")
    return tmp_path / "encoder"


def test_an_existing_encoder_must_be_what_the_recipe_says(folder, pretrain_recipe):
    def recipe(*settings):
        return pretrain_recipe(f"encoder.folder={folder}", "encoder.layers=3", *settings)

    config = existing_config(recipe("encoder.settings={hidden_act: gelu}", "pretrain.dropout=0.3"))
    assert config.hidden_dropout_prob == 0.3
    message = refused(existing_config, recipe("encoder.type=modernbert"), error=CheckpointError)
    assert message == (
        f"encoder.type is modernbert, but {folder} holds a bert; set encoder.type, or name another folder"
    )
    changed = recipe("encoder.layers=2", "encoder.settings={hidden_act: relu}")
    assert refused(existing_config, changed, error=CheckpointError) == (
        f"{folder} is of another size or kind than the recipe's encoder: encoder.layers is 2, there 3; "
        "encoder.settings.hidden_act is 'relu', there 'gelu'"
    )
    none = pretrain_recipe(f"encoder.folder={folder}/none")
    assert "no such folder" in refused(existing_config, none, error=CheckpointError)


def test_an_existing_encoder_is_loaded_with_its_head(folder, pretrain_recipe, tmp_path):
    recipe = pretrain_recipe(f"encoder.folder={folder}", "encoder.layers=3")
    model = load_model(recipe, existing_config(recipe))
    saved = AutoModelForMaskedLM.from_pretrained(folder).state_dict()
    assert all(torch.equal(saved[name], value) for name, value in model.state_dict().items())
    (folder / "model.safetensors").write_bytes(bytes(100))
    message = refused(load_model, recipe, existing_config(recipe), error=CheckpointError)
    assert message.startswith(f"encoder {folder} cannot be loaded: ")


def test_an_encoder_without_a_head_gets_one(folder, pretrain_recipe, tmp_path):
    recipe = pretrain_recipe(f"encoder.folder={folder}", "encoder.layers=3")
    load_model(recipe, existing_config(recipe)).bert.save_pretrained(folder)
    model = load_model(recipe, existing_config(recipe))
    assert model.cls.predictions.transform.dense.weight.std() > 0
