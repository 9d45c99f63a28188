"""Full disks: told in one line, whatever library could not write, and nothing else is taken for one."""

import shutil
from types import SimpleNamespace

import pytest

from conflictner.data.errors import DataError
from conflictner.training.disk import require_disk, writing
from conflictner.training.run_folder import OutputError


@pytest.fixture
def free(monkeypatch):
    """Sets how many bytes the disk has left."""

    def leave(size):
        monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=size))

    return leave


def failing(path, error):
    with writing(path):
        raise error


def test_room_is_asked_for_where_the_folder_will_be(tmp_path, free):
    free(2_500_000)
    require_disk(tmp_path / "a" / "b", 2_500_000)
    with pytest.raises(OutputError, match=r"needs about 2\.6 MB of disk, 2\.5 MB are free there; free"):
        require_disk(tmp_path / "a" / "b", 2_600_000)


def test_a_failed_write_is_told(tmp_path, free):
    told = f"^output {tmp_path} cannot be written \\(%s\\); once that is mended, go on with --resume$"
    with pytest.raises(OutputError, match=told % "Read-only file system"):
        failing(tmp_path, OSError(30, "Read-only file system"))
    with pytest.raises(OutputError, match=told % "no idea"):
        failing(tmp_path, OSError("no idea"))
    free(4096)
    for error in (OSError(28, "No space left on device"), RuntimeError("iostream error")):  # torch's
        with pytest.raises(OutputError, match=told % "No space left on device"):
            failing(tmp_path, error)


def test_what_is_no_failed_write_stays_what_it_is(tmp_path, free):
    with pytest.raises(RuntimeError, match="device-side assert"):
        failing(tmp_path, RuntimeError("device-side assert"))
    free(4096)
    for error in (DataError("is damaged", "a.txt"), BrokenPipeError(32, "Broken pipe"), KeyboardInterrupt()):
        with pytest.raises(type(error)):
            failing(tmp_path, error)
