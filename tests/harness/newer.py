"""Workers with a newer librdkafka than the system's, for what only that one has."""

from __future__ import annotations

import functools
import subprocess

import pytest

from harness.cluster import ROOT
from harness.worker import Worker

SCRIPT = ROOT / "scripts/with-librdkafka"
VERSION = "2.16.1"
FETCH_S = 120


@functools.cache
def why_not() -> str:
    """Empty: it can be had."""
    done = subprocess.run(
        [SCRIPT, VERSION, "true"], capture_output=True, text=True, timeout=FETCH_S, check=False
    )
    return done.stderr.strip() if done.returncode else ""


def with_newer_library(worker: Worker) -> Worker:
    """Skips the test by name where the library cannot be had."""
    if why := why_not():
        pytest.skip(f"no librdkafka {VERSION}: {why}")
    worker.command = [str(SCRIPT), VERSION, *worker.command]
    return worker
