"""The worked examples in docstrings give what they say."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMES = [
    "conflictner." + ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for folder in ("configs", "data", "inference", "model", "training")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if any(">>> " in line and "+SKIP" not in line for line in path.read_text(encoding="utf-8").splitlines())
]


def test_there_are_examples():
    assert "conflictner.data.words" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_examples_hold(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted
    assert not result.failed
