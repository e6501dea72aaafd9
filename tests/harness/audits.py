"""`turnstile audit` on a pipeline's topics."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from collections.abc import Callable
from typing import Any

from harness.pipeline import PROGRAM, Pipeline


def audit(pipeline: Pipeline, *more: str, group: bool = True) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        command(pipeline, *more, group=group),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


def command(pipeline: Pipeline, *more: str, group: bool = True) -> list[str]:
    asked = [str(PROGRAM), "audit", "--json", "--brokers", pipeline.cluster.bootstrap]
    for role, topic in dataclasses.asdict(pipeline.names).items():
        asked += ["--set", f"topics.{role}={topic}"]
    return [*asked, *(["--group", pipeline.group] if group else []), *more]


def moving(
    pipeline: Pipeline, more: tuple[str, ...], enough: Callable[[dict[str, Any]], bool]
) -> tuple[dict[str, Any], int]:
    """A moving audit until a verdict is enough; that verdict and the exit code."""
    with subprocess.Popen(
        command(pipeline, *more, group=False), stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        seen: dict[str, Any] = {}
        for _ in range(40):
            seen = json.loads(running.stdout.readline())
            if enough(seen):
                break
        assert enough(seen), seen
        running.terminate()
        return seen, running.wait(30)
