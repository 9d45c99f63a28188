"""Fixtures that several test modules use."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with data that is not part of the repository; tests that need it are skipped without it."""
    folder = Path(os.environ.get("CONFLICTNER_SHARED") or Path(__file__).parents[2] / "shared")
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there; set CONFLICTNER_SHARED to the folder with the shared data")
    return folder
