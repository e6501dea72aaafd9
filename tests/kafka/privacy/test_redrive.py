"""`turnstile redrive` on a real Kafka: what ended as an error is put right, once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from confluent_kafka import Producer
from harness import redrives, topics
from harness.audits import audit
from harness.events import event
from harness.pipeline import Pipeline
from harness.planting import publish, transactional
from harness.redrives import redrive
from harness.waiting import until

PARTITIONS = 4
TOO_STRICT = "fields.tenant.required=true"
EXACTLY_ONCE = "delivery.guarantee=exactly-once"
FENCED = 76
TRANSACTION = 10_000  # Outputs of one, at most.


def fail_all(pipeline: Pipeline, events: int, *sets: str, mix: str = "good") -> int:
    """A rule was too strict: so many events, and how many of them ended as errors."""
    pipeline.create_topics(PARTITIONS)
    worker = pipeline.worker("strict", TOO_STRICT, *sets).start()
    pipeline.generate(events, mix=mix).finish()
    pipeline.wait_until_all_is_committed()
    assert worker.stop() == 0
    _, before = audit(pipeline)
    assert before["verdict"] == "exactly_once", before["faults"]
    return int(before["error"])


def test_a_rule_was_too_strict_for_three_hours(
    pipeline: Pipeline, tell: Callable[..., None]
) -> None:
    failed = fail_all(pipeline, 25_000, EXACTLY_ONCE, mix="mixed")
    code, would = redrive(pipeline, "--dry-run")
    assert code == 1, "some of them are bad events"
    assert would["selected"] == failed == would["redriven"] + would["failed_again"]
    assert written(pipeline) == 0, "a dry run writes nothing"

    running = redrives.start(pipeline)
    until(lambda: written(pipeline) > TRANSACTION, 60, "it is behind a commit", every_s=0.01)
    running.kill()
    running.communicate()
    code, done = redrive(pipeline)
    tell(went_on=done["went_on"], after_kill=done["redriven"], failed=failed)
    assert code == 1
    assert done["redriven"] < would["redriven"], "what was committed before the kill stays"
    code, audited = audit(pipeline)
    assert (code, audited["verdict"]) == (0, "exactly_once"), audited["faults"]
    assert audited["redriven"] == would["redriven"]
    assert audited["error"] == would["failed_again"]
    report = pipeline.check(full=False, stopped=False)
    assert report.passed, report
    assert report.redriven == audited["redriven"]
    again = redrive(pipeline)[1]
    assert (again["redriven"], again["has_outcome"]) == (0, would["redriven"])


def written(pipeline: Pipeline) -> int:
    """Outputs, also those of an open transaction."""
    return sum(pipeline.cluster.ends(pipeline.names.processed).values())


def test_a_filtered_run_loses_none_of_the_others(pipeline: Pipeline) -> None:
    failed = fail_all(pipeline, 400)
    code, first = redrive(pipeline, "--offsets", "0:0-9")
    assert (code, first["redriven"]) == (0, 10)
    assert redrive(pipeline, "--reason", "bad_timestamp")[1]["selected"] == 0
    assert redrive(pipeline, "--since", "2100-01-01T00:00:00Z")[1]["selected"] == 0
    code, rest = redrive(pipeline, "--reason", "missing_fields")
    assert (code, rest["redriven"], rest["has_outcome"]) == (0, failed - 10, 10)
    assert audit(pipeline)[1]["redriven"] == failed


def test_what_fails_again_stays_and_is_left_after_so_many_attempts(pipeline: Pipeline) -> None:
    failed = fail_all(pipeline, 100)
    for _ in range(2):
        code, tried = redrive(pipeline, "--set", TOO_STRICT, "--attempts-max", "2")
        assert (code, tried["failed_again"], tried["redriven"]) == (1, failed, 0)
    assert tried["table"] == {"missing_fields": {"missing_fields": failed}}
    code, left = redrive(pipeline, "--attempts-max", "2")
    assert (code, left["left"]) == (1, {"attempts": failed})
    ends = pipeline.cluster.ends(pipeline.names.errors)
    assert sum(ends.values()) == failed, "no second error record"
    code, done = redrive(pipeline)
    assert (code, done["redriven"]) == (0, failed)
    ends = pipeline.cluster.ends(pipeline.names.processed)
    spans = {p: topics.Span(0, end) for p, end in ends.items()}
    read = topics.read(pipeline.cluster.bootstrap, pipeline.names.processed, spans)
    assert {dict(record.headers)["turnstile-attempts"] for record in read} == {b"3"}


def test_foreign_and_forged_error_records_are_named_and_left(pipeline: Pipeline) -> None:
    failed = fail_all(pipeline, 40)
    end = max(pipeline.input_ends().values())
    errors = pipeline.names.errors
    producer = Producer({"bootstrap.servers": pipeline.cluster.bootstrap, "acks": "all"})
    reason = ("turnstile-reason", b"bad_value")
    forged = [
        [],
        [("turnstile-origin", b"no origin"), reason],
        [("turnstile-origin", b"elsewhere/0/1"), reason],
        [("turnstile-origin", f"{pipeline.names.input}/{PARTITIONS}/0".encode()), reason],
        [("turnstile-origin", f"{pipeline.names.input}/0/{end + 1000}".encode()), reason],
        [
            ("turnstile-origin", f"{pipeline.names.input}/0/0".encode()),
            ("turnstile-origin-timestamp", b"17"),
            reason,
        ],
    ]
    for headers in forged:
        producer.produce(errors, b"{}", partition=0, headers=headers)
    producer.flush(30)
    spans = {0: topics.Span(0, 3)}
    publish(pipeline, errors, list(topics.read(pipeline.cluster.bootstrap, errors, spans)))
    code, done = redrive(pipeline)
    assert code == 1
    assert (done["redriven"], done["same_input"]) == (failed, 3)
    assert done["left"] == {
        "no_origin": 2,
        "other_topic": 1,
        "no_partition": 1,
        "beyond_end": 1,
        "remade": 1,
    }
    assert done["examples"]["other_topic"] == [f"{errors}/0/{failed_in(pipeline) + 2}"]
    assert audit(pipeline)[1]["redriven"] == failed


def failed_in(pipeline: Pipeline) -> int:
    """Error records of partition 0 but for the nine that were planted."""
    return int(pipeline.cluster.ends(pipeline.names.errors)[0]) - 9


def test_an_input_that_retention_has_removed_is_named_and_left(pipeline: Pipeline) -> None:
    failed = fail_all(pipeline, 200)
    pipeline.cluster.delete_records(pipeline.names.input, {0: 7})
    code, done = redrive(pipeline)
    assert (code, done["left"]) == (1, {"removed": 7})
    assert done["redriven"] == failed - 7


def test_while_workers_run_nothing_is_doubled(pipeline: Pipeline) -> None:
    failed = fail_all(pipeline, 2000, EXACTLY_ONCE)
    worker = pipeline.worker("w2", EXACTLY_ONCE).start()
    worker.wait_for("partitions assigned", owned=PARTITIONS, timeout_s=60)
    load = pipeline.generate(12_000, rate=3000, mix="good")
    code, done = redrive(pipeline)
    load.finish()
    assert (code, done["redriven"]) == (0, failed), done
    pipeline.wait_until_all_is_committed()
    assert worker.stop() == 0
    code, audited = audit(pipeline)
    assert (code, audited["verdict"], audited["redriven"]) == (0, "exactly_once", failed)


def test_of_two_at_once_one_is_fenced_and_nothing_is_doubled(pipeline: Pipeline) -> None:
    failed = fail_all(pipeline, 15_000, EXACTLY_ONCE)
    running = [redrives.start(pipeline) for _ in range(2)]
    ends = [process.communicate(timeout=120) for process in running]
    codes = [process.returncode for process in running]
    assert sorted(codes) in ([0, FENCED], [0, 0]), ends
    if FENCED in codes:
        assert "another redrive of this group has taken over" in ends[codes.index(FENCED)][1]
    code, audited = audit(pipeline)
    assert (code, audited["verdict"], audited["redriven"]) == (0, "exactly_once", failed)


def test_missing_inputs_get_their_outcome(pipeline: Pipeline) -> None:
    pipeline.create_topics(2)
    values = [event(n) for n in range(20)] + [b"no event", b"{}"]
    pipeline.produce([(n % 2, value) for n, value in enumerate(values)], key=b"key")
    pipeline.commit({0: 11, 1: 11})
    assert audit(pipeline)[1]["missing"] == 22
    code, done = redrive(pipeline, "--missing")
    assert (code, done["selected"], done["redriven"], done["errors_written"]) == (1, 22, 20, 2)
    code, audited = audit(pipeline)
    assert (code, audited["verdict"], audited["redriven"]) == (0, "exactly_once", 22), audited
    assert redrive(pipeline, "--missing")[1]["selected"] == 0


def test_what_lies_behind_an_open_transaction_is_waited_for(pipeline: Pipeline) -> None:
    """An outcome may lie there that is there already, and would be written again."""
    failed = fail_all(pipeline, 50)
    other = transactional(pipeline)
    other.begin_transaction()
    other.produce(pipeline.names.processed, b"{}", partition=0)
    other.flush(30)
    first = {0: topics.Span(0, 1)}
    error = next(topics.read(pipeline.cluster.bootstrap, pipeline.names.errors, first))
    place = f"{pipeline.names.errors}/0/0".encode()
    publish(
        pipeline,
        pipeline.names.processed,
        [error._replace(headers=[*error.headers, ("turnstile-redrive", place)])],
    )
    running = redrives.start(pipeline)
    time.sleep(3)
    assert running.poll() is None
    other.abort_transaction(30)
    done = json.loads(running.communicate(timeout=60)[0])
    assert (done["redriven"], done["has_outcome"]) == (failed - 1, 1)
