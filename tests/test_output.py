"""Output files that are whole or not there."""

import os
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from conflictner.data import DataError
from conflictner.data.output import open_output


def write(path: Path | str, text: str) -> None:
    with open_output(path) as file:
        file.write(text)


def test_the_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")
    with open_output(path) as file:
        file.write("a\nДамаск")
        assert path.read_text() == "old"
    assert path.read_bytes() == "a\nДамаск".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")
    with suppress(KeyboardInterrupt), open_output(path) as file:
        file.write("new")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_has_usual_permissions_and_a_replaced_one_keeps_its_own(tmp_path: Path) -> None:
    usual = tmp_path / "usual"
    usual.touch()
    write(tmp_path / "new", "x")
    assert (tmp_path / "new").stat().st_mode == usual.stat().st_mode
    usual.chmod(0o640)
    write(usual, "x")
    assert stat.S_IMODE(usual.stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    write(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_devices_are_written_to_and_not_replaced() -> None:
    write(os.devnull, "x")
    assert not Path(os.devnull).is_file()


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    for path, reason in [
        (tmp_path / "none" / "out.txt", "cannot be written, for its folder does not exist; create it first"),
        (tmp_path, "is a folder; give the name of a file"),
        (tmp_path / "out.txt" / "x", "cannot be written (Not a directory)"),
    ]:
        (tmp_path / "out.txt").write_text("a file")
        with pytest.raises(DataError) as caught:
            write(path, "x")
        assert str(caught.value) == f"{path}: {reason}"
    with pytest.raises(DataError, match="cannot be written"):
        write("a\0b", "x")


def test_a_full_disk_is_a_data_error() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(DataError, match=r"cannot be written .*No space left"):
        write(full, "x")
