"""`turnstile redrive` on a pipeline's topics."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from typing import Any

from harness.pipeline import PROGRAM, Pipeline
from harness.worker import environment


def command(pipeline: Pipeline, *more: str) -> list[str]:
    asked = [str(PROGRAM), "redrive", "--brokers", pipeline.cluster.bootstrap]
    asked += ["--group", pipeline.group]
    for role, topic in dataclasses.asdict(pipeline.names).items():
        asked += ["--set", f"topics.{role}={topic}"]
    return [*asked, *more]


def redrive(pipeline: Pipeline, *more: str) -> tuple[int, dict[str, Any]]:
    """Its exit code and what it says."""
    done = subprocess.run(
        command(pipeline, "--json", *more),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment(),
    )
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


def start(pipeline: Pipeline, *more: str, **variables: str) -> subprocess.Popen[str]:
    """In the background."""
    return subprocess.Popen(
        command(pipeline, "--json", *more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment() | variables,
    )
