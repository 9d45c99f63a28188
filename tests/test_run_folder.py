"""The folders of a run: what is in the way is named, and nothing of the user's is lost."""

import shutil

import pytest

from conflictner.training.run_folder import OutputError, RunFolder


@pytest.fixture(autouse=True)
def _there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def prepared(output="out", recipe="a: 1\n", resume=False, overwrite=False):
    folder = RunFolder(output)
    folder.prepare(recipe, resume=resume, overwrite=overwrite)
    return folder


def refused(**settings):
    with pytest.raises(OutputError) as caught:
        prepared(**settings)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def finished(folder, content="new"):
    folder.checkpoint.mkdir(parents=True)
    (folder.checkpoint / "config.json").write_text(content, encoding="utf-8")


def interrupted(folder):
    (folder.state / "checkpoint-3").mkdir(parents=True)


def checkpoint(path, content="old"):
    path.mkdir(parents=True)
    (path / "config.json").write_text(content, encoding="utf-8")


def test_a_finished_checkpoint_takes_its_place(tmp_path):
    folder = prepared("runs/deep/out")
    assert not folder.output.exists()
    finished(folder)
    assert folder.checkpoint.name == "out"
    folder.publish()
    assert (tmp_path / "runs/deep/out/config.json").read_text() == "new"
    assert [path.name for path in (tmp_path / "runs/deep").iterdir()] == ["out"]


def test_an_existing_checkpoint_is_replaced_only_when_asked(tmp_path):
    checkpoint(tmp_path / "out")
    assert "output out exists already; add --overwrite to replace it" in refused()
    assert "output out exists already" in refused(resume=True)
    folder = prepared(overwrite=True)
    assert (tmp_path / "out/config.json").read_text() == "old"
    finished(folder)
    folder.publish()
    assert (tmp_path / "out/config.json").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_is_no_obstacle(tmp_path):
    (tmp_path / "out").mkdir()
    folder = prepared()
    finished(folder)
    folder.publish()
    assert (tmp_path / "out/config.json").exists()


def test_a_folder_of_something_else_is_never_replaced(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.txt").write_text("all of it")
    assert "output out is a folder with other files than a checkpoint's" in refused(overwrite=True)
    assert "output . is a folder with other files" in refused(output=".", overwrite=True)
    (tmp_path / "out.training").mkdir()
    (tmp_path / "out.training/notes.txt").write_text("of the course")
    (tmp_path / "out/thesis.txt").rename(tmp_path / "out/config.json")
    assert "out.training is in the way and is no training's" in refused(overwrite=True)
    assert (tmp_path / "out.training/notes.txt").exists()


def test_an_output_must_be_a_folder_with_a_name(tmp_path):
    (tmp_path / "file").write_text("")
    assert "output file is a file" in refused(output="file", overwrite=True)
    assert "output / is no name" in refused(output="/")
    assert "output file/out cannot be written (Not a directory)" in refused(output="file/out")


def test_a_full_or_protected_disk_is_told(monkeypatch):
    def fail(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", fail)
    assert refused() == "output out cannot be written (Permission denied); name another: --set output=FOLDER"


def test_dots_and_links_lead_to_the_folder_they_mean(tmp_path, monkeypatch):
    checkpoint(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    folder = prepared("link", overwrite=True)
    assert folder.output.name == "link"
    finished(folder)
    folder.publish()
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real/config.json").read_text() == "new"
    monkeypatch.chdir(tmp_path / "real")
    assert RunFolder(".").work == tmp_path / "real.training"
    assert RunFolder("..").work == tmp_path.with_name(f"{tmp_path.name}.training")


def test_an_interrupted_run_is_resumed_or_replaced_on_purpose():
    interrupted(prepared())
    message = refused()
    assert "out.training holds an interrupted training" in message
    assert "--resume" in message
    assert "--overwrite" in message
    assert (prepared(resume=True).state / "checkpoint-3").exists()
    assert not (prepared(overwrite=True).state / "checkpoint-3").exists()


def test_leftovers_of_a_run_that_saved_nothing_are_removed():
    folder = prepared()
    folder.state.mkdir()
    assert not prepared().state.exists()


def test_a_folder_that_was_being_removed_is_in_nobodys_way(monkeypatch):
    folder = prepared()
    interrupted(folder)

    def cut_off(path, **settings):
        if path == folder.work:
            raise KeyboardInterrupt
        rmtree(path, **settings)

    rmtree = shutil.rmtree
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", cut_off)
        with pytest.raises(KeyboardInterrupt):
            folder.discard()
    assert prepared().work.is_dir()


def test_only_the_same_run_is_resumed():
    assert "nothing to resume: out.training holds no training" in refused(resume=True)
    interrupted(prepared())
    assert "out.training/recipe.yaml is another recipe" in refused(resume=True, recipe="a: 2\n")


def test_a_resumed_run_reads_the_same_documents():
    folder = prepared()
    folder.check_documents("1234")
    folder.check_documents("1234")
    with pytest.raises(OutputError, match=r"the documents have changed since out\.training began"):
        folder.check_documents("5678")


def test_a_failed_replacement_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    checkpoint(tmp_path / "out")
    folder = prepared(overwrite=True)  # and nothing is finished, so nothing can be put in place
    with pytest.raises(OutputError, match="output out cannot be written"):
        folder.publish()
    assert (tmp_path / "out/config.json").read_text() == "old"
