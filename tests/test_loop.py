"""The training loop: what a step does, when it stops, and what it shows."""

import math

import pytest
import torch
from transformers import BertConfig, BertForTokenClassification, TrainerCallback

from conflictner.data import Document, Span
from conflictner.model import LabelScheme
from conflictner.model.network import TaggerNetwork
from conflictner.model.windows import WindowEncoder
from conflictner.training.arguments import resolve_precision, training_arguments
from conflictner.training.loop import DivergedError, TaggerTrainer
from conflictner.training.passages import Collator, make_dataset
from conflictner.training.recipe import RecipeError
from conflictner.training.scoring import Scorer
from conflictner.training.sections import FinetuneSection

SCHEME = LabelScheme.from_dict({"labels": ["ACTOR", "LOCATION"], "events": ["battle"]})
SECTION = {
    "epochs": 1,
    "batch_size": 4,
    "gradient_accumulation": 1,
    "learning_rate": 1e-2,
    "warmup_share": 0.0,
    "weight_decay": 0.0,
    "dropout": 0.0,
    "word_dropout": 0.0,
    "join_share": 0.0,
    "label_smoothing": 0.0,
    "event_weight": 0.3,
    "gradient_clip": 1.0,
    "average_decay": 0.0,
    "layer_decay": 1.0,
    "precision": "fp32",
    "device": "cpu",
    "seed": 3,
}


def documents(count=8):
    """Reports of different lengths, every third without known event types."""
    names = ["Rebels", "Troops", "Police", "rebels"]
    return [
        Document(
            f"{i}",
            f"{names[i % 4]} seized Homs{' near Goma' * (i % 5)}.",
            (Span(0, 6, "ACTOR"), Span(14, 18, "LOCATION")),
            () if i % 3 == 0 else ("battle",),
            {"annotated": ["ACTOR", "LOCATION"]} if i % 3 == 0 else {},
        )
        for i in range(count)
    ]


@pytest.fixture
def make(tmp_path, new_tokenizer):
    """Makes a trainer of a small network."""

    def make(name="run", progress=False, say=lambda _: None, network=None, **changes):
        section = FinetuneSection(**{**SECTION, **changes})
        encoder = WindowEncoder(new_tokenizer(), 16, 4)
        if network is None:
            torch.manual_seed(section.seed)
            config = BertConfig(
                vocab_size=encoder.tokenizer.get_vocab_size(),
                hidden_size=16,
                num_hidden_layers=1,
                num_attention_heads=2,
                intermediate_size=16,
                num_labels=len(SCHEME.tags),
                hidden_dropout_prob=section.dropout,
                attention_probs_dropout_prob=section.dropout,
            )
            network = TaggerNetwork(BertForTokenClassification(config), SCHEME, section.event_weight)
        return TaggerTrainer(
            network,
            training_arguments(section, tmp_path / name / "state", progress),
            make_dataset(documents(), encoder, SCHEME).rows,
            Collator(0, 4, section.word_dropout),
            Scorer(documents(3), encoder, SCHEME, 0),
            section,
            tmp_path / name / "tensorboard",
            say,
        )

    return make


def weights(trainer):
    return {name: value.clone() for name, value in trainer.network.state_dict().items()}


def test_accumulated_batches_make_the_update_of_one_large_batch(make):
    large, small = make("large", batch_size=8), make("small", batch_size=2, gradient_accumulation=4)
    before = weights(large)
    assert all(torch.equal(before[name], value) for name, value in weights(small).items())
    large.run(False)
    small.run(False)
    assert large.state.global_step == small.state.global_step == 1
    after = weights(large)
    for name, value in weights(small).items():
        torch.testing.assert_close(value, after[name], rtol=1e-3, atol=1e-5)
    moved = max((after[name] - before[name]).abs().max().item() for name in before)
    assert moved > 5e-3  # a whole step of Adam


def test_lower_layers_move_at_their_share_of_the_rate(make):
    trainer = make(batch_size=8, layer_decay=0.1)
    before = weights(trainer)
    trainer.run(False)
    moved = {name: (value - before[name]).abs().max().item() for name, value in weights(trainer).items()}
    rate = SECTION["learning_rate"]
    assert moved["tagger.classifier.weight"] == pytest.approx(rate, rel=0.01)
    assert moved["tagger.bert.encoder.layer.0.output.dense.weight"] == pytest.approx(0.1 * rate, rel=0.01)
    assert moved["tagger.bert.embeddings.word_embeddings.weight"] == pytest.approx(0.01 * rate, rel=0.01)


def test_the_best_epoch_is_left_in_the_network(make):
    said = []
    trainer = make(epochs=3, say=said.append)
    scores = trainer.run(False)
    rows = {row["epoch"]: row["dev_f1"] for row in trainer.state.log_history if "dev_f1" in row}
    assert list(rows) == [1.0, 2.0, 3.0]
    assert scores["f1"] == max(rows.values()) == rows[scores["epoch"]]
    best = trainer.best.weights()
    assert all(torch.equal(best[name], value) for name, value in weights(trainer).items())
    assert said == [f"epoch {e:.0f} of 3: dev micro F1 {f1:.4f}" for e, f1 in rows.items()]


def test_the_dry_run_changes_nothing(make):
    trainer = make(dropout=0.3, word_dropout=0.3)
    before, state = weights(trainer), torch.get_rng_state()
    trainer.dry_run()
    assert all(torch.equal(before[name], value) for name, value in weights(trainer).items())
    assert torch.equal(torch.get_rng_state(), state)
    assert all(value.grad is None for value in trainer.network.parameters())


class Patched(TaggerNetwork):
    """A network whose loss the test decides."""

    losses = iter(())

    def forward(self, input_ids, attention_mask, labels=None, events=None):
        output = super().forward(input_ids, attention_mask, labels, events)
        return output if labels is None else output._replace(losses=output.losses * 0 + next(self.losses) / 2)


@pytest.mark.parametrize(("value", "shown"), [(math.nan, "nan"), (math.inf, "inf"), (2.5e8, "2.5e+08")])
def test_a_diverged_loss_stops_at_its_step(make, value, shown):
    trainer = make(epochs=2)
    trainer.network.__class__ = Patched
    Patched.losses = iter([1.0, 1.0, value])
    with pytest.raises(DivergedError) as caught:
        trainer.run(False)
    message = str(caught.value)
    assert message.startswith(
        f"training has diverged: the loss is {shown} at step 3; lower finetune.learning_rate"
    )
    assert "\n" not in message


def test_a_loss_that_is_wrong_at_once_stops_before_the_first_step(make):
    trainer = make()
    trainer.network.__class__ = Patched
    Patched.losses = iter([math.nan])
    with pytest.raises(DivergedError, match="at step 1"):
        trainer.dry_run()


class Destroying(TrainerCallback):
    """Spoils the average of the weights after each step, as an overflow would."""

    def __init__(self, average):
        self.average = average

    def on_step_end(self, args, state, control, **_):
        for value in self.average.average.values():
            value.fill_(math.nan)


def test_weights_that_the_last_step_destroyed_are_not_scored(make):
    trainer = make(batch_size=8)
    trainer.add_callback(Destroying(trainer.average))
    with pytest.raises(DivergedError, match="the weights are no longer finite"):
        trainer.run(False)


def test_too_little_memory_is_told_before_the_first_step(make):
    trainer = make()

    def fail(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory")

    trainer.network.forward = fail
    with pytest.raises(RecipeError, match=r"finetune\.batch_size 4 with windows of \d+ pieces does not fit"):
        trainer.dry_run()


def test_bf16_is_used_in_training_and_left_behind(make):
    trainer = make(precision="bf16", epochs=2)
    seen = []
    trainer.network.tagger.classifier.register_forward_hook(
        lambda module, _, output: seen.append((output.dtype, trainer.network.training))
    )
    trainer.dry_run()
    assert set(seen) == {(torch.bfloat16, True)}
    trainer.run(False)
    assert set(seen) == {(torch.bfloat16, True), (torch.float32, False)}
    assert {value.dtype for value in trainer.network.parameters()} == {torch.float32}
    assert "forward" not in vars(trainer.network) or not _casts(trainer.network)


def _casts(network):
    ids = torch.arange(8).reshape(2, 4)
    mask = torch.ones_like(ids)
    return not torch.equal(network(ids, mask).logits, TaggerNetwork.forward(network, ids, mask).logits)


def test_the_bar_writes_to_standard_error_alone(make, capsys):
    said = []
    make(progress=True, epochs=2, say=said.append).run(False)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "4/4" in captured.err
    assert "dev F1=" in captured.err
    assert said == []


def test_nothing_is_printed_without_a_bar(make, capsys):
    make(epochs=2).run(False)
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_precision_follows_the_recipe_and_the_device(monkeypatch):
    assert resolve_precision("fp32", on_cpu=True) == "fp32"
    assert resolve_precision("bf16", on_cpu=True) == "bf16"
    with pytest.raises(RecipeError, match=r"finetune\.precision fp16 needs a GPU"):
        resolve_precision("fp16", on_cpu=True)
    for supported in (True, False):
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda supported=supported: supported)
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda supported=supported: supported)
        expected = "bf16" if supported else "fp32"
        assert resolve_precision("auto", on_cpu=True) == resolve_precision("auto", on_cpu=False) == expected
    with pytest.raises(RecipeError, match=r"finetune\.precision bf16 is not known to this GPU"):
        resolve_precision("bf16", on_cpu=False)
    assert resolve_precision("fp16", on_cpu=False) == "fp16"


def test_the_learning_rate_warms_up_and_decays_to_zero(make):
    trainer = make(epochs=10, warmup_share=0.2, batch_size=8)
    trainer.run(False)
    rates = [row["learning_rate"] for row in trainer.state.log_history if "learning_rate" in row]
    schedule = trainer.lr_scheduler.lr_lambdas[0]
    assert [round(schedule(step), 6) for step in (0, 1, 2, 6, 10)] == [0.0, 0.5, 1.0, 0.5, 0.0]
    assert rates == [pytest.approx(1e-2 * schedule(9))]
