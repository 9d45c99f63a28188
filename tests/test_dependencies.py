"""The bounds of the dependencies, and the licences of what an installation brings."""

import runpy
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LICENCES = runpy.run_path(str(ROOT / ".ci" / "licences.py"))


def test_every_dependency_has_a_lower_bound_and_no_other():
    """So that the oldest set, which CI installs, is that of the bounds."""
    extras = PROJECT["optional-dependencies"].values()
    asked = [Requirement(line) for lines in (PROJECT["dependencies"], *extras) for line in lines]
    asked = [requirement for requirement in asked if requirement.name != PROJECT["name"]]
    assert len(asked) > 20
    for requirement in asked:
        assert [bound.operator for bound in requirement.specifier] == [">="], requirement


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
