"""What the metrics say of the lag, and whether it is true."""

from __future__ import annotations

import pytest
from confluent_kafka import Producer
from harness.pipeline import Pipeline
from harness.waiting import until
from harness.worker import Worker

BAD = b"no JSON"
GUARANTEES = pytest.mark.parametrize("guarantee", ["at-least-once", "exactly-once"])
EACH_SECOND = "metrics.interval_ms=1000"


def lag(worker: Worker) -> str:
    """Of the process, as told last."""
    lines = [line for line in worker.lines if line.get("actor") == "process"]
    return lines[-1]["lag_records"] if lines else ""


def reports(worker: Worker) -> int:
    return sum(line.get("actor") == "process" for line in worker.lines)


def held_back(worker: Worker) -> str:
    lines = [line for line in worker.lines if line.get("actor") == "process"]
    return lines[-1]["held_back"] if lines else ""


def transactional(pipeline: Pipeline) -> Producer:
    producer = Producer(
        {
            "bootstrap.servers": pipeline.cluster.bootstrap,
            "transactional.id": pipeline.group + "-source",
            "transaction.timeout.ms": 600_000,
        }
    )
    producer.init_transactions(30)
    producer.begin_transaction()
    return producer


def test_what_is_read_and_cannot_be_delivered_is_lag(pipeline: Pipeline) -> None:
    pipeline.create_topics(2)
    worker = pipeline.worker("w1", EACH_SECOND).start()
    pipeline.produce([(p, BAD) for p in range(2)] * 10)
    pipeline.wait_until_all_is_committed()
    until(lambda: lag(worker) == "0", 10, "nothing is left")
    pipeline.cluster.delete_topic(pipeline.names.errors)
    pipeline.produce([(p, BAD) for p in range(2)] * 100)
    until(lambda: lag(worker) == "200", 20, "all that is stuck is lag")
    pipeline.cluster.create_topics({pipeline.names.errors: 2})
    until(lambda: lag(worker) == "0", 60, "all is delivered")
    assert worker.stop() == 0


def test_without_partitions_and_without_brokers_the_lag_is_not_known(pipeline: Pipeline) -> None:
    pipeline.create_topics(1)
    first = pipeline.worker("w1", EACH_SECOND).start()
    first.wait_for("partitions assigned", owned=1)
    idle = pipeline.worker("w2", EACH_SECOND).start()
    until(lambda: lag(first) == "0", 20, "nothing is left")
    until(lambda: lag(idle) == "none", 20, "nobody knows")
    with pipeline.cluster.frozen():
        until(lambda: lag(first) == "none", 20, "the end is not known any more")
    assert idle.stop() == 0
    assert first.stop() == 0


@GUARANTEES
def test_markers_and_aborted_records_are_no_lag(pipeline: Pipeline, guarantee: str) -> None:
    pipeline.create_topics(1)
    worker = pipeline.worker("w1", EACH_SECOND, f"delivery.guarantee={guarantee}").start()
    worker.wait_for("partitions assigned", owned=1)
    source = transactional(pipeline)
    for _ in range(3):
        source.produce(pipeline.names.input, BAD, partition=0)
    source.commit_transaction(30)
    source.begin_transaction()
    source.produce(pipeline.names.input, BAD, partition=0)
    source.flush(30)
    source.abort_transaction(30)
    until(lambda: pipeline.committed().get(0, 0) >= 3, 30, "what was committed is read")
    seen = reports(worker)
    until(lambda: reports(worker) >= seen + 2, 20, "it reports twice more")
    assert lag(worker) == "0"
    if guarantee == "at-least-once":
        assert pipeline.committed() == pipeline.input_ends()
    assert worker.stop() == 0


def test_what_waits_behind_an_open_transaction_is_counted_and_told(pipeline: Pipeline) -> None:
    pipeline.create_topics(1)
    worker = pipeline.worker("w1", EACH_SECOND).start()
    pipeline.produce([(0, BAD)] * 5)
    pipeline.wait_until_all_is_committed()
    source = transactional(pipeline)
    source.produce(pipeline.names.input, BAD, partition=0)
    source.flush(30)
    pipeline.produce([(0, BAD)] * 100)
    held = worker.wait_for("an open transaction holds a partition back", offset=5, timeout_s=20)
    assert held["partition"] == "0"
    assert held_back(worker) == "101"
    assert lag(worker) == "0"
    source.abort_transaction(30)
    worker.wait_for("the open transaction is over, the partition goes on", offset=5, timeout_s=20)
    until(lambda: held_back(worker) == "0", 10, "nothing is held back")
    pipeline.wait_until_all_is_committed()
    assert worker.stop() == 0
