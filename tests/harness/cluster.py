"""A real Kafka of the tests' own, of one broker or several, by scripts/kafka."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.administrator import Administrator

ROOT = Path(__file__).resolve().parents[2]
START_S = 300  # The first one fetches it.
EX_UNAVAILABLE = 69

# A broker that was killed is let in again after this time: the default of 9 s helps no test. Nor
# do 15 s between two rounds of compaction.
PROPERTIES = (
    "broker.session.timeout.ms=3000",
    "broker.heartbeat.interval.ms=500",
    "log.cleaner.backoff.ms=500",
)

# Tests start brokers all the time, and few live long enough for what the second compiler costs.
ENVIRONMENT = {"KAFKA_OPTS": "-XX:TieredStopAtLevel=1", **os.environ}


class NoKafka(Exception):
    """There is no Kafka to be had on this machine."""


class Cluster(Administrator):
    """Brokers of our own. `as_delivered`: without what makes them quick to test with."""

    def __init__(self, data: Path, brokers: int = 1, as_delivered: bool = False) -> None:
        super().__init__()
        self._data = data
        self._properties = () if as_delivered else PROPERTIES
        self._environment = None if as_delivered else ENVIRONMENT
        self.ids = tuple(range(1, brokers + 1))

    def _script(self, *arguments: str) -> str:
        done = subprocess.run(
            [str(ROOT / "scripts/kafka"), "--data", str(self._data), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=START_S,
            env=self._environment,
            check=False,
            start_new_session=True,  # Ctrl-C must not end the script that cleans up.
        )
        if done.returncode == EX_UNAVAILABLE:
            raise NoKafka(done.stderr.strip())
        if done.returncode != 0:
            raise RuntimeError(f"scripts/kafka {arguments}: {done.stderr}")
        return done.stdout.strip()

    def start(self, *more: str) -> None:
        """`more`: what `scripts/kafka start` takes, `--proxied` first."""
        flags = [word for word in more if word.startswith("--")]
        sets = [word for word in more if not word.startswith("--")]
        started = self._script("start", str(len(self.ids)), *flags, *self._properties, *sets)
        self.bootstrap = started.splitlines()[-1]
        self.pid = self._pid(self.ids[0])

    def routes(self) -> list[tuple[int, int]]:
        """Of each broker the port it advertises to those behind a proxy, and the one it has."""
        lines = self._script("routes").splitlines()
        return [(int(advertised), int(there)) for advertised, there in map(str.split, lines)]

    def tool(self, name: str, *arguments: str) -> str:
        """One of Kafka's own tools."""
        return self._script("tool", name, *arguments)

    def tool_command(self, name: str) -> list[str]:
        """What runs it, up to its arguments."""
        return [str(ROOT / "scripts/kafka"), "--data", str(self._data), "tool", name]

    def wipe(self) -> None:
        self.close()
        self._script("wipe")

    def keep_logs(self, folder: Path) -> None:
        """Copies the broker's logs where they outlive its data."""
        folder.mkdir(parents=True)
        for log in self._data.glob("*/broker.log*"):
            shutil.copy(log, folder / f"{log.parent.name}-{log.name}")

    def kill(self, broker: int = 1) -> None:
        self._script("kill", str(broker))

    def term(self, broker: int = 1) -> None:
        self._script("term", str(broker))

    def up(self, broker: int = 1) -> None:
        self._script("up", str(broker))

    def up_together(self) -> None:
        """Starts all that are down: several make a quorum only together."""
        self._script("start")

    def _pid(self, broker: int) -> int:
        return int((self._data / str(broker) / "pid").read_text().split()[0])

    def signal(self, broker: int, number: signal.Signals) -> None:
        os.kill(self._pid(broker), number)

    @contextmanager
    def down(self) -> Iterator[None]:
        """The broker is gone meanwhile, and in any case back afterwards."""
        self.kill()
        try:
            yield
        finally:
            self.up()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """The broker takes connections and answers nothing."""
        self.signal(1, signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal(1, signal.SIGCONT)

    # What no client of ours can ask for.

    def limit_writing(self, client_id: str, bytes_per_s: int) -> None:
        """By a quota. By Kafka's own tool: confluent_kafka 1.7 has no call for it."""
        change = ("--alter", "--add-config", f"producer_byte_rate={bytes_per_s}")
        whose = ("--entity-type", "clients", "--entity-name", client_id)
        asked = ("--bootstrap-server", self.bootstrap, *change, *whose)
        self._script("tool", "kafka.admin.ConfigCommand", *asked)

    def delete_records(self, topic: str, below: dict[int, int]) -> None:
        """As retention does. By Kafka's own tool: confluent_kafka 1.7 has no call for it."""
        places = [{"topic": topic, "partition": p, "offset": o} for p, o in below.items()]
        file = self._data / "delete-records.json"
        file.write_text(json.dumps({"version": 1, "partitions": places}))
        asked = ("--bootstrap-server", self.bootstrap, "--offset-json-file", str(file))
        self._script("tool", "org.apache.kafka.tools.DeleteRecordsCommand", *asked)

    def segment(self, topic: str, partition: int) -> Path:
        """The file of its records, where it is the only one."""
        (file,) = self._data.glob(f"*/**/{topic}-{partition}/*.log")
        return file
