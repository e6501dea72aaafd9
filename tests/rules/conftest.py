"""The program, where it knows rules for any event."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from harness.pipeline import PROGRAM
from harness.worker import environment


@pytest.fixture(scope="session")
def program() -> Path:
    """Skipped until it has the commands that try rules."""
    told = subprocess.run(
        [PROGRAM, "--help"], capture_output=True, text=True, env=environment(), check=False
    ).stdout
    if "explain" not in told:
        pytest.skip("the program has no `explain` yet")
    return PROGRAM
