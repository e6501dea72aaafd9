"""Faults of the worker's process and of the machine it runs on."""

from __future__ import annotations

import random
import resource
import signal
import subprocess
from pathlib import Path
from typing import ClassVar

from harness.worker import Worker

from chaos.fault import EXACTLY_ONCE, Fault
from chaos.stage import SESSION_S, Stage, process_state

DIES_S = 30.0


class OfAWorker(Fault):
    """Has a victim: a worker that owns partitions and is at work."""

    def __init__(self, stage: Stage, rng: random.Random) -> None:
        super().__init__(stage, rng)
        self.victim: Worker = stage.workers[0]
        self.busy = False
        self.mark = 0

    def choose(self) -> None:
        self.victim = self.rng.choice(self.stage.owners() or self.stage.workers)
        self.busy = self.stage.await_busy(self.victim)

    def restart(self, **variables: str) -> None:
        self.mark = self.victim.mark
        self.victim.start(**variables)
        self.stage.await_assigned(self.victim, self.mark)


class Kill(OfAWorker):
    name = "worker-kill"
    counts_repeats = False
    lasts_s = (0.0, 1.0)
    slot_s = (5.0, 6.0)

    def inject(self) -> None:
        self.choose()
        self.victim.kill()

    def heal(self) -> None:
        self.restart()

    def hit(self) -> str:
        return f"{self.victim.name} used its processor just before" if self.busy else ""


class KillOften(Kill):
    """Also while what an earlier kill left is still being repaired."""

    name = "worker-kill-often"
    lasts_s = (0.0, 0.3)
    slot_s = (0.5, 2.5)
    repeats_share_max = None


class KillDynamic(Kill):
    """The group has to notice by itself that the member is gone."""

    name = "worker-kill-dynamic"
    static = False
    slot_s = (12.0, 15.0)


class Terminate(OfAWorker):
    """Graceful: nothing may be repeated."""

    name = "worker-term"
    lasts_s = (0.0, 1.0)
    slot_s = (5.0, 7.0)
    repeats_share_max = 0.0

    def inject(self) -> None:
        self.choose()
        code = self.victim.stop()
        assert code == 0, f"{self.victim.name} ended with {code}\n{self.victim.tail}"

    def heal(self) -> None:
        self.restart()

    def hit(self) -> str:
        return f"{self.victim.name} used its processor just before" if self.busy else ""


class Zombie(OfAWorker):
    """Stopped until the group has given its partitions away, then it goes on as if nothing were."""

    name = "worker-zombie"
    static = False
    may_end = True  # Fenced, where transactions are.
    lasts_s = (SESSION_S + 3.0, SESSION_S + 6.0)
    slot_s = (16.0, 20.0)

    def inject(self) -> None:
        self.choose()
        self.others = {w: m for w, m in self.stage.marks().items() if w != self.victim.name}
        self.victim.send(signal.SIGSTOP)
        self.heirs: list[str] = []

    def heal(self) -> None:
        assert process_state(self.victim.pid) == "T", f"{self.victim.name} is not stopped"
        self.heirs = self.stage.said_since(self.others, "partitions assigned")
        self.victim.send(signal.SIGCONT)

    def hit(self) -> str:
        if not self.busy or not self.heirs:
            return ""
        return f"{' and '.join(self.heirs)} got the partitions of {self.victim.name} meanwhile"


class OutOfMemory(OfAWorker):
    """The kernel ends a worker whose memory group is full."""

    name = "worker-out-of-memory"
    counts_repeats = False
    lasts_s = (2.0, 5.0)
    slot_s = (8.0, 12.0)
    group: ClassVar[Path] = Path("/sys/fs/cgroup/memory/turnstile-chaos")
    limit_bytes: ClassVar[int] = 1 << 20

    @classmethod
    def unavailable(cls, stage: Stage) -> str:
        try:
            cls.group.mkdir(exist_ok=True)
            (cls.group / "memory.limit_in_bytes").write_text(str(cls.limit_bytes))
        except OSError as error:
            return f"no memory group can be made here: {error}"
        return ""

    def inject(self) -> None:
        self.choose()
        self.ended_by = 0
        # What it has got is charged elsewhere; what it asks for from now on is charged here.
        (self.group / "cgroup.procs").write_text(str(self.victim.pid))

    def heal(self) -> None:
        try:
            self.ended_by = self.victim.wait(DIES_S)
        except TimeoutError:
            self.victim.kill()
        self.restart()

    def hit(self) -> str:
        killed = self.busy and self.ended_by == -signal.SIGKILL
        return f"the kernel killed {self.victim.name}" if killed else ""


class NoMoreMemory(OfAWorker):
    """Every request for more address space fails, as where memory is not overcommitted."""

    name = "worker-no-more-memory"
    counts_repeats = False
    may_end = True
    lasts_s = (3.0, 5.0)
    slot_s = (8.0, 12.0)

    def inject(self) -> None:
        self.choose()
        has = int(Path(f"/proc/{self.victim.pid}/statm").read_text().split()[0])
        resource.prlimit(
            self.victim.pid,
            resource.RLIMIT_AS,
            (has * resource.getpagesize(), resource.RLIM_INFINITY),
        )

    def heal(self) -> None:
        if self.victim.running:
            none = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.prlimit(self.victim.pid, resource.RLIMIT_AS, none)
        else:
            self.restart()

    def hit(self) -> str:
        return f"{self.victim.name} was at work and got no more" if self.busy else ""


class FullDisk(OfAWorker):
    """The disk its log file is on is full: it goes on working."""

    name = "worker-full-disk"
    lasts_s = (4.0, 6.0)
    slot_s = (8.0, 10.0)
    repeats_share_max = 0.0
    options = ("log.level=debug", "metrics.interval_ms=200", "log.file={disk}/worker.log")
    workers = 1
    size: ClassVar[str] = "1m"

    @classmethod
    def unavailable(cls, stage: Stage) -> str:
        disk = cls.disk(stage)
        disk.mkdir(exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={cls.size}", "turnstile-chaos", str(disk)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return "" if done.returncode == 0 else f"no small disk can be made here: {done.stderr}"

    @classmethod
    def clear(cls, stage: Stage) -> None:
        """Takes the disk away, after the workers ended."""
        subprocess.run(["umount", str(cls.disk(stage))], capture_output=True, check=False)

    @staticmethod
    def disk(stage: Stage) -> Path:
        return stage.logs / "disk"

    def inject(self) -> None:
        self.choose()
        self.log = self.disk(self.stage) / "worker.log"
        self.ballast = self.disk(self.stage) / "ballast"
        self.failed = False
        with self.ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        self.size_before = self.log.stat().st_size
        self.mark = self.victim.mark

    def heal(self) -> None:
        # The last page of the log may have had room for a few lines.
        grew = self.log.stat().st_size - self.size_before
        said = self.victim.mark - self.mark
        self.failed = grew < resource.getpagesize() and said > 5 and self.victim.running
        self.told = f"{said} lines were to be written, {grew} bytes were"
        self.ballast.unlink()

    def hit(self) -> str:
        return self.told if self.busy and self.failed else ""


class CrashPoint(OfAWorker):
    """The worker kills itself at a named place, which only a build for tests has."""

    variable: ClassVar[str] = "TURNSTILE_TEST_CRASH_AT"
    point: ClassVar[str]
    times: ClassVar[tuple[int, int]] = (1, 40)
    counts_repeats = False
    lasts_s = (0.0, 1.0)
    slot_s = (6.0, 9.0)

    @classmethod
    def unavailable(cls, stage: Stage) -> str:
        program = Path(stage.pipeline.command()[0])
        if cls.variable.encode() in program.read_bytes():
            return ""
        return f"{program} has no crash points (build with -Dcrash_points=true)"

    def inject(self) -> None:
        self.choose()
        self.ended_by = 0
        assert self.victim.stop() == 0, self.victim.tail
        self.restart(**{self.variable: f"{self.point}:{self.rng.randint(*self.times)}"})
        self.provoke()
        try:
            self.ended_by = self.victim.wait(DIES_S)
        except TimeoutError:
            pass

    def provoke(self) -> None:
        """Makes the worker come there, where work alone does not."""

    def heal(self) -> None:
        self.victim.kill()
        self.restart()

    def hit(self) -> str:
        there = self.ended_by == -signal.SIGKILL and self.stage.load is not None
        return f"{self.victim.name} ended at {self.point}" if there and self.busy else ""


class CrashInRevoke(CrashPoint):
    name = "crash-in-revoke"
    point = "in_revoke"
    times = (1, 1)
    static = False
    slot_s = (14.0, 18.0)

    def provoke(self) -> None:
        """Another member leaves and comes back: all are asked to give back what they have."""
        others = [w for w in self.stage.workers if w.running and w is not self.victim]
        other = self.rng.choice(others)
        assert other.stop() == 0, other.tail
        other.start()


def crash_points() -> list[type[Fault]]:
    """A fault for each place in the worker's code."""
    always = ("before_produce", "after_produce", "before_commit", "after_commit")
    transactional = (
        "mid_transaction",
        "between_send_offsets_and_commit",
        "after_transaction_commit",
    )

    def made(point: str, guarantees: tuple[str, ...]) -> type[Fault]:
        name = f"crash-{point.replace('_', '-')}"
        return type(name, (CrashPoint,), {"name": name, "point": point, "guarantees": guarantees})

    everywhere = [made(point, Fault.guarantees) for point in always]
    return [*everywhere, *(made(p, (EXACTLY_ONCE,)) for p in transactional), CrashInRevoke]


def all_of_them() -> list[type[Fault]]:
    kills: list[type[Fault]] = [Kill, KillOften, KillDynamic, Terminate, Zombie]
    return [*kills, OutOfMemory, NoMoreMemory, FullDisk, *crash_points()]
