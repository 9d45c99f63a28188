"""The oldest releases that are allowed, and the licences of what an installation brings."""

import runpy
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OLDEST = runpy.run_path(str(ROOT / ".ci" / "oldest.py"))["oldest"]
LICENCES = runpy.run_path(str(ROOT / ".ci" / "licences.py"))


def test_oldest_is_the_lower_bound_of_every_dependency():
    constraints = [Requirement(line) for line in OLDEST(PROJECT, [*PROJECT["optional-dependencies"]])]
    extras = PROJECT["optional-dependencies"].values()
    asked = [Requirement(line) for lines in (PROJECT["dependencies"], *extras) for line in lines]
    asked = [requirement for requirement in asked if requirement.name != PROJECT["name"]]
    assert len(constraints) == len(asked) > 20
    for constraint, requirement in zip(constraints, asked, strict=True):
        [oldest] = constraint.specifier
        assert (constraint.name, oldest.operator) == (requirement.name, "==")
        assert str(requirement.specifier) == f">={oldest.version}"


@pytest.mark.parametrize("requirement", ["numpy", "numpy<3", "numpy>=1,<3"])
def test_dependency_without_a_plain_lower_bound_is_refused(requirement):
    with pytest.raises(ValueError, match="is not of the form 'name>=version'"):
        OLDEST({"name": "x", "dependencies": [requirement]}, [])


def test_licences_of_the_plain_installation_are_stated():
    rows = {
        name: (version, licence)
        for name, version, licence in LICENCES["rows"](LICENCES["installed"]("conflictner"))
    }
    assert {
        "numpy",
        "protobuf",
        "onnxruntime",
        "typing-extensions",
    } <= rows.keys()  # protobuf comes along
    assert not {"torch", "transformers", "unidecode"} & rows.keys()
    assert [
        name for name, (version, licence) in rows.items() if not version[0].isdigit() or not licence
    ] == []
    assert [row for row in rows.items() if "GPL" in row[1][1]] == []


def test_page_names_every_dependency():
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    for line in PROJECT["dependencies"]:
        assert f"\n| {Requirement(line).name} |" in page
    for extra, lines in PROJECT["optional-dependencies"].items():
        for requirement in map(Requirement, lines if extra != "dev" else ()):
            assert requirement.name == PROJECT["name"] or f"\n| {extra} | {requirement.name} |" in page
