"""How long a topic's partitions get nothing new, as a reader of committed records sees it."""

from __future__ import annotations

import threading
import time

from confluent_kafka import Consumer, TopicPartition

POLL_S = 0.05


class Silence:
    """Reads a topic from its end on, on a thread of its own, until it is stopped."""

    def __init__(self, brokers: str, topic: str, partitions: int) -> None:
        self._consumer = Consumer(
            {
                "bootstrap.servers": brokers,
                "group.id": f"silence-{topic}",
                "enable.auto.commit": False,
                "auto.offset.reset": "latest",
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 20,
                "fetch.error.backoff.ms": 20,
            }
        )
        self._topic = topic
        self._partitions = partitions
        self._longest: dict[int, float] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        begins = []
        for p in range(self._partitions):
            at = TopicPartition(self._topic, p)
            at.offset = self._consumer.get_watermark_offsets(at, 10.0)[1]
            begins.append(at)
        self._consumer.assign(begins)
        last: dict[int, float] = {}
        while not self._done.is_set():
            for record in self._consumer.consume(10_000, POLL_S):
                partition = record.partition()
                if record.error() is not None or partition is None:
                    continue
                now = time.monotonic()
                gap = now - last.get(partition, now)
                self._longest[partition] = max(gap, self._longest.get(partition, 0.0))
                last[partition] = now
        self._consumer.close()

    def take(self) -> float:
        """The longest time between two records of any partition since the last call, in seconds."""
        taken, self._longest = self._longest, {}
        return max(taken.values(), default=0.0)

    def stop(self) -> float:
        """The same, and the end."""
        self._done.set()
        self._thread.join()
        return self.take()
