"""How soon partitions are read again after a worker is gone, or the broker was."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable

from harness.pipeline import Pipeline
from harness.waiting import until
from harness.worker import Worker

PARTITIONS = 8
RATE = 2_000
AFTER_KILL_S = 15.0
AFTER_STOP_S = 3.0
FROZEN_S = 4.0
TAKES_NOTHING_S = 60.0
BUDGET_MIB = 256  # The default of memory.budget_mib.


def two_workers_under_load(pipeline: Pipeline) -> tuple[Worker, Worker]:
    """With the default configuration."""
    pipeline.create_topics(PARTITIONS)
    stays, goes = pipeline.worker("stays").start(), pipeline.worker("goes").start()
    for worker in (stays, goes):
        worker.wait_for("partitions assigned", owned=PARTITIONS // 2, timeout_s=60)
    return stays, goes


def seconds_until_all_move(pipeline: Pipeline, timeout_s: float) -> float:
    """Until each partition has outputs beyond those it has now."""
    began = time.monotonic()
    before = pipeline.cluster.ends(pipeline.names.processed)

    def moved() -> bool:
        now = pipeline.cluster.ends(pipeline.names.processed)
        return all(now[p] > end for p, end in before.items())

    until(moved, timeout_s, "each partition has new outputs")
    return time.monotonic() - began


def finish(pipeline: Pipeline, stays: Worker) -> None:
    pipeline.wait_until_all_is_committed()
    assert stays.stop() == 0


def test_partitions_of_a_killed_worker_are_read_again_within_15_seconds(
    pipeline: Pipeline, tell: Callable[..., None]
) -> None:
    stays, goes = two_workers_under_load(pipeline)
    load = pipeline.generate(40_000, rate=RATE)
    pipeline.wait_until_some_is_committed(RATE)
    goes.kill()
    took = seconds_until_all_move(pipeline, AFTER_KILL_S + 15)
    tell(seconds=f"{took:.1f}")
    assert took <= AFTER_KILL_S
    load.finish()
    finish(pipeline, stays)
    report = pipeline.check(full=False, stopped=False)
    assert report.passed, report


def test_partitions_of_a_stopped_worker_are_read_again_within_3_seconds(
    pipeline: Pipeline, tell: Callable[..., None]
) -> None:
    stays, goes = two_workers_under_load(pipeline)
    load = pipeline.generate(20_000, rate=RATE)
    pipeline.wait_until_some_is_committed(RATE)
    goes.send(signal.SIGTERM)
    took = seconds_until_all_move(pipeline, AFTER_STOP_S + 15)
    tell(seconds=f"{took:.1f}")
    assert took <= AFTER_STOP_S
    assert goes.wait() == 0
    load.finish()
    finish(pipeline, stays)
    report = pipeline.check(full=False, repeats_max=0)
    assert report.passed, report


def test_a_broker_killed_and_started_again_under_load_loses_nothing(
    pipeline: Pipeline, tell: Callable[..., None]
) -> None:
    pipeline.create_topics(PARTITIONS)
    worker = pipeline.worker().start()
    pipeline.sample_commits()
    load = pipeline.generate(60_000, rate=RATE * 2)
    pipeline.wait_until_some_is_committed(RATE)
    with pipeline.cluster.down():
        assert load.running, "nothing was in flight"
        worker.wait_for("librdkafka", timeout_s=10)
    took = seconds_until_all_move(pipeline, 60)
    sent = load.finish()
    pipeline.wait_until_all_is_committed()
    assert worker.running, "the worker did not resume by itself"
    assert worker.stop() == 0
    report = pipeline.check(full=False)
    tell(repeats=report.repeats, resumed_after_s=f"{took:.1f}")
    assert report.passed, report
    assert report.inputs >= sent.sent


def test_a_broker_that_answers_nothing_for_a_while_loses_and_repeats_nothing(
    pipeline: Pipeline,
) -> None:
    """Shorter than the session: nobody loses a partition."""
    pipeline.create_topics(PARTITIONS)
    worker = pipeline.worker().start()
    load = pipeline.generate(30_000, rate=RATE * 2)
    pipeline.wait_until_some_is_committed(RATE)
    with pipeline.cluster.frozen():
        threading.Event().wait(FROZEN_S)
    load.finish()
    pipeline.finish(worker, full=False, repeats_max=0)


def test_memory_stays_within_its_budget_while_the_broker_takes_nothing_for_a_minute(
    pipeline: Pipeline, tell: Callable[..., None]
) -> None:
    """With plenty to read before and after. The session is over meanwhile, so some is repeated."""
    pipeline.create_topics(PARTITIONS)
    sent = pipeline.generate(600_000).finish()
    worker = pipeline.worker().start()
    pipeline.wait_until_some_is_committed(RATE)
    with pipeline.cluster.frozen():
        threading.Event().wait(TAKES_NOTHING_S)
        assert worker.running
    assert sum(pipeline.committed().values()) < sent.sent, "there was nothing left to read"
    pipeline.wait_until_all_is_committed(90)
    peak_mib = worker.peak_rss_mib
    assert worker.stop() == 0
    report = pipeline.check(full=False)
    tell(peak_mib=f"{peak_mib:.0f}", repeats=report.repeats)
    assert report.passed, report
    assert peak_mib <= BUDGET_MIB
