"""The programs that are compared, and one run of one of them.

A candidate is the copy, the worker, or either with other options or environment (`--also`), so
that a change is measured beside what it changes.
"""

import os
import re
import shlex
import signal
import subprocess
import tempfile
from dataclasses import asdict, dataclass, field
from datetime import datetime

from harness.topics import Names

from . import machine

OUTPUTS = ("processed", "errors", "cleaned")  # Roles of `Names`.
STOP_TIMEOUT_S = 40


class Topics:
    """What one run reads and writes."""

    def __init__(self, source, prefix, partitions):
        outputs = {role: f"{prefix}-{role}" for role in (*OUTPUTS, "summary")}
        self.names = Names(input=source, **outputs)
        self.copied = f"{prefix}-copied"
        self.partitions = partitions

    @property
    def input(self):
        return self.names.input

    def outputs(self, candidate):
        return [self.copied] if candidate.is_copy else [self.output(role) for role in OUTPUTS]

    def output(self, role):
        return getattr(self.names, role)

    def to_create(self, candidate):
        created = dict.fromkeys(self.outputs(candidate), self.partitions)
        if not candidate.is_copy:
            created[self.names.summary] = 1
        return created


@dataclass
class Candidate:
    name: str
    binary: str
    is_copy: bool = False
    arguments: list = field(default_factory=list)
    environment: dict = field(default_factory=dict)
    processes: int = 1
    # Of a clean stop by SIGTERM.
    exit_codes: tuple = (0,)

    @property
    def is_transactional(self):
        return "delivery.guarantee=exactly-once" in self.arguments

    def command(self, brokers, group, topics):
        if self.is_copy:
            return [
                self.binary,
                "--brokers",
                brokers,
                "--group",
                group,
                "--input",
                topics.input,
                "--output",
                topics.copied,
                *self.arguments,
            ]
        sets = [f"topics.{role}={topic}" for role, topic in asdict(topics.names).items()]
        sets += ["metrics.interval_ms=10000"]
        words = [word for text in sets for word in ("--set", text)]
        return [self.binary, "run", "--brokers", brokers, "--group", group, *words, *self.arguments]

    def variant(self, text):
        """From `NAME WORD…`: VARIABLE=VALUE is environment, table.key=value an option of the
        worker, binary=PATH another program, --word=value an argument of the copy."""
        name, *words = shlex.split(text)
        made = Candidate(
            name, self.binary, self.is_copy, list(self.arguments), dict(self.environment)
        )
        for word in words:
            key, _, value = word.partition("=")
            if key == "binary":
                made.binary = value
            elif key.isupper():
                made.environment[key] = value
            elif key.startswith("-"):
                made.arguments.append(word)
            else:
                made.arguments += ["--set", word]
        return made


class Failed(Exception):
    """A candidate that did not do its work."""


class Run:
    """The processes of a candidate, from their start to their end."""

    def __init__(self, candidate, brokers, group, topics):
        self._log = tempfile.TemporaryFile("w+", prefix="turnstile-bench-")  # noqa: SIM115
        self.candidate = candidate
        self._processes = [
            subprocess.Popen(
                candidate.command(brokers, group, topics),
                stdout=subprocess.DEVNULL,
                stderr=self._log,
                env={**os.environ, **candidate.environment},
                start_new_session=True,
            )
            for _ in range(candidate.processes)
        ]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        self._log.close()

    def cpu_seconds(self):
        return sum(machine.cpu_seconds(process.pid) for process in self._processes)

    def rss_max_mib(self):
        return sum(machine.rss_max_mib(process.pid) for process in self._processes)

    def check_alive(self):
        for process in self._processes:
            if process.poll() is not None:
                self.fail(f"ended by itself with {process.returncode}")

    def fail(self, why):
        raise Failed(
            f"{self.candidate.name}: {why}; the end of its log:\n"
            + "".join(self.log().splitlines(keepends=True)[-15:])
        )

    def log(self):
        # The child has the same file description open: do not move its place.
        return os.pread(self._log.fileno(), 2**24, 0).decode(errors="replace")

    def assigned_at(self):
        """When its partitions were assigned to it, in seconds since the epoch; None: not yet."""
        found = re.search(r'^ts=(\S+)Z .*event="partitions assigned"', self.log(), re.MULTILINE)
        if not found:
            return None
        return datetime.fromisoformat(found[1] + "+00:00").timestamp()

    def stop(self):
        for process in self._processes:
            process.send_signal(signal.SIGTERM)
        for process in self._processes:
            try:
                code = process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.fail(f"does not stop within {STOP_TIMEOUT_S} s")
            if code not in self.candidate.exit_codes:
                self.fail(f"stopped with exit code {code}")
