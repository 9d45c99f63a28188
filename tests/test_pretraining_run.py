"""Pre-training from recipe to encoder: complete, usable, repeatable, and not hurt by being cut short."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

from conflictner.data.errors import ConflictnerError
from conflictner.model import DEFAULT_SCHEME
from conflictner.model.network_files import build_network
from conflictner.training.finetune import finetune
from conflictner.training.pretraining import loop
from conflictner.training.pretraining.loop import Pretrainer, PretrainingDivergedError
from conflictner.training.pretraining.network import PretrainingNetwork
from conflictner.training.pretraining.pretrain import pretrain
from conflictner.training.recipe import RecipeError, dump_recipe
from conflictner.training.run_folder import OutputError

FILES = {
    "config.json",
    "model.safetensors",
    "pretraining_config.yaml",
    "pretraining_summary.json",
    "tensorboard",
    "tokenizer.json",
    "tokenizer_config.json",
}
TEXTS = {"news.txt", "wiki.txt"}


def weights(folder):
    return (folder / "model.safetensors").read_bytes(), (folder / "tokenizer.json").read_bytes()


def summary(folder):
    return json.loads((folder / "pretraining_summary.json").read_text(encoding="utf-8"))


def losses(folder):
    return [(row["updates"], row["tokens"], row["held_out_loss"]) for row in summary(folder)["history"]]


def refused(recipe, error=ConflictnerError, **settings):
    with pytest.raises(error) as caught:
        pretrain(recipe, **settings)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def loads(folder):
    """Whether transformers finds all weights of a masked language model, and a tokenizer of its size."""
    model, found = AutoModelForMaskedLM.from_pretrained(folder, output_loading_info=True)
    assert not found["missing_keys"]
    assert not found["unexpected_keys"]
    return len(AutoTokenizer.from_pretrained(folder)) == model.config.vocab_size


@pytest.fixture(scope="module")
def uninterrupted(pretrain_recipes_in, tmp_path_factory):
    """The folder of a run from end to end."""
    return pretrain(pretrain_recipes_in(tmp_path_factory.mktemp("uninterrupted"))())


def test_a_run_makes_a_complete_folder_in_silence(pretrain_recipe, tmp_path, capfd):
    folder = pretrain(pretrain_recipe("limits.tokens=300"))
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""
    assert {path.name for path in folder.iterdir()} == FILES
    assert {path.name for path in tmp_path.iterdir()} == {"output", *TEXTS}
    assert loads(folder)
    for name in ("config.json", "tokenizer_config.json"):
        assert str(tmp_path) not in (folder / name).read_text(encoding="utf-8")
    assert len({path.stat().st_mode & 0o777 for path in folder.iterdir() if path.is_file()}) == 1


def test_the_record_of_a_run_agrees_with_itself(uninterrupted):
    found = summary(uninterrupted)
    assert found["finished"] is True
    assert 1400 <= found["tokens"] < 1400 + 4 * 32
    assert [row["updates"] for row in found["history"]] == list(range(1, found["updates"] + 1))
    assert found["held_out_loss"] == found["history"][-1]["held_out_loss"]
    assert [file["weight"] for file in found["files"]] == [2.0, 0.5]
    assert found["held_out_loss"] < found["history"][0]["held_out_loss"]
    assert found["parameters"] == AutoModelForMaskedLM.from_pretrained(uninterrupted).num_parameters()


def test_the_lines_that_are_said_tell_the_stages(pretrain_recipe):
    said = []
    recipe = pretrain_recipe("limits.tokens=1", "vectors.method=word2vec", "vectors.least_count=2")
    row = summary(pretrain(recipe, say=said.append))
    assert said[0].startswith("2 files, 80 paragraphs, ")
    assert said[1] == f"tokenizer of {row['pieces']} pieces trained"
    assert said[2].endswith(f" an epoch; {row['held_out_sequences']} held out")
    assert said[3].startswith("word vectors for ")
    assert said[4] == (
        f"{row['minutes']:.1f} minutes, {row['tokens']:,} pieces: held-out loss {row['held_out_loss']:.3f}, "
        f"perplexity {row['perplexity']:.1f}"
    )
    assert len(said) == 5


def test_the_same_recipe_gives_the_same_weights(uninterrupted, pretrain_recipe):
    torch.rand(7)  # what was drawn before does not matter
    assert weights(pretrain(pretrain_recipe())) == weights(uninterrupted)
    other = pretrain(pretrain_recipe("pretrain.seed=14"), overwrite=True)
    assert weights(other)[0] != weights(uninterrupted)[0]


@pytest.fixture
def interrupt(monkeypatch):
    """Starts a run that is interrupted in an update, before the weights change, or in a save after one."""

    def start(recipe, *, update=None, save=None, say=lambda _: None, **settings):
        backward, evaluate = Pretrainer._backward, Pretrainer._evaluate_and_save

        def stop_in_update(self, batch, step, is_last):
            loss = backward(self, batch, step, is_last)
            if self._progress.updates == update:
                raise KeyboardInterrupt
            return loss

        def stop_in_save(self):
            if self._progress.updates == save:
                raise KeyboardInterrupt
            evaluate(self)

        with monkeypatch.context() as patch:
            patch.setattr(Pretrainer, "_backward", stop_in_update)
            patch.setattr(Pretrainer, "_evaluate_and_save", stop_in_save)
            with pytest.raises(KeyboardInterrupt):
                pretrain(recipe, say=say, **settings)

    return start


@pytest.mark.parametrize(
    "interruptions",
    [[{"save": 5}], [{"update": 5}], [{"save": 1}], [{"update": 2}, {"save": 4}, {"update": 4}, {"save": 9}]],
    ids=["in a save", "in an update", "before the first save", "again and again"],
)
def test_interrupted_and_resumed_is_the_same_as_uninterrupted(
    uninterrupted, pretrain_recipe, tmp_path, interrupt, interruptions
):
    for number, when in enumerate(interruptions):
        interrupt(pretrain_recipe(), resume=number > 0, **when)
        if (tmp_path / "output").exists():
            assert loads(tmp_path / "output")
            assert summary(tmp_path / "output")["finished"] is False
    folder = pretrain(pretrain_recipe(), resume=True)
    assert weights(folder) == weights(uninterrupted)
    assert losses(folder) == losses(uninterrupted)
    assert {path.name for path in tmp_path.iterdir()} == {"output", *TEXTS}


def test_a_run_with_muon_in_batches_of_several_steps_goes_on_exactly(pretrain_recipe, tmp_path, interrupt):
    settings = ("pretrain.optimizer=muon", "pretrain.gradient_accumulation=2", "limits.tokens=1000")
    interrupt(pretrain_recipe(*settings), update=2)
    resumed = weights(pretrain(pretrain_recipe(*settings), resume=True))
    assert resumed == weights(pretrain(pretrain_recipe(*settings), overwrite=True))


def test_a_killed_process_loses_only_what_came_after_the_last_save(pretrain_recipe, tmp_path):
    recipe = pretrain_recipe("limits.tokens=4000")
    path = tmp_path / "recipe.yaml"
    path.write_text(dump_recipe(recipe), encoding="utf-8")
    command = [sys.executable, "-m", "conflictner.inference.command_line", "pretrain", str(path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        state = tmp_path / "output.training" / "state"
        while process.poll() is None and not list(state.glob("checkpoint-[3-9]*")):
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL  # it was not done yet
    folder = tmp_path / "output"
    assert loads(folder)
    before = summary(folder)["updates"]
    rarely = pretrain_recipe("limits.tokens=4000", "saving.minutes=1000.0")
    killed = weights(pretrain(rarely, resume=True))
    last = summary(folder)["updates"]
    *kept, end = [row[0] for row in losses(folder)]
    assert kept in ([*range(1, before + 1)], [*range(1, before + 2)])  # a state is saved before its encoder
    assert end == last > kept[-1]
    whole = pretrain(rarely, overwrite=True)
    assert weights(whole) == killed
    assert [row[0] for row in losses(whole)] == [last]
    assert summary(whole)["perplexity"] < 0.5 * summary(whole)["pieces"]


def test_a_run_that_was_cut_off_while_packing_starts_packing_again(
    uninterrupted, pretrain_recipe, monkeypatch
):
    def fail(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("conflictner.training.pretraining.sequences._encode", fail)
        with pytest.raises(KeyboardInterrupt):
            pretrain(pretrain_recipe())
    assert weights(pretrain(pretrain_recipe(), resume=True)) == weights(uninterrupted)


def test_packed_text_is_used_again(pretrain_recipe, interrupt, monkeypatch):
    interrupt(pretrain_recipe(), save=2)

    def fail(*_):
        raise AssertionError("packed again")

    monkeypatch.setattr("conflictner.training.pretraining.run.build_sequences", fail)
    monkeypatch.setattr("conflictner.training.pretraining.tokenizer.train_tokenizer", fail)
    assert pretrain(pretrain_recipe(), resume=True).is_dir()


def test_packed_text_goes_on_where_the_text_is_not(pretrain_recipe, uninterrupted, tmp_path, monkeypatch):
    work = pretrain(pretrain_recipe(), pack_only=True)
    assert work == tmp_path / "output.training"
    assert not (tmp_path / "output").exists()
    for name in ("news.txt", "wiki.txt"):
        (tmp_path / name).rename(tmp_path / f"{name}.away")
    folder = pretrain(pretrain_recipe(), resume=True)
    assert weights(folder) == weights(uninterrupted)


def test_packed_text_of_other_files_is_not_taken(pretrain_recipe, tmp_path):
    pretrain(pretrain_recipe(), pack_only=True)
    (tmp_path / "news.txt").unlink()
    message = refused(pretrain_recipe(), RecipeError, resume=True)
    assert message.startswith(f"corpus.files: {tmp_path}/news.txt: no such file")


def test_word_vectors_are_made_with_the_packing(pretrain_recipe, tmp_path, monkeypatch):
    settings = ("vectors.method=word2vec", "vectors.share=1.0", "vectors.least_count=1", "vectors.workers=1")
    pretrain(pretrain_recipe(*settings), pack_only=True)
    monkeypatch.setattr("conflictner.training.pretraining.vectors.find_spec", lambda name: None)
    assert pretrain(pretrain_recipe(*settings), resume=True) == tmp_path / "output"


def test_an_interrupted_run_is_not_lost_by_mistake(pretrain_recipe, interrupt, tmp_path):
    said = []
    interrupt(pretrain_recipe(), save=3, say=said.append)
    kept = tmp_path / "output.training"
    assert said[-1] == f"interrupted; {kept} keeps what was saved: add --resume to go on"
    assert "holds an interrupted training; add --resume" in refused(pretrain_recipe(), OutputError)
    other = pretrain_recipe("pretrain.learning_rate=1.0e-3")
    assert "is another recipe than this" in refused(other, OutputError, resume=True)
    text = tmp_path / "news.txt"
    content = text.read_text(encoding="utf-8")
    text.write_text(content.replace("Homs", "Hama"), encoding="utf-8")
    assert "have changed since" in refused(pretrain_recipe(), OutputError, resume=True)
    text.write_text(content, encoding="utf-8")
    assert (tmp_path / "output.training" / "state").exists()
    longer = pretrain(pretrain_recipe("limits.tokens=2000"), resume=True)
    assert summary(longer)["tokens"] >= 2000


def test_an_existing_output_is_left_alone(pretrain_recipe, tmp_path):
    output = tmp_path / "output"
    output.mkdir()
    (output / "config.json").write_text("mine", encoding="utf-8")
    assert "exists already; add --overwrite" in refused(pretrain_recipe(), OutputError)
    assert "nothing to resume" in refused(pretrain_recipe(), OutputError, resume=True, overwrite=True)
    assert (output / "config.json").read_text(encoding="utf-8") == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"output", *TEXTS}


def test_a_full_disk_is_told_and_the_last_save_stays(pretrain_recipe, tmp_path, monkeypatch):
    from conflictner.training.pretraining import state

    save, saves = state.save, []

    def fill(tensors):
        saves.append(1)
        if len(saves) > 6:  # two a state
            raise OSError(28, "No space left on device")
        return save(tensors)

    with monkeypatch.context() as patch:
        patch.setattr(state, "save", fill)
        message = refused(pretrain_recipe(), OutputError)
    assert "cannot be written (No space left on device); once that is mended, go on with --resume" in message
    assert summary(tmp_path / "output")["updates"] == 3
    assert pretrain(pretrain_recipe(), resume=True).is_dir()


def test_time_is_a_limit_too_and_the_learning_rate_reaches_0(pretrain_recipe, monkeypatch):
    class Ticking:
        def __init__(self, before):
            self._now = before

        def seconds(self):
            self._now += 1.0
            return self._now

    monkeypatch.setattr(loop, "Clock", Ticking)
    rates = []
    step = loop.Optimizers.step
    monkeypatch.setattr(
        loop.Optimizers, "step", lambda self, factor: (rates.append(factor), step(self, factor))[1]
    )
    recipe = pretrain_recipe("limits={tokens: 1000000, minutes: 1.0}", "saving.minutes=0.25")
    found = summary(pretrain(recipe))
    assert found["minutes"] == pytest.approx(1.0, abs=0.02)
    assert found["updates"] == len(rates) == 30
    assert max(rates) == pytest.approx(1.0, abs=0.1)
    assert 0 < rates[-1] < 0.05
    assert rates[3:] == sorted(rates[3:], reverse=True)
    assert [round(row["minutes"], 2) for row in found["history"]] == [0.27, 0.53, 0.8, 1.02]


def test_an_encoder_is_the_beginning_of_fine_tuning(uninterrupted, tiny_recipe):
    folder = finetune(tiny_recipe("new_encoder=null", f"encoder={uninterrupted}", "finetune.epochs=1"))
    assert (folder / "model.onnx").exists()


@pytest.mark.parametrize("type_", ["convbert", "modernbert", "electra", "roberta"])
def test_other_architectures_are_encoders_too(pretrain_recipe, type_):
    settings = "{max_position_embeddings: 33}" if type_ == "roberta" else "{}"
    folder = pretrain(
        pretrain_recipe(
            f"encoder.type={type_}",
            f"encoder.settings={settings}",
            "limits.tokens=200",
            "saving.weights=fp16",
            "sequences.borders=separator",
        )
    )
    assert loads(folder)
    network = build_network(folder, DEFAULT_SCHEME, dropout=0.1)
    saved = AutoModelForMaskedLM.from_pretrained(folder).base_model.state_dict()
    assert all(
        torch.equal(value, saved[name])
        for name, value in network.tagger.base_model.state_dict().items()
        if name in saved
    )


def test_pre_training_goes_on_from_an_encoder(uninterrupted, pretrain_recipe):
    recipe = pretrain_recipe(
        f"encoder.folder={uninterrupted}",
        "limits.tokens=400",
        "pretrain.warmup_share=0.9",
        "pretrain.decay_share=0.1",
    )
    found = summary(pretrain(recipe))
    assert found["history"][0]["held_out_loss"] == pytest.approx(
        summary(uninterrupted)["held_out_loss"], abs=0.2
    )
    assert weights(uninterrupted)[1] == weights(pretrain(recipe, overwrite=True))[1]


def test_weights_in_half_precision_take_half_the_room(pretrain_recipe, uninterrupted):
    folder = pretrain(pretrain_recipe("limits.tokens=1", "saving.weights=fp16"))
    sizes = [(path / "model.safetensors").stat().st_size for path in (folder, uninterrupted)]
    assert sizes[0] < 0.7 * sizes[1]
    assert json.loads((folder / "config.json").read_text())["dtype"] == "float16"


class Diverging(PretrainingNetwork):
    """A network whose loss is not a number."""

    def forward(self, *arguments):
        loss, count = super().forward(*arguments)
        return loss * float("nan"), count


def test_a_diverged_loss_stops_before_the_first_step_and_leaves_nothing(
    pretrain_recipe, tmp_path, monkeypatch
):
    monkeypatch.setattr("conflictner.training.pretraining.run.PretrainingNetwork", Diverging)
    message = refused(pretrain_recipe(), PretrainingDivergedError)
    assert message.startswith(
        "pre-training has diverged: the loss is nan after 0 updates; lower pretrain.learning"
    )
    assert {path.name for path in tmp_path.iterdir()} == TEXTS


def test_weights_that_diverge_are_never_saved(pretrain_recipe, tmp_path, monkeypatch):
    step = loop.Optimizers.step

    def spoil(self, factor):
        step(
            self,
            factor if len(list((tmp_path / "output.training/state").glob("checkpoint-4"))) == 0 else 1e30,
        )

    monkeypatch.setattr(loop.Optimizers, "step", spoil)
    assert "after 5 updates" in refused(pretrain_recipe(), PretrainingDivergedError)
    assert summary(tmp_path / "output")["updates"] == 4
    assert loads(tmp_path / "output")
    assert (tmp_path / "output.training" / "state" / "checkpoint-4").is_dir()


def test_too_little_memory_is_told_before_the_first_step(pretrain_recipe, monkeypatch):
    def fail(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(PretrainingNetwork, "forward", fail)
    message = refused(pretrain_recipe(), RecipeError)
    assert message == (
        "pretrain.batch_size 4 does not fit the memory of cpu; halve it, and double "
        "pretrain.gradient_accumulation"
    )


def test_a_machine_that_cannot_compile_is_told(pretrain_recipe, monkeypatch):
    def compile_nothing(self, **_):
        def fail(*_):
            raise RuntimeError("no compiler\nfound")

        self.forward = fail

    monkeypatch.setattr(PretrainingNetwork, "compile_parts", compile_nothing)
    message = refused(pretrain_recipe("pretrain.compile=true"), RecipeError)
    assert message == "torch cannot compile here (no compiler found); set pretrain.compile=false"


def test_the_bar_writes_to_standard_error_alone(pretrain_recipe, capsys):
    pretrain(pretrain_recipe("limits.tokens=300"), progress=True)
    assert capsys.readouterr().out == ""


def test_several_processes_share_a_run(pretrain_recipe, tmp_path, uninterrupted):
    path = tmp_path / "recipe.yaml"
    path.write_text(
        dump_recipe(pretrain_recipe("pretrain.batch_size=2", "saving.minutes=5.0")), encoding="utf-8"
    )
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += ["-m", "conflictner.inference.command_line", "pretrain", str(path)]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{tmp_path / 'output'}\n"
    found, alone = summary(tmp_path / "output"), summary(uninterrupted)
    assert (found["updates"], found["tokens"]) == (alone["updates"], alone["tokens"])
    assert found["held_out_loss"] == pytest.approx(alone["held_out_loss"], abs=0.3)
    shutil.rmtree(tmp_path / "output")
