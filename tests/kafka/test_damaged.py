"""A damaged batch of the input holds its partition back, or becomes error records: as is asked for.

Nothing is read beyond it or twice.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from harness.checker.contract import Rules
from harness.events import event
from harness.pipeline import PROGRAM, Pipeline
from harness.waiting import until
from harness.worker import Worker

DAMAGED = 1  # The partition.
EACH = 10  # Events in a batch.
# The last has a queue of all partitions together.
KINDS = [("at-least-once", 2), ("exactly-once", 2), ("at-least-once", 70)]


def batch(mark: str) -> list[tuple[int, bytes | None]]:
    same = {"ip": "1.2.3.4", "device_id": "d"}
    values = [event(0, user_id=f"{mark}-{n}", **same) for n in range(EACH)]
    return [(DAMAGED, value) for value in values]


@contextmanager
def damaged(pipeline: Pipeline, text: bytes) -> Iterator[None]:
    """One byte of `text` is another one, where the broker keeps it."""
    segment = pipeline.cluster.segment(pipeline.names.input, DAMAGED)
    at = segment.read_bytes().index(text)

    def write(byte: bytes) -> None:
        with segment.open("r+b") as file:
            file.seek(at)
            file.write(byte)

    write(b"#")
    yield
    if segment.exists():  # The topic may be gone.
        write(text[:1])


@contextmanager
def worker_before_damage(
    pipeline: Pipeline, guarantee: str, partitions: int, *sets: str
) -> Iterator[Worker]:
    """A worker on three batches, of which the second is damaged."""
    pipeline.create_topics(partitions)
    for mark in ("first", "second", "third"):
        pipeline.produce(batch(mark))
    with damaged(pipeline, b"second-5"):
        yield pipeline.worker("w1", f"delivery.guarantee={guarantee}", *sets).start()


def audit(pipeline: Pipeline) -> tuple[int, str]:
    """Exit code and output of `turnstile audit` on the topics as they are now."""
    command = [str(PROGRAM), "audit", *pipeline.command()[2:]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def produce_bomb(pipeline: Pipeline, codec: str, unpacked: int) -> None:
    """One small batch with one valid event that has so many blanks behind it."""
    value = (batch("bomb")[0][1] or b"") + b" " * unpacked
    properties: dict[str, Any] = {"compression.type": codec, "message.max.bytes": 1_000_000_000}
    pipeline.produce([(DAMAGED, value)], **properties)


def check_skipped(pipeline: Pipeline, inputs: int, skipped: int) -> None:
    report = pipeline.check(rules=Rules(damaged=True))
    assert report.passed, report
    assert (report.inputs, report.repeats) == (inputs, 0)
    assert report.reasons == {"unreadable": skipped}


SKIP = "input.unreadable=skip"


@pytest.mark.parametrize(("guarantee", "partitions"), KINDS)
def test_a_damaged_batch_that_may_be_skipped_becomes_an_error_record_for_each_of_its_offsets(
    pipeline: Pipeline, guarantee: str, partitions: int
) -> None:
    with worker_before_damage(pipeline, guarantee, partitions, SKIP) as worker:
        said = worker.wait_for(
            "batch cannot be read, its offsets become error records", partition=DAMAGED
        )
        first, last = (int(offset) for offset in said["offsets"].split(" to "))
        # The second batch may have become two of the broker's.
        assert EACH <= first <= EACH + 5 <= last < 2 * EACH
        pipeline.produce(batch("fourth"))
        pipeline.wait_until_all_is_committed()
        assert worker.stop() == 0
        # Also while nobody can read them.
        code, said_by_audit = audit(pipeline)
        assert code == 0, said_by_audit
        assert f"unreadable {last + 1 - first}" in said_by_audit
    check_skipped(pipeline, 4 * EACH, last + 1 - first)


def test_a_small_batch_that_unpacks_to_very_much_is_skipped_without_the_memory(
    pipeline: Pipeline,
) -> None:
    pipeline.create_topics(2)
    produce_bomb(pipeline, "gzip", 400_000_000)
    pipeline.produce(batch("behind"))
    worker = pipeline.worker("w1", SKIP).start()
    pipeline.wait_until_all_is_committed()
    assert worker.peak_rss_mib < 200
    assert worker.stop() == 0
    report = pipeline.check(full=False)
    assert report.passed, report
    assert report.reasons == {"unreadable": 1}


def test_an_audit_misses_what_was_skipped_without_an_error_record(pipeline: Pipeline) -> None:
    pipeline.create_topics(2)
    pipeline.produce(batch("before"))
    produce_bomb(pipeline, "zstd", 200_000_000)
    pipeline.produce(batch("behind"))
    pipeline.commit({DAMAGED: 2 * EACH + 1})
    code, said = audit(pipeline)
    assert code == 1
    assert f"{2 * EACH + 1} are missing" in said, said


@pytest.mark.parametrize(("guarantee", "partitions"), KINDS)
def test_a_damaged_batch_is_waited_for(pipeline: Pipeline, guarantee: str, partitions: int) -> None:
    with worker_before_damage(pipeline, guarantee, partitions) as worker:
        for _ in range(2):
            mark = worker.mark
            said = worker.wait_for("partition is read again", since=mark, partition=DAMAGED)
        # The second batch may have become two of the broker's.
        begin = int(said["from"])
        assert EACH <= begin <= EACH + 5
        pipeline.produce([(0, value) for _, value in batch("another")])
        until(lambda: pipeline.committed().get(0) == EACH, 30, "the other partition goes on")
        assert pipeline.committed()[DAMAGED] == begin
        assert pipeline.cluster.ends(pipeline.names.processed)[DAMAGED] < 2 * EACH
    report = pipeline.finish(worker)
    assert (report.inputs, report.repeats) == (4 * EACH, 0)


@pytest.mark.parametrize(("guarantee", "partitions"), KINDS)
def test_a_topic_made_anew_meanwhile_is_read_from_its_beginning(
    pipeline: Pipeline, guarantee: str, partitions: int
) -> None:
    with worker_before_damage(pipeline, guarantee, partitions) as worker:
        worker.wait_for("partition is read again", partition=DAMAGED)
        pipeline.cluster.delete_topic(pipeline.names.input)
        pipeline.cluster.create_topics({pipeline.names.input: partitions})
        pipeline.produce(batch("new")[: EACH // 2])
        pipeline.wait_until_all_is_committed()
    assert worker.stop() == 0


def test_a_restart_is_asked_for_where_offsets_may_not_be_reset(pipeline: Pipeline) -> None:
    pipeline.create_topics(2)
    pipeline.commit({DAMAGED: 0})
    for mark in ("first", "second"):
        pipeline.produce(batch(mark))
    with damaged(pipeline, b"second-5"):
        worker = pipeline.worker("w1", "kafka.consumer.auto.offset.reset=error").start()
        worker.wait_for("partition is read again", partition=DAMAGED)
        worker.wait_for(
            "partition cannot be read",
            partition=DAMAGED,
            error="Local: No offset to automatically reset to; "
            "nothing more is read before the next assignment: restart the worker",
        )
        assert worker.stop() == 0
    worker.start()
    report = pipeline.finish(worker)
    assert (report.inputs, report.repeats) == (2 * EACH, 0)
