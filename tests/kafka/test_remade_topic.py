"""A topic that is deleted and created again while the worker runs."""

from __future__ import annotations

import pytest
from harness.pipeline import Pipeline

PARTITIONS = 6
FEWER = 2
BAD = range(FEWER, PARTITIONS)  # Partitions whose error records have no place any more.


@pytest.mark.parametrize("guarantee", ["at-least-once", "exactly-once"])
def test_an_output_topic_may_come_back_with_fewer_partitions(
    pipeline: Pipeline, guarantee: str
) -> None:
    pipeline.create_topics(PARTITIONS)
    worker = pipeline.worker("w1", f"delivery.guarantee={guarantee}").start()
    pipeline.generate(2_000, mix="good").finish()
    pipeline.wait_until_all_is_committed()
    pipeline.cluster.delete_topic(pipeline.names.errors)
    pipeline.cluster.create_topics({pipeline.names.errors: FEWER})
    pipeline.produce([(p, b"no JSON %d" % n) for n in range(50) for p in BAD], key=b"some key")
    pipeline.wait_until_all_is_committed()
    assert worker.said("topic partitions changed", errors=FEWER)
    assert worker.stop() == 0
    report = pipeline.check()
    assert report.passed, report
    assert report.reasons == {"invalid_json": 50 * len(BAD)}
