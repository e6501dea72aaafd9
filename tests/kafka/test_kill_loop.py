"""Workers are killed again and again: nothing is lost, and little is done twice."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable

from harness.pipeline import Pipeline
from harness.waiting import until
from harness.worker import Worker

PARTITIONS = 12
RATE = 4_000
KILLS = 10
KILL_EVERY_S = 5.0
REPEATS_MAX_SHARE = 0.01

# What a kill may repeat at most: what was in flight (the credit) and what was not yet committed.
CREDIT = 32_768
COMMIT_INTERVAL_S = 0.05


def static(pipeline: Pipeline, name: str) -> Worker:
    """A static member: started again within the session it has its partitions back at once."""
    return pipeline.worker(name, f"kafka.consumer.group.instance.id={name}")


def test_ten_kills_lose_nothing_and_repeat_less_than_one_percent(
    pipeline: Pipeline, tell: Callable[..., None]
) -> None:
    seed = int(os.environ.get("TURNSTILE_TEST_SEED", random.randrange(10**6)))
    tell(seed=seed)
    rng = random.Random(seed)
    pipeline.create_topics(PARTITIONS)
    workers = [static(pipeline, name).start() for name in ("w1", "w2")]
    for worker in workers:
        worker.wait_for("partitions assigned", owned=PARTITIONS // 2, timeout_s=60)
    pipeline.sample_commits()
    load = pipeline.generate(int(RATE * KILL_EVERY_S * (KILLS + 0.5)), rate=RATE)
    for number in range(KILLS):
        due = time.monotonic() + KILL_EVERY_S
        kill_one(rng, rng.choice(workers), pipeline)
        assert load.running, f"the load ended before kill {number + 1}: nothing was in flight"
        until(lambda: time.monotonic() >= due, KILL_EVERY_S, "the next kill is due")
    sent = load.finish()
    pipeline.wait_until_all_is_committed()
    assert [worker.stop() for worker in workers] == [0, 0]

    report = pipeline.check(full=False, stopped=False)
    tell(repeats=report.repeats, share=f"{report.repeats / report.inputs:.2%}")
    assert report.passed, report
    assert report.inputs == sent.sent
    assert report.counts["processed"] == sent.processed
    assert report.repeats <= KILLS * (CREDIT + RATE * COMMIT_INTERVAL_S)
    assert report.repeats < REPEATS_MAX_SHARE * report.inputs


def kill_one(rng: random.Random, victim: Worker, pipeline: Pipeline) -> None:
    """Kills it within the next three seconds, while it works, and starts it again."""
    at = time.monotonic() + rng.uniform(0.0, 3.0)
    until(lambda: time.monotonic() >= at, 5.0, "the moment of the kill", every_s=0.005)
    victim.kill()
    mark = victim.mark
    victim.start()
    victim.wait_for("partitions assigned", since=mark, timeout_s=20)
