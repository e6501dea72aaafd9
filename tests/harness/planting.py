"""Records that a worker could have written, for tests of those that judge them."""

from __future__ import annotations

import uuid

from confluent_kafka import Producer

from harness import topics
from harness.checker import model
from harness.checker.contract import Fate
from harness.events import event
from harness.pipeline import Pipeline


def good_outputs(pipeline: Pipeline, count: int) -> list[topics.Record]:
    """Writes good events and returns what must become of them, in the order of their writing."""
    pipeline.create_topics(2)
    values = [event(n) for n in range(count)]
    pipeline.produce([(n % 2, value) for n, value in enumerate(values)], key=b"key")
    spans = {p: topics.Span(0, end) for p, end in pipeline.input_ends().items()}
    read = topics.read(pipeline.cluster.bootstrap, pipeline.names.input, spans)
    made = model.Model(outputs={fate: [] for fate in model.FATES}, topic=pipeline.names.input)
    for source in sorted(read, key=lambda r: (r.offset, r.partition)):
        model.write(made, source)
    return made.outputs[Fate.PROCESSED]


def publish(pipeline: Pipeline, topic: str, records: list[topics.Record]) -> None:
    producer = Producer({"bootstrap.servers": pipeline.cluster.bootstrap, "acks": "all"})
    for record in records:
        producer.produce(
            topic,
            record.value,
            record.key,
            partition=record.partition,
            headers=record.headers,
            timestamp=record.timestamp_ms,
        )
    assert producer.flush(30.0) == 0


def transactional(pipeline: Pipeline) -> Producer:
    producer = Producer(
        {"bootstrap.servers": pipeline.cluster.bootstrap, "transactional.id": str(uuid.uuid4())}
    )
    producer.init_transactions(30)
    return producer
