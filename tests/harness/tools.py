"""Programs of others that tests call where they are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def run_tool(
    name: str, setup: str, *arguments: str | Path, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """From the path, or from where `scripts/setup SETUP` puts it; else the test is skipped."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    program = shutil.which(name) or shutil.which(name, path=caches / "turnstile/bin")
    if not program:
        pytest.skip(f"no {name}: scripts/setup {setup} fetches it")
    return subprocess.run(
        [program, *arguments], input=stdin, capture_output=True, text=True, timeout=60, check=False
    )
