"""The folders of a pre-training run: the encoder is whole at any moment, and nobody's files are lost."""

from pathlib import Path

import pytest

from conflictner.training.pretraining.folders import EncoderFolder
from conflictner.training.run_folder import OutputError


@pytest.fixture
def begin(pretrain_recipe, tmp_path):
    def begin(*settings, resume=False, overwrite=False):
        folder = EncoderFolder(str(tmp_path / "output"))
        folder.begin(pretrain_recipe(*settings), resume=resume, overwrite=overwrite)
        return folder

    return begin


def refused(begin, *settings, **options):
    with pytest.raises(OutputError) as caught:
        begin(*settings, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def write(folder, content):
    folder.checkpoint.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "model.safetensors"):
        (folder.checkpoint / name).write_text(content, encoding="utf-8")


def read(folder):
    return {path.name: path.read_text(encoding="utf-8") for path in folder.output.iterdir()}


def test_the_encoder_appears_whole_and_its_files_are_replaced(begin):
    folder = begin()
    assert not folder.output.exists()
    write(folder, "first")
    folder.put()
    assert read(folder) == {"config.json": "first", "model.safetensors": "first"}
    write(folder, "second")
    folder.put()
    assert read(folder) == {"config.json": "second", "model.safetensors": "second"}
    folder.tensorboard.mkdir()
    folder.finish()
    assert (folder.output / "tensorboard").is_dir()
    assert not folder.work.exists()


def test_the_encoder_is_there_at_every_moment_of_a_save(begin, monkeypatch):
    folder = begin()
    write(folder, "first")
    folder.put()
    write(folder, "second")
    replace = Path.replace
    seen = []

    def watch(self, target):
        seen.append(sorted(read(folder)))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watch)
    folder.put()
    assert seen == [["config.json", "model.safetensors"]] * 2


def test_an_interrupted_run_goes_on_with_other_limits_but_no_other_recipe(begin):
    folder = begin()
    (folder.state / "checkpoint-3").mkdir(parents=True)
    write(folder, "first")
    folder.put()
    assert folder.has_state
    assert "holds an interrupted training; add --resume to go on with it" in refused(begin)
    assert "is another recipe than this" in refused(begin, "pretrain.seed=1", resume=True)
    begin("limits.tokens=99", "saving.minutes=3.0", resume=True)
    assert read(folder)["config.json"] == "first"
    assert not begin(overwrite=True).has_state


def test_the_encoder_of_another_run_is_replaced_only_when_asked_and_at_the_first_save(begin, tmp_path):
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "config.json").write_text("mine", encoding="utf-8")
    (tmp_path / "output" / "labels.json").write_text("mine", encoding="utf-8")
    assert "exists already; add --overwrite" in refused(begin)
    folder = begin(overwrite=True)
    assert (tmp_path / "output" / "labels.json").exists()
    assert "exists already; add --overwrite" in refused(begin, resume=True)
    write(folder, "first")
    folder.put()
    assert read(folder) == {"config.json": "first", "model.safetensors": "first"}


def test_there_must_be_something_to_resume(begin):
    assert "nothing to resume" in refused(begin, resume=True)


def test_other_files_are_never_replaced(begin, tmp_path):
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "thesis.txt").write_text("mine", encoding="utf-8")
    assert "with other files than a checkpoint's" in refused(begin, overwrite=True)
