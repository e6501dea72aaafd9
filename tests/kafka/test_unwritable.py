"""An error topic that cannot be written holds its partition back, and no other."""

from __future__ import annotations

import time

import pytest
from harness.events import event
from harness.pipeline import Pipeline
from harness.waiting import until
from harness.worker import Worker

PARTITIONS = 4
BAD = 3  # The partition that gets an input which must become an error record.
WAITING = "delivery failed, the partition waits and sends again"
# Only so that the test need not wait two minutes for the first delivery to fail.
SOON = "producer.message_timeout_ms=3000"


def start(pipeline: Pipeline) -> Worker:
    """A worker at work, which has written no error record so far."""
    pipeline.create_topics(PARTITIONS)
    worker = pipeline.worker("w1", SOON).start()
    pipeline.generate(2_000, mix="good").finish()
    pipeline.wait_until_all_is_committed()
    return worker


def check_that_only_the_bad_partition_waits(pipeline: Pipeline, worker: Worker) -> None:
    held = pipeline.committed()[BAD]
    pipeline.produce([(BAD, b"no JSON")])
    worker.wait_for(WAITING, partition=BAD, timeout_s=60)
    pipeline.generate(2_000, mix="good", seed=2).finish()
    ends = pipeline.input_ends()
    others = {p: end for p, end in ends.items() if p != BAD}

    def others_are_done() -> bool:
        committed = pipeline.committed()
        return all(committed[p] == end for p, end in others.items())

    until(others_are_done, 30, "the other partitions go on", every_s=0.2)
    assert pipeline.committed()[BAD] == held, "an input was committed that is nowhere"
    assert ends[BAD] > held + 1


def check_that_nothing_was_lost(pipeline: Pipeline, worker: Worker) -> None:
    report = pipeline.finish(worker, timeout_s=90)
    assert report.reasons == {"invalid_json": 1}
    assert report.inputs == 4_001


def test_a_deleted_error_topic_is_waited_for(pipeline: Pipeline) -> None:
    worker = start(pipeline)
    pipeline.cluster.delete_topic(pipeline.names.errors)
    check_that_only_the_bad_partition_waits(pipeline, worker)
    pipeline.cluster.create_topics({pipeline.names.errors: PARTITIONS})
    check_that_nothing_was_lost(pipeline, worker)


def test_partitions_are_taken_over_while_the_error_topic_is_missing(pipeline: Pipeline) -> None:
    pipeline.create_topics(PARTITIONS)
    stays, goes = (pipeline.worker(name, SOON).start() for name in ("stays", "goes"))
    for worker in (stays, goes):
        worker.wait_for("partitions assigned", owned=PARTITIONS // 2)
    pipeline.cluster.delete_topic(pipeline.names.errors)
    before = stays.mark
    assert goes.stop() == 0
    stays.wait_for("partitions assigned", since=before, owned=PARTITIONS)
    assert stays.said("topics are missing", before, missing=pipeline.names.errors)
    pipeline.generate(2_000, mix="good").finish()
    pipeline.wait_until_all_is_committed()
    check_that_only_the_bad_partition_waits(pipeline, stays)
    pipeline.cluster.create_topics({pipeline.names.errors: PARTITIONS})
    check_that_nothing_was_lost(pipeline, stays)


@pytest.mark.parametrize("guarantee", ["at-least-once", "exactly-once"])
def test_a_timestamp_that_only_the_input_topic_takes_holds_nothing_back(
    pipeline: Pipeline, guarantee: str
) -> None:
    option = "message.timestamp.after.max.ms"
    strict, lenient = ({option: str(ms)} for ms in (3_600_000, 2**63 - 1))
    pipeline.create_topics(PARTITIONS, input=lenient, processed=strict, errors=strict)
    worker = pipeline.worker("w1", f"delivery.guarantee={guarantee}").start()
    tomorrow = int(time.time() + 86_400) * 1000
    for value in (event(1), b"no JSON"):
        pipeline.produce([(BAD, event(1))])
        pipeline.produce([(BAD, value)], timestamp_ms=tomorrow)
    pipeline.produce([(0, event(1)), (BAD, event(1))])
    report = pipeline.finish(worker, full=False)
    assert report.reasons == {"delivery_failed": 1, "invalid_json": 1}
    assert report.counts["processed"] == 4


def test_an_error_topic_that_refuses_is_waited_for(pipeline: Pipeline) -> None:
    worker = start(pipeline)
    # Even the smallest error record is too large now.
    pipeline.cluster.configure(pipeline.names.errors, {"max.message.bytes": "50"})
    check_that_only_the_bad_partition_waits(pipeline, worker)
    pipeline.cluster.configure(pipeline.names.errors, {"max.message.bytes": "1048588"})
    check_that_nothing_was_lost(pipeline, worker)
