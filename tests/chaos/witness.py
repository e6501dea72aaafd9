"""Watches the output topics during a run: when how many records appeared."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition
from harness import topics

# A broker that is frozen must not hold up what the others have.
PROPERTIES: dict[str, Any] = {
    "socket.timeout.ms": 3000,
    "fetch.wait.max.ms": 100,
    "isolation.level": "read_committed",
    "enable.partition.eof": False,
}


class Witness:
    """Counts records of all output topics as they become readable, on a thread of its own."""

    def __init__(self, brokers: str, watched: list[str], partitions: int) -> None:
        self._moments: list[float] = []  # Of each record, in their order.
        self._done = threading.Event()
        consumer = topics.client(brokers, **PROPERTIES)
        consumer.assign([TopicPartition(t, p, 0) for t in watched for p in range(partitions)])
        self._thread = threading.Thread(target=self._run, args=(consumer,), daemon=True)
        self._thread.start()

    def _run(self, consumer: Consumer) -> None:
        while not self._done.is_set():
            try:
                messages = consumer.consume(1000, timeout=0.1)
            except KafkaException:
                continue  # Brokers are away: it goes on when they are back.
            now = time.monotonic()
            self._moments += [now] * sum(message.error() is None for message in messages)
        consumer.close()

    def count(self, since: float, until: float) -> int:
        """How many records appeared between two moments of the monotonic clock."""
        moments = self._moments
        return bisect_left(moments, until) - bisect_left(moments, since)

    def stop(self) -> None:
        self._done.set()
        self._thread.join()
