"""Requests larger than a topic takes: the size is learned, and nothing is repeated or reordered."""

from __future__ import annotations

import time

import pytest
from harness.events import event
from harness.pipeline import Pipeline

PARTITIONS = 4
ONE = 3  # The partition that gets them.
LEARNED = "a topic refuses requests of this size, they are smaller from now on"
SOME = 5_000
REST = 60_000


@pytest.mark.parametrize(
    ("guarantee", "role"),
    [
        ("at-least-once", "processed"),
        ("at-least-once", "errors"),
        ("exactly-once", "processed"),
        ("exactly-once", "cleaned"),
    ],
)
def test_a_limit_that_is_lowered_while_the_worker_runs_is_learned(
    pipeline: Pipeline, guarantee: str, role: str
) -> None:
    pipeline.create_topics(PARTITIONS)
    worker = pipeline.worker("w1", f"delivery.guarantee={guarantee}").start()
    mix = {
        "processed": "good",
        "errors": "processed=50,missing_fields=50",
        "cleaned": "processed=50,filtered=50",
    }
    pipeline.generate(SOME, mix=mix[role]).finish()
    pipeline.wait_until_all_is_committed()
    pipeline.cluster.configure(getattr(pipeline.names, role), {"max.message.bytes": "20000"})
    pipeline.generate(REST, mix=mix[role], seed=2).finish()
    pipeline.wait_until_all_is_committed(60)
    assert worker.stop() == 0
    warnings = [line for line in worker.lines if line["event"] == LEARNED]
    assert len(warnings) == 1, warnings
    assert warnings[0]["topic"] == getattr(pipeline.names, role)
    assert not [line for line in worker.lines if line["level"] == "error"]
    report = pipeline.check(repeats_max=0)
    assert report.passed, report
    assert report.inputs == SOME + REST


@pytest.mark.parametrize("guarantee", ["at-least-once", "exactly-once"])
def test_records_that_are_refused_since_a_setting_changed_are_found_and_nothing_is_repeated(
    pipeline: Pipeline, guarantee: str
) -> None:
    pipeline.create_topics(PARTITIONS)
    worker = pipeline.worker("w1", f"delivery.guarantee={guarantee}").start()
    pipeline.produce([(ONE, event(1))] * 10)
    pipeline.wait_until_all_is_committed()
    # Compacted topics take no record without a key; the worker was not told.
    pipeline.cluster.configure(pipeline.names.processed, {"cleanup.policy": "compact"})
    keyed = [(ONE, event(1))] * 99
    for _ in range(10):
        pipeline.produce(keyed, key=b"k")
        pipeline.produce([(ONE, event(1))])
    report = pipeline.finish(worker, timeout_s=60, full=False, repeats_max=0)
    assert report.reasons == {"delivery_failed": 10}
    assert report.inputs == 1010


@pytest.mark.parametrize("guarantee", ["at-least-once", "exactly-once"])
def test_one_refused_timestamp_in_a_hundred_costs_its_neighbours_little(
    pipeline: Pipeline, guarantee: str
) -> None:
    bound = "message.timestamp.after.max.ms"
    lenient = {bound: str(2**63 - 1)}
    pipeline.create_topics(PARTITIONS, input=lenient, processed=lenient, errors=lenient)
    worker = pipeline.worker("w1", f"delivery.guarantee={guarantee}").start()
    pipeline.produce([(ONE, event(1))] * 10)
    pipeline.wait_until_all_is_committed()
    for topic in (pipeline.names.processed, pipeline.names.errors):
        pipeline.cluster.configure(topic, {bound: "3600000"})
    ahead = int(time.time() + 7200) * 1000
    for _ in range(40):
        pipeline.produce([(ONE, event(1))] * 99)
        pipeline.produce([(ONE, event(1))], timestamp_ms=ahead)
    # Half a second for each would not do.
    report = pipeline.finish(worker, timeout_s=15, full=False, repeats_max=0)
    assert report.reasons == {"delivery_failed": 40}
    assert report.inputs == 4010
