"""Turnstile's processes under test: the worker with its log, and the generator."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

FIELD = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)')
STOP_S = 30.0
KILL_S = 10.0


def environment() -> dict[str, str]:
    """Without options of a user's: the environment is a source of configuration."""
    return {n: v for n, v in os.environ.items() if not n.startswith("TURNSTILE_")}


def parse_log_line(line: str) -> dict[str, str]:
    """The fields of a logfmt line."""
    return {
        name: str(json.loads(value)) if value.startswith('"') else value
        for name, value in FIELD.findall(line)
    }


class Worker:
    """`turnstile run` as a process. Start it, wait for what it logs, end it one way or another."""

    def __init__(self, command: list[str], log: Path) -> None:
        self.name = log.stem
        self.command = command
        self.crash_at = ""  # A crash point, `name:nth`; for programs that are built with them.
        self._log = log
        self._process: subprocess.Popen[str] | None = None
        self._follower: threading.Thread | None = None
        self._lines: list[dict[str, str]] = []
        self._changed = threading.Condition()
        self._ended = True

    def start(self, **variables: str) -> Worker:
        """Starts it, or starts it again; the log goes on. `variables` of its environment."""
        assert not self.running, f"{self.name} runs already"
        self._ended = False
        self._process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment() | {"TURNSTILE_TEST_CRASH_AT": self.crash_at} | variables,
            text=True,
            errors="replace",
        )
        assert self._process.stderr is not None
        self._follower = threading.Thread(target=self._follow, args=(self._process.stderr,))
        self._follower.start()
        return self

    def _follow(self, stderr: IO[str]) -> None:
        with self._log.open("a") as file, stderr:
            for line in stderr:
                file.write(line)
                file.flush()
                with self._changed:
                    self._lines.append(parse_log_line(line))
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    # What it says.

    @property
    def mark(self) -> int:
        """A place in its log, for `since`."""
        return len(self._lines)

    @property
    def lines(self) -> list[dict[str, str]]:
        """All it has logged so far, as fields."""
        return list(self._lines)

    def said(self, event: str, since: int = 0, **fields: object) -> dict[str, str] | None:
        wanted = {"event": event, **{name: str(value) for name, value in fields.items()}}
        for line in self._lines[since:]:
            if wanted.items() <= line.items():
                return line
        return None

    def wait_for(
        self, event: str, timeout_s: float = 30.0, since: int = 0, **fields: object
    ) -> dict[str, str]:
        """The first log line of the event with these fields; fails where the process ends first."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while True:
                line = self.said(event, since, **fields)
                if line is not None:
                    return line
                left = deadline - time.monotonic()
                if left <= 0 or self._ended:
                    why = "ended" if self._ended else f"did not in {timeout_s:g} s"
                    raise TimeoutError(f"{self.name} {why}: event={event!r} {fields}\n{self.tail}")
                self._changed.wait(left)

    @property
    def owned(self) -> int:
        """How many partitions it has, as it said last."""
        return next((int(line["owned"]) for line in self._lines[::-1] if "owned" in line), 0)

    @property
    def tail(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-15:])

    # How it ends.

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def started(self) -> bool:
        return self._process is not None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def peak_rss_mib(self) -> float:
        """The most memory it had so far."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def wait(self, timeout_s: float = STOP_S) -> int:
        """Its exit code; negative where a signal ended it."""
        assert self._process is not None and self._follower is not None
        try:
            code = self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"{self.name} did not end in {timeout_s:g} s\n{self.tail}") from None
        self._follower.join()  # Its last lines are read.
        return code

    def stop(self, number: signal.Signals = signal.SIGTERM, timeout_s: float = STOP_S) -> int:
        self.send(number)
        return self.wait(timeout_s)

    def kill(self) -> None:
        if self.running:
            self.send(signal.SIGKILL)
            self.wait(KILL_S)


@dataclass
class Sent:
    """What the generator says it has sent, by what must become of it."""

    sent: int
    processed: int
    filtered: int
    errors: dict[str, int]


class Generator:
    """`turnstile generate` in the background."""

    def __init__(self, command: list[str], log: Path) -> None:
        self._log = log
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment(),
                text=True,
            )

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def finish(self, timeout_s: float = 120.0) -> Sent:
        try:
            out, _ = self._process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise TimeoutError(f"the generator did not end in {timeout_s:g} s") from None
        if self._process.returncode != 0:
            raise RuntimeError(f"the generator failed: {self._log.read_text()[-2000:]}")
        return Sent(**json.loads(out.strip().splitlines()[-1]))

    def kill(self) -> None:
        if self.running:
            self._process.kill()
            self._process.wait(KILL_S)
