"""A worker dies at each place where a crash could hurt most; the next start makes it good.

Needs a program that was built with -Dcrash_points=true, as `scripts/check build` does.
"""

from __future__ import annotations

import json

import pytest
from harness import redrives
from harness.audits import audit
from harness.pipeline import BUILD, Pipeline

PARTITIONS = 4
RATE = 4_000
SIGKILLED = -9

AT_LEAST_ONCE = ("before_produce:9", "after_produce:9", "before_commit:9", "after_commit:9")
EXACTLY_ONCE = (
    "before_produce:9",
    "mid_transaction:9",
    "after_produce:9",
    "between_send_offsets_and_commit:9",
    "after_transaction_commit:9",
)


def has_crash_points() -> bool:
    options = json.loads((BUILD / "meson-info/intro-buildoptions.json").read_text())
    return any(option["name"] == "crash_points" and option["value"] for option in options)


pytestmark = pytest.mark.skipif(
    not has_crash_points(), reason="built without -Dcrash_points=true: no crash points to hit"
)


@pytest.mark.parametrize(
    ("guarantee", "point"),
    [("at-least-once", point) for point in (*AT_LEAST_ONCE, "in_revoke")]
    + [("exactly-once", point) for point in (*EXACTLY_ONCE, "in_revoke")],
)
def test_a_crash_loses_nothing_and_repeats_only_what_may_be(
    pipeline: Pipeline, guarantee: str, point: str
) -> None:
    pipeline.create_topics(PARTITIONS)
    sets = (f"delivery.guarantee={guarantee}", "kafka.consumer.group.instance.id=victim")
    victim = pipeline.worker("victim", *sets)
    victim.crash_at = point
    victim.start().wait_for("partitions assigned", owned=PARTITIONS, timeout_s=60)
    load = pipeline.generate(1_000_000, rate=RATE)  # For as long as it takes.
    other = pipeline.worker("other", f"delivery.guarantee={guarantee}")
    if point == "in_revoke":
        pipeline.wait_until_some_is_committed(RATE)
        other.start()
    assert victim.wait() == SIGKILLED
    assert f"crash point {point.split(':')[0]}" in victim.tail
    assert load.running, "nothing was in flight"
    victim.crash_at = ""
    victim.start()
    load.kill()
    pipeline.wait_until_all_is_committed()
    for worker in (victim, other):
        if worker.running:
            assert worker.stop() == 0
    allowed = 0 if guarantee == "exactly-once" else None
    report = pipeline.check(full=False, stopped=False, repeats_max=allowed)
    assert report.passed, report


@pytest.mark.parametrize("point", ["redrive_before_commit:2", "redrive_after_commit:1"])
def test_a_redrive_that_dies_at_its_commit_is_gone_on_with(pipeline: Pipeline, point: str) -> None:
    pipeline.create_topics(PARTITIONS)
    strict = pipeline.worker("strict", "fields.tenant.required=true").start()
    pipeline.generate(15_000, mix="good").finish()
    pipeline.wait_until_all_is_committed()
    assert strict.stop() == 0
    victim = redrives.start(pipeline, TURNSTILE_TEST_CRASH_AT=point)
    victim.communicate(timeout=120)
    assert victim.returncode == SIGKILLED
    code, done = redrives.redrive(pipeline)
    assert (code, done["went_on"], done["redriven"]) == (0, True, 5_000)
    code, audited = audit(pipeline)
    assert (code, audited["verdict"], audited["redriven"]) == (0, "exactly_once", 15_000)
