"""Workers come and go under load: the group shares the partitions anew, and nothing is lost."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from harness.checker.verdict import Report
from harness.newer import with_newer_library
from harness.pipeline import PROGRAM, Pipeline
from harness.waiting import until
from harness.worker import Worker

PARTITIONS = 12
RATE = 4_000
SETTLED_S = 30.0
EX_CONFIG = 78


def as_it_is(worker: Worker) -> Worker:
    return worker


def one_three_two_one(
    pipeline: Pipeline, *sets: str, prepare: Callable[[Worker], Worker] = as_it_is
) -> Report:
    """1, 3, 2 and 1 workers, all stopped gracefully, each change under load."""
    pipeline.create_topics(PARTITIONS)
    a, b, c = (prepare(pipeline.worker(name, *sets)) for name in ("a", "b", "c"))
    a.start()
    wait_for_shares(12, a)
    pipeline.sample_commits()
    load = pipeline.generate(RATE * 600, rate=RATE)
    wait_for_more(pipeline)
    b.start()
    c.start()
    wait_for_shares(4, a, b, c)
    wait_for_more(pipeline)
    assert c.stop() == 0
    wait_for_shares(6, a, b)
    wait_for_more(pipeline)
    assert b.stop() == 0
    wait_for_shares(12, a)
    wait_for_more(pipeline)
    assert load.running
    load.kill()
    pipeline.wait_until_all_is_committed()
    assert a.stop() == 0
    return pipeline.check(full=False)


def wait_for_shares(count: int, *workers: Worker) -> None:
    """Until each of the workers has as many partitions."""
    what = f"{[worker.name for worker in workers]} have {count} partitions each"
    until(lambda: all(worker.owned == count for worker in workers), SETTLED_S, what)


def wait_for_more(pipeline: Pipeline) -> None:
    """Until the group, as it is now, has committed a second's worth."""
    now = sum(pipeline.committed().values())
    pipeline.wait_until_some_is_committed(now + RATE)


def test_eager_rebalances_lose_nothing_and_repeat_nothing(pipeline: Pipeline) -> None:
    report = one_three_two_one(pipeline)
    assert report.passed, report
    assert report.repeats == 0


def test_cooperative_rebalances_lose_nothing(pipeline: Pipeline, tell: Callable[..., None]) -> None:
    strategy = "kafka.consumer.partition.assignment.strategy=cooperative-sticky"
    report = one_three_two_one(pipeline, strategy)
    tell(repeats=report.repeats)
    assert report.passed, report


@pytest.mark.parametrize("guarantee", ["at-least-once", "exactly-once"])
def test_the_consumer_protocol_loses_and_repeats_nothing(
    pipeline: Pipeline, guarantee: str
) -> None:
    protocol = ("kafka.consumer.group.protocol=consumer", f"delivery.guarantee={guarantee}")
    report = one_three_two_one(pipeline, *protocol, prepare=with_newer_library)
    assert report.passed, report
    assert report.repeats == 0


def test_the_consumer_protocol_is_refused_where_the_library_is_too_old() -> None:
    command = [str(PROGRAM), "check", "--set", "kafka.consumer.group.protocol=consumer"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    if done.returncode == 0:
        pytest.skip("the system's librdkafka has it")
    assert done.returncode == EX_CONFIG
    assert "needs librdkafka 2.12 or later, and this is" in done.stderr
