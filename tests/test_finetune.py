"""Fine-tuning from recipe to checkpoint folder: complete, repeatable, and stopped by what cannot work."""

import json
import math
import os
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from transformers import (
    BertConfig,
    BertModel,
    RobertaConfig,
    RobertaModel,
    T5Config,
    T5EncoderModel,
    TrainerCallback,
    XLNetConfig,
    XLNetModel,
)

from conflictner.data.errors import ConflictnerError
from conflictner.inference import Tagger
from conflictner.model import DEFAULT_SCHEME, export
from conflictner.model.checkpoint import CheckpointError
from conflictner.model.export import ExportError
from conflictner.model.network import TaggerNetwork
from conflictner.training import finetune as module
from conflictner.training.averaging import WeightAverage
from conflictner.training.finetune import OutputError, finetune
from conflictner.training.loop import DivergedError, TaggerTrainer
from conflictner.training.recipe import RecipeError, dump_recipe

WEIGHTS = ("model.safetensors", "event_head.safetensors", "tokenizer.json", "calibration.json")
FILES = {
    "README.md",
    "calibration.json",
    "checksums.json",
    "config.json",
    "event_head.safetensors",
    "labels.json",
    "learning_curves.png",
    "model.onnx",
    "model.safetensors",
    "tensorboard",
    "tokenizer.json",
    "tokenizer_config.json",
    "training_config.yaml",
    "training_summary.json",
}


@pytest.fixture(autouse=True)
def _no_pictures(monkeypatch):
    """Pictures take longer than the training here; the sample run draws one."""
    monkeypatch.setattr(module, "draw_curves", lambda history, path: path.write_bytes(b"a picture"))


def weights(folder):
    return {name: (folder / name).read_bytes() for name in WEIGHTS}


def dev_scores(folder):
    summary = json.loads((folder / "training_summary.json").read_text(encoding="utf-8"))
    return summary["best_epoch"], [row["dev_f1"] for row in summary["history"] if "dev_f1" in row]


def refused(recipe, error=ConflictnerError, **settings):
    with pytest.raises(error) as caught:
        finetune(recipe, **settings)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_run_makes_a_complete_folder_in_silence(tiny_recipe, tmp_path, capfd):
    folder = finetune(tiny_recipe("export.onnx=int8", "export.weights=fp16", "export.int8_tolerance=1.0"))
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""
    assert {path.name for path in folder.iterdir()} == FILES
    assert {path.name for path in tmp_path.iterdir()} == {"output", "reports.jsonl"}
    assert "## Use" in (folder / "README.md").read_text(encoding="utf-8")
    summary = json.loads((folder / "training_summary.json").read_text(encoding="utf-8"))
    assert summary["onnx"].keys() == {"type", "dev_f1_fp32", "dev_f1_int8", "dev_equal_to_torch_fp32"}
    assert summary["documents"] == {"train": 16, "dev": 4}
    assert summary["dev"]["f1"] > 0.3


def test_the_lines_that_are_said_tell_the_stages(tiny_recipe):
    said = []
    folder = finetune(tiny_recipe("finetune.epochs=2"), say=said.append)
    best, scores = dev_scores(folder)
    assert said == [
        "16 documents to train on, as 16 windows; 4 to select on",
        f"epoch 1 of 2: dev micro F1 {scores[0]:.4f}",
        f"epoch 2 of 2: dev micro F1 {scores[1]:.4f}",
        f"best epoch {best:.0f}: dev micro F1 {max(scores):.4f}",
        f"model.onnx is fp32, {(folder / 'model.onnx').stat().st_size / 1e6:.1f} MB",
    ]


def test_what_finish_adds_is_in_the_folder_when_it_appears(tiny_recipe, tmp_path):
    def finish(folder, dev):
        assert folder.name == "output"
        assert not (tmp_path / "output").exists()
        assert len(dev) == 4
        (folder / "added").write_text("")

    assert (finetune(tiny_recipe("finetune.epochs=1"), finish=finish) / "added").exists()


class Interrupting(TrainerCallback):
    """Interrupts as Ctrl-C would."""

    def __init__(self, step=None, epoch=None):
        self.step, self.epoch = step, epoch

    def on_step_end(self, args, state, control, **_):
        if state.global_step == self.step:
            raise KeyboardInterrupt

    def on_epoch_begin(self, args, state, control, **_):
        if state.epoch == self.epoch:
            raise KeyboardInterrupt


@pytest.fixture
def interrupt(monkeypatch):
    """Starts a run that is interrupted at a step (four make an epoch) or before an epoch."""

    def start(recipe, said, resume=False, **when):
        class Interrupted(TaggerTrainer):
            def __init__(self, *arguments):
                super().__init__(*arguments)
                self.add_callback(Interrupting(**when))

        monkeypatch.setattr(module, "TaggerTrainer", Interrupted)
        with pytest.raises(KeyboardInterrupt):
            finetune(recipe, say=said.append, resume=resume)
        monkeypatch.setattr(module, "TaggerTrainer", TaggerTrainer)

    return start


@pytest.fixture(scope="module")
def uninterrupted(recipes_in, tmp_path_factory):
    """The folder of a run from end to end."""
    recipe = recipes_in(tmp_path_factory.mktemp("uninterrupted"))()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "draw_curves", lambda history, path: path.write_bytes(b"a picture"))
        folder = finetune(recipe)
    assert dev_scores(folder)[0] == 4.0  # so the weights are of an epoch after the interruptions
    return folder


def test_the_same_recipe_gives_the_same_weights(uninterrupted, tiny_recipe):
    torch.rand(7)  # what was drawn before does not matter
    assert weights(finetune(tiny_recipe())) == weights(uninterrupted)
    assert weights(finetune(tiny_recipe("finetune.seed=14"), overwrite=True)) != weights(uninterrupted)


@pytest.mark.parametrize(
    "interruptions",
    [
        [{"epoch": 2.0}],
        [{"step": 10}],
        [{"step": 2}],
        [{"step": 5}, {"step": 6}, {"epoch": 3.0}, {"step": 16}],
    ],
    ids=["between epochs", "within an epoch", "within the first epoch", "again and again"],
)
def test_interrupted_and_resumed_is_the_same_as_uninterrupted(
    uninterrupted, tiny_recipe, tmp_path, interrupt, interruptions
):
    for number, when in enumerate(interruptions):
        said = []
        interrupt(tiny_recipe(), said, resume=number > 0, **when)
        assert (
            said[-1]
            == f"interrupted; {tmp_path / 'output.training'} keeps the finished epochs: add --resume to go on"
        )
    assert not (tmp_path / "output").exists()
    folder = finetune(tiny_recipe(), resume=True)
    assert weights(folder) == weights(uninterrupted)
    assert dev_scores(folder) == dev_scores(uninterrupted)
    assert not (tmp_path / "output.training").exists()


def test_a_run_that_was_killed_while_saving_goes_on_from_what_is_whole(
    uninterrupted, tiny_recipe, tmp_path, interrupt
):
    interrupt(tiny_recipe(), [], epoch=2.0)
    state = tmp_path / "output.training" / "state"
    (whole,) = state.glob("checkpoint-*")
    torn = state / "checkpoint-12"
    shutil.copytree(whole, torn)
    (torn / "trainer_state.json").write_text('{"epoch": 3.0, "glo', encoding="utf-8")
    (torn / "average.safetensors").write_bytes(b"half")
    assert weights(finetune(tiny_recipe(), resume=True)) == weights(uninterrupted)


def test_a_run_that_failed_at_its_end_is_finished_without_training_again(
    uninterrupted, tiny_recipe, monkeypatch
):
    def fail(*_):
        raise ExportError("no export today")

    with monkeypatch.context() as patch:
        patch.setattr(module, "export_fp32", fail)
        assert refused(tiny_recipe()) == "no export today"
        patch.setattr(TaggerTrainer, "training_step", fail)
        assert refused(tiny_recipe(), resume=True) == "no export today"
    assert weights(finetune(tiny_recipe(), resume=True)) == weights(uninterrupted)


def test_a_run_that_cannot_be_exported_is_finished_without_the_file(tiny_recipe, monkeypatch):
    def fail(*_):
        raise ExportError("no export today")

    with monkeypatch.context() as patch:
        patch.setattr(module, "export_fp32", fail)
        refused(tiny_recipe("export.onnx=fp32"))
        patch.setattr(TaggerTrainer, "training_step", fail)
        folder = finetune(tiny_recipe("export.onnx=none", "card.title=Mine"), resume=True)
    assert not (folder / "model.onnx").exists()
    assert "# Mine" in (folder / "README.md").read_text(encoding="utf-8")


def test_too_little_disk_is_told_before_the_first_step(tiny_recipe, monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2**20))
    message = refused(tiny_recipe("new_encoder.hidden=64"), OutputError)
    assert re.fullmatch(
        r"output .* needs about \d\.\d MB of disk, 1\.0 MB are free there; free some, .*", message
    )
    assert not (tmp_path / "output.training").exists()


def test_a_disk_that_fills_up_is_told_and_the_run_goes_on_from_there(
    uninterrupted, tiny_recipe, monkeypatch, interrupt
):
    def fill(*_):
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=4096))
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    interrupt(tiny_recipe(), [], epoch=2.0)
    with monkeypatch.context() as patch:
        patch.setattr(WeightAverage, "save", fill)
        message = refused(tiny_recipe(), OutputError, resume=True)
    assert message.endswith(
        "cannot be written (No space left on device); once that is mended, go on with --resume"
    )
    monkeypatch.undo()
    assert weights(finetune(tiny_recipe(), resume=True)) == weights(uninterrupted)


def test_an_interrupted_run_is_not_lost_by_mistake(tiny_recipe, interrupt, tmp_path):
    interrupt(tiny_recipe(), [], epoch=1.0)
    assert "holds an interrupted training; add --resume" in refused(tiny_recipe(), OutputError)
    other = tiny_recipe("finetune.learning_rate=1.0e-3")
    assert "is another recipe than this" in refused(other, OutputError, resume=True)
    data = tmp_path / "reports.jsonl"
    data.write_text(data.read_text(encoding="utf-8").replace("rockets", "mortars"), encoding="utf-8")
    assert "the documents have changed since" in refused(tiny_recipe(), OutputError, resume=True)
    assert (tmp_path / "output.training" / "state").exists()
    assert finetune(tiny_recipe("finetune.epochs=1"), overwrite=True).is_dir()


def test_processes_that_share_a_run_make_the_weights_of_one_with_their_batches_together(
    tiny_recipe, tmp_path
):
    settings = ["finetune.epochs=2", "finetune.dropout=0.0", "finetune.word_dropout=0.0", "export.onnx=none"]
    alone = finetune(tiny_recipe(*settings, "finetune.batch_size=4", f"output={tmp_path / 'alone'}"))
    shared = tiny_recipe(*settings, "finetune.batch_size=2", f"output={tmp_path / 'shared'}")
    path = tmp_path / "shared.yaml"
    path.write_text(dump_recipe(shared), encoding="utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += ["-m", "conflictner.inference.command_line", "train", str(path)]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr
    together = load_file(tmp_path / "shared" / "model.safetensors")
    for name, value in load_file(alone / "model.safetensors").items():
        torch.testing.assert_close(together[name], value, rtol=1e-3, atol=2e-5)


class Diverging(TaggerNetwork):
    """A network whose loss is not a number."""

    def forward(self, input_ids, attention_mask, labels=None, events=None):
        output = super().forward(input_ids, attention_mask, labels, events)
        return output if labels is None else output._replace(losses=output.losses * math.nan)


def test_a_diverged_loss_stops_before_the_first_step_and_leaves_nothing(tiny_recipe, tmp_path, monkeypatch):
    monkeypatch.setattr("conflictner.model.network_files.TaggerNetwork", Diverging)
    message = refused(tiny_recipe(), DivergedError)
    assert message.startswith(
        "training has diverged: the loss is nan at step 1; lower finetune.learning_rate"
    )
    assert {path.name for path in tmp_path.iterdir()} == {"reports.jsonl"}


def test_a_learning_rate_that_is_far_too_large_is_told(tiny_recipe, tmp_path):
    output = tmp_path / "output"
    output.mkdir()
    (output / "config.json").write_text("mine", encoding="utf-8")
    recipe = tiny_recipe("finetune.learning_rate=1.0e+6", "finetune.warmup_share=0.0")
    assert "training has diverged" in refused(recipe, DivergedError, overwrite=True)
    assert (output / "config.json").read_text(encoding="utf-8") == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"output", "reports.jsonl"}


def test_an_existing_output_is_left_alone(tiny_recipe, tmp_path):
    output = tmp_path / "output"
    output.mkdir()
    (output / "config.json").write_text("mine", encoding="utf-8")
    assert f"output {output} exists already; add --overwrite" in refused(tiny_recipe(), OutputError)
    inside = tiny_recipe(f"output={output}/config.json")
    assert f"output {output}/config.json is a file" in refused(inside, OutputError)
    assert (output / "config.json").read_text(encoding="utf-8") == "mine"


def test_an_output_below_a_file_cannot_be_written(tiny_recipe, tmp_path):
    recipe = tiny_recipe(f"output={tmp_path / 'reports.jsonl' / 'out'}")
    assert "cannot be written (Not a directory); name another: --set output=FOLDER" in refused(
        recipe, OutputError
    )


def test_data_that_is_wrong_leaves_nothing_behind(tiny_recipe, tmp_path):
    recipe = tiny_recipe("data.train=[none.jsonl]")
    assert "data.train: none.jsonl does not exist" in refused(recipe, RecipeError)
    data = tmp_path / "reports.jsonl"
    data.write_text(data.read_text(encoding="utf-8").replace("WEAPON", "GUN", 1), encoding="utf-8")
    assert refused(tiny_recipe()).startswith(f"{data}:1: spans[3].label is 'GUN'; accepted are ACTOR,")
    assert {path.name for path in tmp_path.iterdir()} == {"reports.jsonl"}


def test_spans_off_word_borders_are_counted_aloud(tiny_recipe, tmp_path, reports):
    half = {"id": "half", "text": "An antitank gun.", "spans": [{"start": 7, "end": 11, "label": "WEAPON"}]}
    (tmp_path / "odd.jsonl").write_text(
        f"{json.dumps(half)}\n{json.dumps({**half, 'id': 'two'})}\n", encoding="utf-8"
    )
    said = []
    recipe = tiny_recipe(
        f"data.train=[{tmp_path}/odd.jsonl, {tmp_path}/reports.jsonl]",
        f"data.dev=[{tmp_path}/odd.jsonl]",
        "data.dev_share=0.0",
        "finetune.epochs=1",
    )
    finetune(recipe, say=said.append)
    where = "the first is 7:11 'tank' of document 'half'"
    assert said[1:4] == [
        "note: no dev document has a span with the label ACTOR, LOCATION, CASUALTY",
        "note: 2 training spans do not begin and end with a word and are learned as the whole words they "
        f"touch; {where}",
        f"note: 2 dev spans do not begin and end with a word and cannot be found; {where}",
    ]


@pytest.fixture
def bert(tmp_path, new_tokenizer):
    """Writes an untrained encoder with a tokenizer."""
    from transformers import PreTrainedTokenizerFast

    def write(name="encoder", config=BertConfig, model=BertModel, **changes):
        folder = tmp_path / name
        tokenizer = new_tokenizer()
        names = {
            f"{part.strip('[]').lower()}_token": part
            for part in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
        }
        PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
        settings = {
            "vocab_size": tokenizer.get_vocab_size(),
            "hidden_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 16,
            "max_position_embeddings": 32,
            **changes,
        }
        settings = {name: value for name, value in settings.items() if value is not None}
        model(config(**settings)).save_pretrained(folder)
        return folder

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


def test_an_encoder_that_shares_weights_is_trained_and_resumed(tiny_recipe, bert, interrupt):
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


def test_labels_of_ones_own_are_trained_and_predicted(tiny_recipe, tmp_path):
    data = tmp_path / "own.conll"
    sentences = [
        f"{name} drove a {thing} .\n" for name in ("Ada", "Ben", "Cem", "Dov") for thing in ("truck", "jeep")
    ]
    tags = ["B-PERSON", "O", "O", "B-VEHICLE", "O"]
    blocks = ["".join(f"{w}\t{t}\n" for w, t in zip(s.split(), tags, strict=True)) for s in sentences * 2]
    data.write_text("\n".join(blocks), encoding="utf-8")
    recipe = tiny_recipe(
        "labels={labels: [PERSON, VEHICLE], events: []}",
        f"data.train=[{data}]",
        f"data.dev=[{data}]",
        "data.dev_share=0.0",
        "finetune.epochs=8",
    )
    tagger = Tagger.load(finetune(recipe))
    prediction = tagger.predict("Ben drove a truck .")
    assert [(span.label, span.attribute, span.text) for span in prediction.spans] == [
        ("PERSON", None, "Ben"),
        ("VEHICLE", None, "truck"),
    ]
    assert prediction.events == ()
    assert not (tagger.checkpoint.folder / "event_head.safetensors").exists()
    assert "Labels\n\nPERSON, VEHICLE.\n" in (tagger.checkpoint.folder / "README.md").read_text(
        encoding="utf-8"
    )


def test_attributes_and_event_types_of_ones_own_are_trained_and_predicted(tiny_recipe, tmp_path):
    records = []
    for number in range(16):
        kind, thing, event = [("civil", "van", "theft"), ("military", "tank", "parade")][number % 2]
        text = f"On day {number} they saw a {thing}."
        start = text.index(thing)
        span = {"start": start, "end": start + len(thing), "label": "VEHICLE", "attribute": kind}
        records.append({"id": str(number), "text": text, "spans": [span], "events": [event]})
    data = tmp_path / "own.jsonl"
    data.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    labels = "[{name: VEHICLE, attribute: kind, values: [civil, military]}]"
    recipe = tiny_recipe(
        f"labels={{labels: {labels}, events: [theft, parade]}}",
        f"data.train=[{data}]",
        f"data.dev=[{data}]",
        "data.dev_share=0.0",
        "finetune.epochs=8",
        "finetune.event_weight=1.0",
    )
    folder = finetune(recipe)
    for engine in ("onnx", "torch"):
        tagger = Tagger.load(folder, engine=engine)
        assert tagger.scheme.attribute_name("VEHICLE") == "kind"
        for thing, kind, event in (("van", "civil", "theft"), ("tank", "military", "parade")):
            prediction = tagger.predict(f"On day 3 they saw a {thing}.")
            assert [(span.text, span.attribute) for span in prediction.spans] == [(thing, kind)]
            assert prediction.events == (event,)


@pytest.mark.parametrize("says_so", [True, False])
def test_documents_that_annotate_one_label_do_not_unteach_the_others(tiny_recipe, tmp_path, reports, says_so):
    places = [
        {
            **report,
            "id": f"place-{number}",
            "spans": [span for span in report["spans"] if span["label"] == "LOCATION"],
            "events": [],
            "meta": {"annotated": ["LOCATION"]} if says_so else {},
        }
        for number, report in enumerate(reports * 3)
    ]
    for name, records in (("mixed", [*reports, *places]), ("dev", reports)):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    folder = finetune(
        tiny_recipe(
            f"data={{train: [{tmp_path / 'mixed.jsonl'}], dev: [{tmp_path / 'dev.jsonl'}], dev_share: 0.0}}"
        )
    )
    scores = json.loads((folder / "training_summary.json").read_text(encoding="utf-8"))["dev"]
    assert scores["f1_LOCATION"] > 0.9
    assert (scores["f1_WEAPON"] > 0.9) == says_so
    assert (scores["f1_CASUALTY"] > 0.9) == says_so


def test_the_scheme_of_the_guidelines_is_the_default(sample_checkpoint):
    assert Tagger.load(sample_checkpoint).scheme == DEFAULT_SCHEME
