"""Who says what became of each input: the program's own audit, and the checker beside it.

Both read topics and committed offsets alone. They share no code, so each is a second opinion on
the other.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field

from harness.pipeline import PROGRAM, Pipeline
from harness.worker import environment

JUDGE_S = 300
REPEATS = "repeated"  # What a fault is called that the guarantee may allow.


@dataclass(frozen=True)
class Opinion:
    by: str
    inputs: int
    lost: int
    repeated: int
    faults: dict[str, int] = field(default_factory=dict)  # Others, by kind.
    text: str = ""


def checked(pipeline: Pipeline) -> Opinion:
    report = pipeline.check(full=False, stopped=False)
    others = {kind: count for kind, count in report.faults.items() if kind != "lost"}
    lost = report.faults.get("lost", 0)
    return Opinion("checker", report.inputs, lost, report.repeats, others, str(report))


def audited(pipeline: Pipeline) -> Opinion:
    options = pipeline.command()[2:]  # Brokers, group and topics, as the workers have them.
    command = [str(PROGRAM), "audit", *options, "--json", "--isolation", "read_committed"]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment(), timeout=JUDGE_S, check=False
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"turnstile audit ended with {done.returncode}: {done.stderr[-2000:]}")
    found = json.loads(done.stdout)
    passing = {"missing", REPEATS}
    others = {k: n for k, n in found["faults"].items() if k not in passing}
    for unsettled in ("unknown", "waiting"):
        if found[unsettled]:
            others[unsettled] = found[unsettled]
    inputs, lost, repeated = found["inputs"], found["missing"], found["repeats"]
    return Opinion("audit", inputs, lost, repeated, others, done.stdout)


def judges() -> tuple[Callable[[Pipeline], Opinion], ...]:
    """The first one's figures are those of the table; every one's objection counts."""
    return audited, checked


def objections(opinion: Opinion, repeats_share_max: float | None) -> list[str]:
    """What is wrong by this opinion. `repeats_share_max`: None allows any number."""
    found = [f"{count} {kind}" for kind, count in sorted(opinion.faults.items())]
    if opinion.inputs == 0:
        found.append("there was nothing to judge")
    if opinion.lost:
        found.append(f"{opinion.lost} lost")
    if repeats_share_max is not None and opinion.repeated > repeats_share_max * opinion.inputs:
        allowed = f"{repeats_share_max:.0%} allowed"
        found.append(f"{opinion.repeated} of {opinion.inputs} repeated, {allowed}")
    return [f"{opinion.by}: {what}" for what in found]
