"""The topics of one Kafka: made, changed, deleted and watched, whoever runs it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic

from harness import topics
from harness.topics import Names
from harness.waiting import until

ADMIN_S = 30.0
REPLICAS_OF_THE_BROKER = -1
OFFSET_END = -1


class Administrator:
    """Answers for the Kafka at `bootstrap`. `pid` is its broker's, or None where it is not ours."""

    def __init__(self, bootstrap: str = "") -> None:
        self.bootstrap = bootstrap
        self.pid: int | None = None
        self._admin: AdminClient | None = None
        self._watcher: Consumer | None = None

    @property
    def admin(self) -> AdminClient:
        if self._admin is None:
            # Errors come as exceptions; its log would only interrupt what is shown.
            self._admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        return self._admin

    @property
    def watcher(self) -> Consumer:
        if self._watcher is None:
            self._watcher = topics.client(self.bootstrap, "turnstile-watcher", log_level=0)
        return self._watcher

    def close(self) -> None:
        if self._watcher is not None:
            self._watcher.close()
        self._admin = self._watcher = None

    # What there is.

    def topics(self) -> set[str]:
        found = self.admin.list_topics(timeout=ADMIN_S).topics
        return {name for name, topic in found.items() if topic.error is None}

    def ends(self, topic: str) -> dict[int, int]:
        consumer = topics.client(self.bootstrap)
        try:
            return topics.ends(consumer, topic)
        finally:
            consumer.close()

    def written(self, names: Iterable[str], partitions: int) -> int:
        """The sum of the ends of all partitions of topics that have so many each.

        By one request to each broker, so that watching costs the broker nothing that shows.
        """
        wanted = [TopicPartition(t, p, OFFSET_END) for t in names for p in range(partitions)]
        found = topics.patiently(lambda: self.watcher.offsets_for_times(wanted, ADMIN_S))
        return sum(max(one.offset, 0) for one in found)

    # Changes.

    def create_topics(
        self,
        partitions: Mapping[str, int],
        replicas: int = REPLICAS_OF_THE_BROKER,
        config: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """Until they can be written to. `config`: of each topic that has settings of its own."""
        config = config or {}
        new = [NewTopic(t, n, replicas, config=config.get(t, {})) for t, n in partitions.items()]
        _await(self.admin.create_topics(new))
        self._await_leaders(partitions)

    def create(self, names: Names, partitions: int, **of_topic: dict[str, str]) -> None:
        """All topics of a pipeline; `of_topic` names settings by the topic's role."""
        roles = dataclasses.asdict(names)
        self.create_topics(
            {topic: 1 if role == "summary" else partitions for role, topic in roles.items()},
            config={topic: of_topic.get(role, {}) for role, topic in roles.items()},
        )

    @contextmanager
    def holding(
        self, partitions: Mapping[str, int], config: Mapping[str, str] | None = None
    ) -> Iterator[None]:
        """These topics, as long as the block runs."""
        self.create_topics(partitions, config={topic: config or {} for topic in partitions})
        try:
            yield
        finally:
            for deleted in self.admin.delete_topics(list(partitions)).values():
                try:
                    deleted.result(ADMIN_S)
                except KafkaException:
                    pass  # It goes with the cluster.

    def grow(self, topic: str, partitions: int) -> None:
        """Adds partitions up to so many."""
        _await(self.admin.create_partitions([NewPartitions(topic, partitions)]))
        self._await_leaders({topic: partitions})

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

    def _await_leaders(self, partitions: Mapping[str, int]) -> None:
        """A topic can be created, and known, before it can be written to."""

        def ready() -> bool:
            found = self.watcher.list_topics(timeout=ADMIN_S).topics
            return all(
                name in found
                and found[name].error is None
                and len(found[name].partitions) == count
                and all(p.leader >= 0 for p in found[name].partitions.values())
                for name, count in partitions.items()
            )

        until(ready, ADMIN_S, f"topics {sorted(partitions)} have leaders")
        for name, count in partitions.items():
            self.written([name], count)


def _await(futures: dict[Any, Future[None]]) -> None:
    for future in futures.values():
        future.result(ADMIN_S)
