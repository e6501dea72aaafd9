"""Workers come and go under load: the group shares the partitions anew, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

from harness.checker.verdict import Report
from harness.pipeline import Pipeline
from harness.waiting import until
from harness.worker import Worker

PARTITIONS = 12
RATE = 4_000
EVENTS = 80_000
SETTLED_S = 30.0


def one_three_two_one(pipeline: Pipeline, *sets: str) -> Report:
    """1, 3, 2 and 1 workers, all stopped gracefully, each change under load."""
    pipeline.create_topics(PARTITIONS)
    a, b, c = (pipeline.worker(name, *sets) for name in ("a", "b", "c"))
    a.start()
    wait_for_shares(12, a)
    pipeline.sample_commits()
    load = pipeline.generate(EVENTS, rate=RATE)
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
    assert load.running, "the load ended before the last change"
    assert load.finish().sent == EVENTS
    pipeline.wait_until_all_is_committed()
    assert a.stop() == 0
    report = pipeline.check(full=False)
    assert report.inputs == EVENTS
    return report


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
