"""What faults act on: the brokers, the proxy before them, and the workers of one leg."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from harness.cluster import Cluster
from harness.pipeline import Pipeline
from harness.waiting import until
from harness.worker import Generator, Worker

from chaos.network import Proxy
from chaos.witness import Witness

SESSION_S = 6.0  # The shortest that brokers allow by default.
ASSIGNED_S = 60.0
BUSY_WITHIN_S = 2.0
TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")

# Of every worker. Small and short, so that a dozen fit the machine and a zombie is one in seconds.
# With so little memory the partitions of a worker share one queue; 256 give each one of its own.
OPTIONS = (
    f"kafka.consumer.session.timeout.ms={SESSION_S * 1000:.0f}",
    "kafka.consumer.heartbeat.interval.ms=1000",
    "drain.timeout_ms=3000",
    "metrics.interval_ms=1000",
    "memory.budget_mib=96",
)


@dataclass
class Stage:
    cluster: Cluster
    pipeline: Pipeline
    logs: Path
    guarantee: str
    options: tuple[str, ...] = ()
    static: bool = True
    proxy: Proxy | None = None
    load: Generator | None = None
    witness: Witness | None = None
    workers: list[Worker] = field(default_factory=list)

    def add_worker(self, *more: str) -> Worker:
        """One that is not started yet."""
        name = f"w{len(self.workers) + 1}"
        sets = [*OPTIONS, *self.options, *more]
        if self.guarantee != "at-least-once":
            sets.append(f"delivery.guarantee={self.guarantee}")
        if self.static:
            sets.append(f"kafka.consumer.group.instance.id={name}")
        self.workers.append(self.pipeline.worker(name, *sets))
        return self.workers[-1]

    def revive(self) -> int:
        """Starts again, as an orchestrator would, what ended by itself; how many."""
        ended = [w for w in self.workers if not w.running and w.wait() != 0]
        for worker in ended:
            worker.start()
        return len(ended)

    def owners(self) -> list[Worker]:
        return [worker for worker in self.workers if worker.running and worker.owned > 0]

    def marks(self) -> dict[str, int]:
        """Places in the logs of those that run now."""
        return {worker.name: worker.mark for worker in self.workers if worker.running}

    def said_since(self, marks: dict[str, int], event: str) -> list[str]:
        """Who of them has said so since."""
        return [w.name for w in self.workers if w.name in marks and w.said(event, marks[w.name])]

    # Evidence that a fault meets a pipeline at work.

    def flowing(self) -> bool:
        """Records go in, and came out a moment ago."""
        assert self.load is not None and self.witness is not None
        now = time.monotonic()
        return self.load.running and self.witness.count(now - BUSY_WITHIN_S, now) > 0

    def await_busy(self, worker: Worker) -> bool:
        """Until the worker has used its processor; false where it does not, or owns nothing."""
        before = cpu_s(worker.pid)
        try:
            until(lambda: cpu_s(worker.pid) > before, BUSY_WITHIN_S, "work", every_s=0.005)
        except (TimeoutError, OSError):
            return False
        return worker.owned > 0 and self.flowing()

    def await_assigned(self, worker: Worker, since: int) -> None:
        worker.wait_for("partitions assigned", since=since, timeout_s=ASSIGNED_S)


def possible_repeats(lines: Iterable[dict[str, str]]) -> int:
    """What the workers of these log lines counted in all; each start of one begins anew."""
    total = 0
    last: dict[tuple[str, str], int] = {}
    for line in lines:
        if line.get("event") == "worker starts":
            total += sum(last.values())
            last = {}
        elif "possible_repeats" in line:
            last[line["actor"], line.get("index", "")] = int(line["possible_repeats"])
    return total + sum(last.values())


def process_state(pid: int) -> str:
    """`R` running, `S` sleeping, `T` stopped, …"""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S
