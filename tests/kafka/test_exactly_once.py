"""Exactly once: readers of committed records see each input once, whatever ends the workers.

The checker reads as such a reader does, up to the high watermarks that it took before: a
transaction that is still open anywhere would keep it from reaching them.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable

import pytest
from harness.pipeline import Pipeline
from harness.waiting import until
from harness.worker import Generator, Worker

EXACTLY_ONCE = "delivery.guarantee=exactly-once"
PARTITIONS = 8
RATE = 4_000
KILLS = 4
KILL_EVERY_S = 5.0
EX_FENCED = 76

# A worker that is stopped for longer than all of these has lost everything when it goes on.
SHORT = (
    "kafka.consumer.session.timeout.ms=6000",
    "drain.timeout_ms=2000",
    "transaction.timeout_ms=3000",
)


def exact(pipeline: Pipeline, name: str, *sets: str) -> Worker:
    return pipeline.worker(name, EXACTLY_ONCE, *sets)


def alone(pipeline: Pipeline, name: str, *sets: str) -> Worker:
    """The first worker of its group, with every partition."""
    pipeline.create_topics(PARTITIONS)
    worker = exact(pipeline, name, *sets).start()
    worker.wait_for("partitions assigned", owned=PARTITIONS, timeout_s=60)
    return worker


def endless(pipeline: Pipeline, rate: int = RATE) -> Generator:
    """A load that lasts for as long as the test needs it, however slow the machine is."""
    return pipeline.generate(1_000_000, rate=rate)


def end(load: Generator) -> None:
    assert load.running, "the load ended before the last change: nothing was in flight"
    load.kill()


def test_a_stop_under_load_commits_what_was_begun_and_repeats_nothing(pipeline: Pipeline) -> None:
    first = alone(pipeline, "first")
    pipeline.sample_commits()
    load = endless(pipeline, 2 * RATE)
    pipeline.wait_until_some_is_committed(RATE)
    assert first.stop() == 0
    end(load)
    second = exact(pipeline, "second").start()
    report = pipeline.finish(second, repeats_max=0)
    assert report.summaries["covered_again"] == 0


def test_killed_workers_lose_nothing_and_repeat_nothing(
    pipeline: Pipeline, tell: Callable[..., None]
) -> None:
    seed = int(os.environ.get("TURNSTILE_TEST_SEED", random.randrange(10**6)))
    tell(seed=seed)
    rng = random.Random(seed)
    pipeline.create_topics(PARTITIONS)
    workers = [
        exact(pipeline, name, f"kafka.consumer.group.instance.id={name}").start()
        for name in ("w1", "w2")
    ]
    for worker in workers:
        worker.wait_for("partitions assigned", owned=PARTITIONS // 2, timeout_s=60)
    load = endless(pipeline)
    for _ in range(KILLS):
        due = time.monotonic() + KILL_EVERY_S
        at = time.monotonic() + rng.uniform(0.0, 3.0)
        until(lambda: time.monotonic() >= at, 5.0, "the moment of the kill", every_s=0.005)
        victim = rng.choice(workers)
        victim.kill()
        mark = victim.mark
        victim.start()
        victim.wait_for("partitions assigned", since=mark, timeout_s=30)
        until(lambda: time.monotonic() >= due, KILL_EVERY_S, "the next kill is due")
    end(load)
    pipeline.finish(*workers, full=False, stopped=False, repeats_max=0)
    assert pipeline.committed() == pipeline.input_ends()


@pytest.mark.parametrize("strategy", ["range,roundrobin", "cooperative-sticky"])
def test_workers_that_come_and_go_repeat_nothing(pipeline: Pipeline, strategy: str) -> None:
    assignor = f"kafka.consumer.partition.assignment.strategy={strategy}"
    stays = alone(pipeline, "stays", assignor)
    load = endless(pipeline)
    pipeline.wait_until_some_is_committed(RATE)
    comes = exact(pipeline, "comes", assignor).start()
    comes.wait_for("partitions assigned", owned=PARTITIONS // 2, timeout_s=30)
    await_progress(pipeline)
    assert comes.stop() == 0
    await_progress(pipeline)
    end(load)
    pipeline.finish(stays, full=False, repeats_max=0)


def test_a_worker_whose_id_another_one_takes_leaves_and_says_why(pipeline: Pipeline) -> None:
    first = alone(pipeline, "first", "workers.id=same")
    load = endless(pipeline)
    pipeline.wait_until_some_is_committed(RATE)
    second = exact(pipeline, "second", "workers.id=same").start()
    assert first.wait(timeout_s=30) == EX_FENCED
    fenced = first.said("worker stops", cause="fenced")
    assert fenced is not None
    assert fenced["transactional_id"].startswith(f"{pipeline.group}-same-")
    end(load)
    pipeline.finish(second, full=False, stopped=False, repeats_max=0)


def await_progress(pipeline: Pipeline) -> None:
    """Until each partition has got further than it is now, or to its end."""
    was = pipeline.committed()

    def moved() -> bool:
        now, ends = pipeline.committed(), pipeline.input_ends()
        return all(now.get(p, 0) > was.get(p, 0) or now.get(p, 0) == ends[p] for p in ends)

    until(moved, 30.0, "every partition has got further", every_s=0.2)


def test_a_worker_that_slept_through_its_session_repeats_nothing(pipeline: Pipeline) -> None:
    pipeline.create_topics(PARTITIONS)
    sleeper, other = (exact(pipeline, name, *SHORT).start() for name in ("sleeper", "other"))
    for worker in (sleeper, other):
        worker.wait_for("partitions assigned", owned=PARTITIONS // 2, timeout_s=60)
    load = endless(pipeline)
    pipeline.wait_until_some_is_committed(RATE)
    mark = other.mark
    sleeper.send(signal.SIGSTOP)
    try:
        other.wait_for("partitions assigned", since=mark, owned=PARTITIONS, timeout_s=30)
        # Then what the sleeper had open is aborted, and its partitions are read on.
        await_progress(pipeline)
    finally:
        sleeper.send(signal.SIGCONT)
    sleeper.wait_for("partitions lost")
    end(load)
    pipeline.finish(sleeper, other, full=False, stopped=False, repeats_max=0)


def test_a_line_too_slow_for_what_a_transaction_may_hold_is_no_standstill(
    pipeline: Pipeline,
) -> None:
    """The line is a quota: what is read of a backlog takes longer than a transaction may last."""
    pipeline.create_topics(PARTITIONS)
    pipeline.generate(20_000).finish()
    pipeline.cluster.limit_writing("slow", 300_000)
    worker = exact(pipeline, "slow", "transaction.timeout_ms=2000").start()
    pipeline.wait_until_some_is_committed(1, timeout_s=60)
    assert worker.stop() == 0, "the last summary waited with what was in flight"
    worker.start()
    pipeline.finish(worker, timeout_s=120, full=False, stopped=False, repeats_max=0)


def test_a_broker_killed_and_started_again_under_load_repeats_nothing(
    pipeline: Pipeline, tell: Callable[..., None]
) -> None:
    """The session ends too: what was being committed just then is in no summary."""
    worker = alone(pipeline, "w1", *SHORT)
    load = endless(pipeline, 2 * RATE)
    pipeline.wait_until_some_is_committed(RATE)
    with pipeline.cluster.down():
        worker.wait_for("librdkafka", timeout_s=10)
        # Longer than a transaction may last: its coordinator comes back and gives it up.
        threading.Event().wait(4.0)
    # Kafka 4.3.1 may end a commit that was under way without its markers (KAFKA-20734): what it
    # wrote is readable when the same producer commits in those partitions again.
    pipeline.wait_until_some_is_committed(8 * RATE, timeout_s=60)
    end(load)
    pipeline.wait_until_all_is_committed()
    assert worker.running, "the worker did not resume by itself"
    assert worker.stop() == 0
    report = pipeline.check(full=False, stopped=False, repeats_max=0)
    tell(doubts=sum("resolved" in line.get("event", "") for line in worker.lines))
    assert report.passed, report
    assert pipeline.committed() == pipeline.input_ends()
