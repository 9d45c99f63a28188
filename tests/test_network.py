"""The network: saved, loaded again and read by transformers' own pipeline."""

import json
import shutil
import stat

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForTokenClassification

from conflictner.model import DEFAULT_SCHEME, Label, LabelScheme
from conflictner.model.checkpoint import Checkpoint, CheckpointError
from conflictner.model.network import IGNORED, EventHead, TaggerNetwork
from conflictner.model.network_files import build_network, load_network, save_network

SMALL = LabelScheme((Label("A"),), ("riot",))


def small_network(scheme=SMALL, **settings) -> TaggerNetwork:
    config = BertConfig(
        vocab_size=30,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        max_position_embeddings=16,
        num_labels=len(scheme.tags),
    )
    torch.manual_seed(0)
    return TaggerNetwork(BertForTokenClassification(config), scheme, **settings).eval()


def batch():
    """Two rows, the second one padded."""
    ids = torch.tensor([[1, 5, 6, 2], [1, 7, 2, 0]])
    return ids, (ids != 0).long()


def test_shapes_with_and_without_events():
    output = small_network()(*batch())
    assert output.logits.shape == (2, 4, 3)
    assert output.event_logits.shape == (2, 1)
    assert output.loss is None
    network = small_network(LabelScheme((Label("A"),)))
    assert network.event_head is None
    assert network(*batch()).event_logits.shape == (2, 0)


def test_padding_changes_nothing():
    network = small_network()
    ids, mask = batch()
    with torch.inference_mode():
        padded = network(ids, mask)
        alone = network(ids[1:, :3], mask[1:, :3])
    torch.testing.assert_close(padded.logits[1:, :3], alone.logits)
    torch.testing.assert_close(padded.event_logits[1:], alone.event_logits)


def test_event_head_by_hand():
    head = EventHead(1, 1)
    with torch.no_grad():
        head.query.weight.fill_(0.0)  # all pieces weigh the same: the mean
        head.output.weight.copy_(torch.tensor([[1.0, 10.0]]))  # mean + 10 * first
        head.output.bias.zero_()
    states = torch.tensor([[[1.0], [3.0], [100.0]]])
    assert head(states, torch.tensor([[1, 1, 0]])).item() == pytest.approx(2.0 + 10.0)


def test_loss_by_hand():
    network = small_network(event_weight=0.5)
    ids, mask = batch()
    labels = torch.tensor([[IGNORED, 1, 2, IGNORED], [IGNORED, 0, IGNORED, IGNORED]])
    events = torch.tensor([[1.0], [0.0]])
    output = network(ids, mask, labels, events)
    log_probabilities = output.logits.log_softmax(-1)
    tags = -(log_probabilities[0, 1, 1] + log_probabilities[0, 2, 2] + log_probabilities[1, 1, 0]) / 3
    probabilities = output.event_logits.sigmoid().flatten()
    event_loss = -(probabilities[0].log() + (1 - probabilities[1]).log()) / 2
    assert output.loss.item() == pytest.approx((tags + 0.5 * event_loss).item())
    assert network(ids, mask, labels).loss.item() == pytest.approx(tags.item())


PAIR = LabelScheme((Label("A", "kind", ("x", "y")), Label("B")), ("riot", "battle"))


def test_loss_of_sets_by_hand():
    network = small_network(PAIR)
    network.targets = torch.tensor([*torch.eye(7).bool().tolist(), [False, True, False, True, *[False] * 3]])
    ids, mask = batch()
    labels = torch.tensor([[IGNORED, 7, 5, IGNORED], [IGNORED, 0, IGNORED, IGNORED]])
    output = network(ids, mask, labels)
    p = output.logits.softmax(-1)
    expected = -((p[0, 1, 1] + p[0, 1, 3]).log() + p[0, 2, 5].log() + p[1, 1, 0].log()) / 3
    assert output.loss.item() == pytest.approx(expected.item())


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_sets_of_one_tag_cost_their_cross_entropy(smoothing):
    network = small_network(PAIR, label_smoothing=smoothing)
    ids, mask = batch()
    labels = torch.tensor([[IGNORED, 1, 6, IGNORED], [IGNORED, 0, IGNORED, IGNORED]])
    plain = network(ids, mask, labels).loss
    network.targets = torch.eye(7).bool()
    assert network(ids, mask, labels).loss.item() == pytest.approx(plain.item())


def test_a_set_of_all_tags_teaches_nothing():
    network = small_network(PAIR)
    network.targets = torch.cat([torch.eye(7), torch.ones(1, 7)]).bool()
    ids, mask = batch()
    labels = torch.full_like(ids, IGNORED)
    labels[:, 1] = 7
    network(ids, mask, labels).loss.backward()
    gradient = network.tagger.classifier.weight.grad
    assert gradient.abs().max() < 1e-7


def test_event_types_that_are_not_known_teach_nothing():
    network = small_network(PAIR, event_weight=1.0)
    ids, mask = batch()
    labels = torch.where(mask == 1, 0, IGNORED)
    tags = network(ids, mask, labels).loss
    known = torch.tensor([[1.0, IGNORED], [0.0, 1.0]])
    output = network(ids, mask, labels, known)
    p = output.event_logits.sigmoid()
    events = -(p[0, 0].log() + (1 - p[1, 0]).log() + p[1, 1].log()) / 3
    assert output.loss.item() == pytest.approx((tags + events).item())
    none = network(ids, mask, labels, torch.full((2, 2), float(IGNORED)))
    assert none.loss.item() == tags.item()


def test_targets_are_not_saved(tmp_path):
    network = small_network(PAIR)
    plain = set(network.state_dict())
    network.targets = torch.eye(7).bool()
    assert set(network.state_dict()) == plain


def test_loaded_network_gives_what_the_saved_one_gave(tiny_checkpoint, make_checkpoint, tmp_path):
    before = torch.random.get_rng_state()
    network = load_network(Checkpoint.load(tiny_checkpoint))
    assert torch.equal(before, torch.random.get_rng_state())  # the caller's random numbers are not touched
    assert not network.training
    save_network(network, tmp_path, max_length=64, overlap=16)
    for name in ("config.json", "model.safetensors", "event_head.safetensors", "labels.json"):
        assert (tmp_path / name).read_bytes() == (tiny_checkpoint / name).read_bytes()


def test_saving_leaves_the_network_as_it_is(tmp_path):
    network = small_network()
    config = network.tagger.config.to_dict()
    ids, mask = batch()
    before = network(ids, mask)
    save_network(network, tmp_path, max_length=16, overlap=4, dtype=torch.float16)
    assert network.tagger.config.to_dict() == config
    assert network.tagger.classifier.weight.dtype == torch.float32
    torch.testing.assert_close(network(ids, mask).logits, before.logits, rtol=0, atol=0)


def test_half_precision_weights_are_loaded_in_full(tiny_checkpoint, tmp_path):
    checkpoint = Checkpoint.load(tiny_checkpoint)
    network = load_network(checkpoint)
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "half")
    save_network(network, folder, max_length=64, overlap=16, dtype=torch.float16)
    assert (folder / "model.safetensors").stat().st_size < 0.6 * (
        tiny_checkpoint / "model.safetensors"
    ).stat().st_size
    half = load_network(Checkpoint.load(folder, verify=False))
    assert {parameter.dtype for parameter in half.parameters()} == {torch.float32}
    ids = torch.randint(5, 100, (2, 20), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        full, stored = (item(ids, torch.ones_like(ids)).logits for item in (network, half))
    torch.testing.assert_close(full, stored, rtol=0, atol=0.1)


def test_saved_files_can_be_read_by_whom_the_folder_is_open_to(tmp_path):
    save_network(small_network(), tmp_path, max_length=16, overlap=4)
    (tmp_path / "ordinary").touch()
    ordinary = stat.S_IMODE((tmp_path / "ordinary").stat().st_mode)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {ordinary}


def test_config_names_tags_and_windows(tiny_checkpoint):
    config = json.loads((tiny_checkpoint / "config.json").read_text(encoding="utf-8"))
    assert list(config["id2label"].values()) == list(DEFAULT_SCHEME.tags)
    assert config["architectures"] == ["BertForTokenClassification"]
    assert config["conflictner"] == {"format": 1, "max_length": 64, "overlap": 16}


def test_new_heads_on_a_saved_encoder(tiny_checkpoint):
    network = build_network(tiny_checkpoint, DEFAULT_SCHEME, dropout=0.3, event_weight=1.0)
    assert network.tagger.config.hidden_dropout_prob == 0.3
    assert network.tagger.config.attention_probs_dropout_prob == 0.3
    saved = load_network(Checkpoint.load(tiny_checkpoint)).tagger.bert.state_dict()
    for name, tensor in network.tagger.bert.state_dict().items():
        assert torch.equal(tensor, saved[name])


def test_tagger_of_other_labels_is_an_encoder_too(tiny_checkpoint):
    network = build_network(tiny_checkpoint, SMALL, dropout=0.0)
    assert network.tagger.classifier.out_features == 3
    saved = load_network(Checkpoint.load(tiny_checkpoint)).tagger.bert.state_dict()
    assert all(torch.equal(tensor, saved[name]) for name, tensor in network.tagger.bert.state_dict().items())


def test_encoder_that_lacks_weights(tiny_checkpoint, tmp_path):
    from safetensors.torch import load_file, save_file

    folder = shutil.copytree(tiny_checkpoint, tmp_path / "encoder")
    weights = load_file(folder / "model.safetensors")
    del weights["bert.encoder.layer.1.output.dense.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match=r"1 of its tensors, such as bert\.encoder\.layer\.1"):
        build_network(folder, DEFAULT_SCHEME, dropout=0.1)


@pytest.mark.parametrize("damage", ["missing", "config", "weights", "kind", "no folder"])
def test_encoder_that_cannot_be_loaded(tiny_checkpoint, tmp_path, damage):
    folder = tmp_path / "encoder"
    if damage != "no folder":
        shutil.copytree(tiny_checkpoint, folder)
    if damage == "missing":
        (folder / "model.safetensors").unlink()
    elif damage == "config":
        (folder / "config.json").write_text("{", encoding="utf-8")
    elif damage == "weights":
        content = (folder / "model.safetensors").read_bytes()
        (folder / "model.safetensors").write_bytes(content[:1000])
    elif damage == "kind":
        (folder / "config.json").write_text('{"model_type": "unheard-of"}', encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"encoder .*encoder cannot be loaded: .") as caught:
        build_network(folder, DEFAULT_SCHEME, dropout=0.1)
    assert str(caught.value).isprintable()


def test_checkpoint_that_asks_for_code_of_its_own_is_refused(tiny_checkpoint, tmp_path):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "model")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "own.Config", "AutoModel": "own.Model"}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "own.py").write_text("raise SystemExit('this code must not run')", encoding="utf-8")
    with pytest.raises(CheckpointError):
        load_network(Checkpoint.load(folder, verify=False))


def test_transformers_pipeline_loads_the_folder(tiny_checkpoint):
    import transformers

    pipeline = transformers.pipeline("token-classification", model=str(tiny_checkpoint), device="cpu")
    text = "Rebels shelled the town of Aleppo, killing three civilians, officials said."
    found = pipeline(text)
    assert {item["entity"] for item in found} <= set(DEFAULT_SCHEME.tags)
    assert all(text[item["start"] : item["end"]].strip() for item in found)

    checkpoint = Checkpoint.load(tiny_checkpoint)
    encoder = checkpoint.window_encoder()
    (window,) = encoder.windows(encoder.tokenize(text))
    ids = torch.from_numpy(window.ids[None])
    with torch.inference_mode():
        logits = load_network(checkpoint)(ids, torch.ones_like(ids)).logits[0, 1:-1]
    tags = logits.argmax(-1).tolist()
    expected = [(index + 1, DEFAULT_SCHEME.tags[tag]) for index, tag in enumerate(tags) if tag]
    assert expected
    assert [(item["index"], item["entity"]) for item in found] == expected
    np.testing.assert_allclose(
        [item["score"] for item in found],
        [logits.softmax(-1)[index - 1].max().item() for index, _ in expected],
        rtol=1e-4,
    )
