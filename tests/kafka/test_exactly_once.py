"""Exactly once: readers of committed records see each input once, whatever ends the workers.

The checker reads as such a reader does, up to the high watermarks that it took before: a transaction
that is still open anywhere would keep it from reaching them.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable

from pipeline import Pipeline
from waiting import until
from worker import Worker

EXACTLY_ONCE = "delivery.guarantee=exactly-once"
PARTITIONS = 8
RATE = 4_000
KILLS = 4
KILL_EVERY_S = 5.0
EX_FENCED = 76


def exact(pipeline: Pipeline, name: str, *sets: str) -> Worker:
    return pipeline.worker(name, EXACTLY_ONCE, *sets)


def alone(pipeline: Pipeline, name: str, *sets: str) -> Worker:
    """The first worker of its group, with every partition."""
    pipeline.create_topics(PARTITIONS)
    worker = exact(pipeline, name, *sets).start()
    worker.wait_for("partitions assigned", owned=PARTITIONS, timeout_s=60)
    return worker


def test_a_stop_under_load_commits_what_was_begun_and_repeats_nothing(pipeline: Pipeline) -> None:
    first = alone(pipeline, "first")
    pipeline.sample_commits()
    load = pipeline.generate(40_000, rate=2 * RATE)
    pipeline.wait_until_some_is_committed(RATE)
    assert first.stop() == 0
    assert load.running, "nothing was in flight"
    load.finish()
    second = exact(pipeline, "second").start()
    pipeline.wait_until_all_is_committed()
    assert second.stop() == 0
    report = pipeline.check(repeats_max=0)
    assert report.passed, report
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
    load = pipeline.generate(int(RATE * KILL_EVERY_S * (KILLS + 0.5)), rate=RATE)
    for number in range(KILLS):
        due = time.monotonic() + KILL_EVERY_S
        at = time.monotonic() + rng.uniform(0.0, 3.0)
        until(lambda: time.monotonic() >= at, 5.0, "the moment of the kill", every_s=0.005)
        victim = rng.choice(workers)
        victim.kill()
        mark = victim.mark
        victim.start()
        victim.wait_for("partitions assigned", since=mark, timeout_s=20)
        assert load.running, f"the load ended before kill {number + 1}: nothing was in flight"
        until(lambda: time.monotonic() >= due, KILL_EVERY_S, "the next kill is due")
    sent = load.finish()
    pipeline.wait_until_all_is_committed()
    assert [worker.stop() for worker in workers] == [0, 0]
    report = pipeline.check(full=False, stopped=False, repeats_max=0)
    assert report.passed, report
    assert report.inputs == sent.sent
    assert report.counts["processed"] == sent.processed
    assert pipeline.committed() == pipeline.input_ends()


def test_workers_that_come_and_go_repeat_nothing(pipeline: Pipeline) -> None:
    stays = alone(pipeline, "stays")
    load = pipeline.generate(40_000, rate=RATE)
    pipeline.wait_until_some_is_committed(RATE)
    comes = exact(pipeline, "comes").start()
    comes.wait_for("partitions assigned", owned=PARTITIONS // 2, timeout_s=30)
    pipeline.wait_until_some_is_committed(sum(pipeline.committed().values()) + RATE)
    assert comes.stop() == 0
    assert load.running, "the load ended before the last change"
    load.finish()
    pipeline.wait_until_all_is_committed()
    assert stays.stop() == 0
    report = pipeline.check(full=False, repeats_max=0)
    assert report.passed, report


def test_a_worker_whose_id_another_one_takes_leaves_and_says_why(pipeline: Pipeline) -> None:
    first = alone(pipeline, "first", "workers.id=same")
    load = pipeline.generate(30_000, rate=RATE)
    pipeline.wait_until_some_is_committed(RATE)
    second = exact(pipeline, "second", "workers.id=same").start()
    assert first.wait(timeout_s=30) == EX_FENCED
    fenced = first.said("worker stops", cause="fenced")
    assert fenced is not None
    assert fenced["transactional_id"].startswith(f"{pipeline.group}-same-")
    load.finish()
    pipeline.wait_until_all_is_committed()
    assert second.stop() == 0
    report = pipeline.check(full=False, stopped=False, repeats_max=0)
    assert report.passed, report
