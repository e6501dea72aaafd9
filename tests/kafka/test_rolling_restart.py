"""A new version is rolled out: one worker after the other is stopped and started, under load."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from harness.newer import with_newer_library
from harness.pipeline import Pipeline
from harness.silence import Silence
from harness.waiting import until
from harness.worker import Worker

NAMES = ("a", "b", "c")
PARTITIONS = 12
RATE = 3_000
CONSUMER = "kafka.consumer.group.protocol=consumer"


def share(workers: list[Worker]) -> None:
    until(
        lambda: sum(w.owned for w in workers) == PARTITIONS and all(w.owned for w in workers),
        60,
        f"{len(workers)} workers share {PARTITIONS} partitions",
    )


def roll(pipeline: Pipeline, workers: list[Worker]) -> float:
    """Restarts all under load; the longest time without output of a partition."""
    pipeline.create_topics(PARTITIONS)
    for worker in workers:
        worker.start()
    share(workers)
    load = pipeline.generate(RATE * 600, rate=RATE)
    pipeline.wait_until_some_is_committed(RATE)
    silence = Silence(pipeline.cluster.bootstrap, pipeline.names.processed, PARTITIONS)
    for worker in workers:
        assert worker.stop() == 0
        mark = worker.mark
        worker.start()
        worker.wait_for("partitions assigned", since=mark)
        share(workers)
        pipeline.wait_until_some_is_committed(sum(pipeline.committed().values()) + RATE)
    assert load.running
    load.kill()
    pipeline.finish(*workers, repeats_max=0, full=False)
    return silence.stop()


@pytest.mark.parametrize("guarantee", ["at-least-once", "exactly-once"])
def test_static_members_are_replaced(
    pipeline: Pipeline, guarantee: str, tell: Callable[..., None]
) -> None:
    workers = [
        pipeline.worker(
            name, f"kafka.consumer.group.instance.id={name}", f"delivery.guarantee={guarantee}"
        )
        for name in NAMES
    ]
    tell(longest_silence_s=round(roll(pipeline, workers), 2))


@pytest.mark.parametrize("guarantee", ["at-least-once", "exactly-once"])
def test_members_of_the_consumer_protocol_are_replaced(
    pipeline: Pipeline, guarantee: str, tell: Callable[..., None]
) -> None:
    workers = [
        with_newer_library(pipeline.worker(name, CONSUMER, f"delivery.guarantee={guarantee}"))
        for name in NAMES
    ]
    tell(longest_silence_s=round(roll(pipeline, workers), 2))
