"""A real Kafka of the tests' own, of one broker or several, by scripts/kafka."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic

import topics
from topics import Names
from waiting import until

ROOT = Path(__file__).resolve().parents[2]
START_S = 120
ADMIN_S = 30.0
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


class Cluster:
    def __init__(self, data: Path, brokers: int = 1) -> None:
        self._data = data
        self.ids = tuple(range(1, brokers + 1))
        self.bootstrap = ""
        self._admin: AdminClient | None = None

    def _script(self, *arguments: str) -> str:
        done = subprocess.run(
            [str(ROOT / "scripts/kafka"), "--data", str(self._data), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=START_S,
            env=ENVIRONMENT,
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
        self.bootstrap = self._script("start", str(len(self.ids)), *flags, *PROPERTIES, *sets)

    def routes(self) -> list[tuple[int, int]]:
        """Of each broker the port it advertises to those behind a proxy, and the one it has."""
        lines = self._script("routes").splitlines()
        return [(int(advertised), int(there)) for advertised, there in map(str.split, lines)]

    def tool(self, name: str, *arguments: str) -> str:
        """One of Kafka's own tools."""
        return self._script("tool", name, *arguments)

    def wipe(self) -> None:
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

    def signal(self, broker: int, number: signal.Signals) -> None:
        pid = int((self._data / str(broker) / "pid").read_text().split()[0])
        os.kill(pid, number)

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

    # Topics.

    @property
    def admin(self) -> AdminClient:
        if self._admin is None:
            self._admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 2})
        return self._admin

    def create(self, names: Names, partitions: int, **of_topic: dict[str, str]) -> None:
        """All topics of a pipeline; `of_topic` names settings by the topic's role."""
        wanted = [
            NewTopic(
                topic,
                num_partitions=1 if role == "summary" else partitions,
                replication_factor=min(3, len(self.ids)),
                config=of_topic.get(role, {}),
            )
            for role, topic in dataclasses.asdict(names).items()
        ]
        _await(self.admin.create_topics(wanted))
        self._await_leaders([new.topic for new in wanted])

    def create_topic(self, topic: str, partitions: int) -> None:
        _await(self.admin.create_topics([NewTopic(topic, partitions, 1)]))
        self._await_leaders([topic])

    def grow(self, topic: str, partitions: int) -> None:
        """Adds partitions up to so many."""
        _await(self.admin.create_partitions([NewPartitions(topic, partitions)]))
        self._await_leaders([topic])
        until(lambda: len(self.ends(topic)) == partitions, ADMIN_S, f"{topic} has grown")

    def delete_topic(self, topic: str) -> None:
        _await(self.admin.delete_topics([topic]))
        until(lambda: topic not in self.topics(), ADMIN_S, f"topic {topic} is deleted")

    def delete(self, names: Names) -> None:
        there = self.topics()
        wanted = [topic for topic in dataclasses.astuple(names) if topic in there]
        if wanted:
            _await(self.admin.delete_topics(wanted))

    def configure(self, topic: str, config: dict[str, str]) -> None:
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic, set_config=config)
        _await(self.admin.alter_configs([resource]))

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

    def topics(self) -> set[str]:
        found = self.admin.list_topics(timeout=ADMIN_S).topics
        return {name for name, topic in found.items() if topic.error is None}

    def _await_leaders(self, wanted: list[str]) -> None:
        """A topic can be created before it can be written to."""

        def ready() -> bool:
            found = self.admin.list_topics(timeout=ADMIN_S).topics
            return all(
                name in found
                and found[name].error is None
                and all(p.leader >= 0 for p in found[name].partitions.values())
                for name in wanted
            )

        until(ready, ADMIN_S, f"topics {wanted} have leaders")

    def ends(self, topic: str) -> dict[int, int]:
        consumer = topics.client(self.bootstrap)
        try:
            return topics.ends(consumer, topic)
        finally:
            consumer.close()

    def segment(self, topic: str, partition: int) -> Path:
        """The file of its records, where it is the only one."""
        (file,) = self._data.glob(f"*/**/{topic}-{partition}/*.log")
        return file


def _await(futures: dict[Any, Future[None]]) -> None:
    for future in futures.values():
        future.result(ADMIN_S)
