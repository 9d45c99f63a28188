"""Fixtures and settings that several test modules use."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# No time limit for a single example: how fast a machine is, and what else it does, is not what is tested.
settings.register_profile("conflictner", deadline=None)
settings.load_profile("conflictner")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with data that is not part of the repository; tests that need it are skipped without it."""
    folder = Path(os.environ.get("CONFLICTNER_SHARED") or Path(__file__).parents[2] / "shared")
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there; set CONFLICTNER_SHARED to the folder with the shared data")
    return folder
