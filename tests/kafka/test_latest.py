"""A group that begins at the end of what is there: `auto.offset.reset=latest`."""

from __future__ import annotations

import pytest
from harness.pipeline import Pipeline
from harness.waiting import until

LATEST = "kafka.consumer.auto.offset.reset=latest"
BAD = b"no JSON"
GUARANTEES = pytest.mark.parametrize("guarantee", ["at-least-once", "exactly-once"])


def error_offsets(pipeline: Pipeline) -> dict[int, int]:
    return pipeline.cluster.ends(pipeline.names.errors)


@GUARANTEES
def test_what_comes_while_no_worker_runs_is_read_though_nothing_came_before(
    pipeline: Pipeline, guarantee: str
) -> None:
    pipeline.create_topics(2)
    pipeline.produce([(0, BAD)] * 3)  # Before the group began: never read.
    worker = pipeline.worker("w1", LATEST, f"delivery.guarantee={guarantee}").start()
    worker.wait_for("partitions begin", why="reset to the end, and committed", at="0@3 1@0")
    assert pipeline.committed() == {0: 3, 1: 0}
    worker.kill()
    pipeline.produce([(0, BAD)] * 5 + [(1, BAD)] * 5)
    again = worker.mark
    worker.start()
    worker.wait_for("partitions begin", since=again, why="committed", at="0@3 1@0")
    pipeline.wait_until_all_is_committed()
    assert worker.stop() == 0
    report = pipeline.check(full=False)
    assert report.reasons == {"invalid_json": 10}


def test_two_workers_that_begin_together_read_nothing_of_what_was_there(
    pipeline: Pipeline,
) -> None:
    pipeline.create_topics(4)
    pipeline.produce([(p, BAD) for p in range(4)])
    workers = [pipeline.worker(name, LATEST).start() for name in ("w1", "w2")]
    until(lambda: sum(w.owned for w in workers) == 4, 30, "all partitions are owned")
    pipeline.produce([(p, BAD) for p in range(4)])
    until(lambda: pipeline.committed() == dict.fromkeys(range(4), 2), 30, "the new ones are read")
    assert all(worker.stop() == 0 for worker in workers)
    assert sum(error_offsets(pipeline).values()) == 4


@GUARANTEES
def test_a_partition_that_is_added_is_found_and_read_from_its_beginning(
    pipeline: Pipeline, guarantee: str
) -> None:
    pipeline.create_topics(2)
    worker = pipeline.worker("w1", LATEST, f"delivery.guarantee={guarantee}").start()
    worker.wait_for("partitions begin")
    for topic in (pipeline.names.input, pipeline.names.errors):
        pipeline.cluster.grow(topic, 3)
    pipeline.partitions = 3
    pipeline.produce([(2, BAD)] * 5)
    worker.wait_for("topic partitions changed", input=3, timeout_s=30)
    worker.wait_for("partitions begin", partitions="2", timeout_s=30)
    until(lambda: pipeline.committed().get(2) == 5, 30, "the new partition is read")
    assert worker.stop() == 0
    assert error_offsets(pipeline)[2] >= 5


def test_inputs_that_retention_took_before_they_were_read_are_told_with_a_count(
    pipeline: Pipeline,
) -> None:
    pipeline.create_topics(1)
    worker = pipeline.worker("w1", LATEST).start()
    worker.wait_for("partitions begin")
    assert worker.stop() == 0
    pipeline.produce([(0, BAD)] * 10)
    pipeline.cluster.delete_records(pipeline.names.input, {0: 7})
    worker.start()
    pipeline.wait_until_all_is_committed()
    removed = worker.wait_for("inputs were removed before they were read", partitions="0")
    assert removed["count"] == "7"
    assert worker.stop() == 0
    assert error_offsets(pipeline) == {0: 3}
