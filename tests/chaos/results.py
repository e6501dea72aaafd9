"""What legs found, as JSON lines that accumulate over many invocations, and as one table."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Result:
    """One leg. `failures` is empty where everything held."""

    fault: str
    guarantee: str
    brokers: int
    seed: int
    command: str
    program: str
    injected: int = 0
    hits: int = 0
    inputs: int = 0
    lost: int = 0
    repeated: int = 0
    passed_least: int | None = None  # Records during the injection that let fewest through.
    recovery_s: float | None = None
    revived: int = 0
    judges: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def append(table: Path, result: Result) -> None:
    table.parent.mkdir(parents=True, exist_ok=True)
    with table.open("a") as file:
        file.write(json.dumps(dataclasses.asdict(result)) + "\n")


def load(table: Path) -> list[Result]:
    if not table.exists():
        return []
    return [Result(**json.loads(line)) for line in table.read_text().splitlines() if line]


HEAD = (
    "fault",
    "guarantee",
    "brokers",
    "runs",
    "failed",
    "injected",
    "hit",
    "inputs",
    "lost",
    "repeated",
    "fewest passed",
    "recovery s (most)",
)


def markdown(results: list[Result]) -> str:
    """A row for each fault, guarantee and size of cluster; then every failure, with its seed."""
    rows: dict[tuple[str, str, int], list[Result]] = {}
    for result in results:
        rows.setdefault((result.fault, result.guarantee, result.brokers), []).append(result)
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    lines += [row(key, rows[key]) for key in sorted(rows)]
    failed = [result for result in results if result.failures]
    if failed:
        lines += ["", "Failed:", ""]
        lines += [f"- `{r.command}`: {'; '.join(r.failures)}" for r in failed]
    return "\n".join(lines)


def row(key: tuple[str, str, int], of: list[Result]) -> str:
    inputs, repeated = sum(r.inputs for r in of), sum(r.repeated for r in of)
    passed = [r.passed_least for r in of if r.passed_least is not None]
    recovered = [r.recovery_s for r in of if r.recovery_s is not None]
    cells: list[object] = [
        *key,
        len(of),
        sum(bool(r.failures) for r in of),
        sum(r.injected for r in of),
        sum(r.hits for r in of),
        inputs,
        sum(r.lost for r in of),
        f"{repeated} ({repeated / inputs:.2%})" if repeated else 0,
        min(passed) if passed else "–",
        f"{max(recovered):.1f}" if recovered else "–",
    ]
    return "| " + " | ".join(map(str, cells)) + " |"
