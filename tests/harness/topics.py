"""Reading whole topics and committed offsets, without being a member of any group."""

from __future__ import annotations

import ctypes
import dataclasses
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

ANSWER_S = 15.0
PATIENT_S = 30.0
ASK_AGAIN_S = 0.1
PASSING = frozenset(  # What a broker says that has just come back, or of a new partition.
    {
        KafkaError._TRANSPORT,
        KafkaError._UNKNOWN_PARTITION,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
    }
)
STALLED_S = 30.0
BATCH = 20_000

# confluent_kafka 1.7 gives back a reference to None too many for each record without key or value,
# and for each topic listed. Python before 3.12 dies once none is left: it gets plenty.
if sys.version_info < (3, 12):
    ctypes.c_ssize_t.from_address(id(None)).value += 1 << 40

Headers = list[tuple[str, bytes | None]]


class Record(NamedTuple):
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int


class Span(NamedTuple):
    """The offsets low, low + 1, … high - 1 of a partition."""

    low: int
    high: int


@dataclass(frozen=True)
class Names:
    """The topics of one pipeline; the defaults are the worker's."""

    input: str = "user-login"
    processed: str = "processed-output"
    errors: str = "processed-errors"
    cleaned: str = "cleaned-data"
    summary: str = "summary-output"

    def with_prefix(self, prefix: str) -> Names:
        return Names(*(prefix + name for name in dataclasses.astuple(self)))


def client(brokers: str, group: str = "", **properties: Any) -> Consumer:
    """A consumer that never commits. Without a group it gets a name of its own."""
    return Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": group or f"turnstile-checker-{uuid.uuid4()}",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": 10,
            "socket.nagle.disable": True,
            "log_level": 2,
            **properties,
        }
    )


def patiently(ask: Callable[[], Any]) -> Any:
    """The answer, also of a broker that has to be asked again for a while."""
    deadline = time.monotonic() + PATIENT_S
    while True:
        try:
            return ask()
        except KafkaException as exception:
            if exception.args[0].code() not in PASSING or time.monotonic() > deadline:
                raise
            threading.Event().wait(ASK_AGAIN_S)


def partition_count(consumer: Consumer, topic: str) -> int:
    found = patiently(lambda: consumer.list_topics(topic, timeout=ANSWER_S)).topics[topic]
    if found.error is not None:
        raise LookupError(f"topic {topic}: {found.error.str()}")
    return len(found.partitions)


def spans(consumer: Consumer, topic: str) -> dict[int, Span]:
    """What each partition of the topic holds now."""

    def span(partition: int) -> Span:
        place = TopicPartition(topic, partition)
        return Span(*patiently(lambda: consumer.get_watermark_offsets(place, timeout=ANSWER_S)))

    return {p: span(p) for p in range(partition_count(consumer, topic))}


def ends(consumer: Consumer, topic: str) -> dict[int, int]:
    return {p: span.high for p, span in spans(consumer, topic).items()}


def committed(brokers: str, group: str, topic: str, count: int) -> dict[int, int]:
    """The group's committed offsets; partitions without one are left out."""
    consumer = client(brokers, group)
    try:
        asked = [TopicPartition(topic, p) for p in range(count)]
        found = patiently(lambda: consumer.committed(asked, timeout=ANSWER_S))
    finally:
        consumer.close()
    for place in found:
        if place.error is not None:
            raise LookupError(f"committed offset of {topic}/{place.partition}: {place.error}")
    return {place.partition: place.offset for place in found if place.offset >= 0}


def read(brokers: str, topic: str, upto: dict[int, Span]) -> Iterator[Record]:
    """All records of the spans, those of one partition in their order."""
    waiting = {p: span for p, span in upto.items() if span.high > span.low}
    if not waiting:
        return
    consumer = client(brokers)
    try:
        consumer.assign([TopicPartition(topic, p, span.low) for p, span in waiting.items()])
        deadline = time.monotonic() + STALLED_S
        while waiting:
            messages = consumer.consume(BATCH, timeout=0.2)
            if messages:
                deadline = time.monotonic() + STALLED_S
            elif time.monotonic() > deadline:
                raise TimeoutError(f"nothing more from {topic}, partitions {sorted(waiting)}")
            yield from _records(messages, waiting)
    finally:
        consumer.close()


def _records(messages: list[Any], waiting: dict[int, Span]) -> Iterator[Record]:
    for message in messages:
        partition, offset = message.partition(), message.offset()
        error = message.error()
        if error is not None:
            if error.code() != KafkaError._PARTITION_EOF:
                raise RuntimeError(f"{message.topic()}/{partition}: {error.str()}")
            if partition in waiting and offset >= waiting[partition].high:
                del waiting[partition]
            continue
        span = waiting.get(partition)
        if span is None or offset >= span.high:
            continue  # Written after the span was taken.
        yield Record(
            partition,
            offset,
            message.key(),
            message.value(),
            message.headers() or [],
            message.timestamp()[1],
        )
        if offset + 1 == span.high:
            del waiting[partition]
