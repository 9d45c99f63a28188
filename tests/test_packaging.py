"""What the built distributions hold, against the tree they are built from."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FOLDERS = ("configs", "data", "inference", "model", "training")
IGNORED = shutil.ignore_patterns("__pycache__", ".*")


def files_below(folder: Path) -> set[str]:
    """The files in ``folder``, as POSIX paths relative to its parent, without hidden files and caches."""
    paths = [path.relative_to(folder.parent) for path in folder.rglob("*") if path.is_file()]
    return {
        path.as_posix()
        for path in paths
        if "__pycache__" not in path.parts and not any(part.startswith(".") for part in path.parts[1:])
    }


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """The folder with the source distribution and the wheel built from it, and what the build printed."""
    tree = tmp_path_factory.mktemp("build") / "tree"
    for folder in (*FOLDERS, "tests", "docs", ".ci"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=IGNORED)
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, tree)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", tree.parent / "dist", tree]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, done.stdout
    return tree.parent / "dist", done.stdout


@pytest.fixture(scope="module")
def wheel(build, tmp_path_factory):
    """The unpacked wheel."""
    [archive] = build[0].glob("*.whl")
    folder = tmp_path_factory.mktemp("wheel")
    with zipfile.ZipFile(archive) as file:
        file.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def metadata(wheel):
    [folder] = wheel.glob("*.dist-info")
    return PathDistribution(folder)


def test_wheel_holds_the_five_folders_and_nothing_else(wheel):
    expected = {f"conflictner/{path}" for folder in FOLDERS for path in files_below(ROOT / folder)}
    shipped = {path.relative_to(wheel).as_posix() for path in wheel.rglob("*") if path.is_file()}
    assert {path for path in shipped if ".dist-info/" not in path} == expected


def test_wheel_is_typed_and_licensed(wheel, metadata):
    for folder in FOLDERS:
        assert (wheel / "conflictner" / folder / "py.typed").exists()
    assert "License-Expression: Apache-2.0 AND CC-BY-4.0 AND CC-BY-SA-4.0" in metadata.read_text("METADATA")
    assert metadata.read_text("licenses/LICENSE") == (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_source_distribution_holds_what_its_checks_need(build):
    [archive] = build[0].glob("*.tar.gz")
    with tarfile.open(archive) as file:
        held = {member.name.split("/", 1)[1] for member in file.getmembers() if member.isfile()}
    expected = {
        "LICENSE",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "Makefile",
        "pyproject.toml",
        ".ci/run",
    }
    for folder in (*FOLDERS, "tests", "docs"):
        expected |= files_below(ROOT / folder)
    assert expected <= held
    assert not [path for path in held if re.search(r"__pycache__|\.py[co]$", path)]


def test_build_prints_no_warning(build):
    assert re.findall(r".*(?:warning|deprecat).*", build[1], re.IGNORECASE) == []


def test_pyproject_lists_every_package():
    found = [path.parent for folder in FOLDERS for path in (ROOT / folder).rglob("__init__.py")]
    names = ["conflictner." + ".".join(path.relative_to(ROOT).parts) for path in found]
    assert sorted(names) == sorted(PROJECT["tool"]["setuptools"]["packages"])


def test_plain_install_is_light(metadata):
    required = [Requirement(line) for line in metadata.requires]
    plain = {r.name for r in required if r.marker is None or r.marker.evaluate({"extra": ""})}
    train = {r.name for r in required if r.marker is not None and r.marker.evaluate({"extra": "train"})}
    assert {"numpy", "onnxruntime", "tokenizers"} <= plain
    assert {"torch", "transformers"} <= train - plain


def test_console_script_points_at_a_function(metadata):
    [script] = [point for point in metadata.entry_points if point.group == "console_scripts"]
    assert script.name == "conflictner"
    assert callable(script.load())


def test_changelog_knows_the_version(metadata):
    headings = re.findall(
        r"^## \[(.+?)\](.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    released = [Version(name) for name, _ in headings if name != "Unreleased"]
    assert headings[0][0] == "Unreleased"
    assert all(re.fullmatch(r" - \d{4}-\d{2}-\d{2}", date) for _, date in headings[1:])
    assert released == sorted(released, reverse=True)
    assert metadata.version == PROJECT["project"]["version"]
    assert not released or released[0] <= Version(metadata.version)
