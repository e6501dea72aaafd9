"""`turnstile audit` where inputs are gone: removed unread, or with their topic, or kept back."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from confluent_kafka import Producer
from harness.audits import audit, command
from harness.events import event
from harness.pipeline import Pipeline
from harness.planting import transactional
from harness.topics import Span, read
from harness.waiting import until

ORIGIN, TIME = "turnstile-origin", "turnstile-origin-timestamp"


def send(pipeline: Pipeline, numbers: range) -> None:
    pipeline.produce([(0, event(n)) for n in numbers], key=b"key")


def process(pipeline: Pipeline, *sets: str) -> None:
    worker = pipeline.worker("w1", *sets).start()
    pipeline.wait_until_all_is_committed()
    assert worker.stop() == 0


def unknown(audited: dict[str, Any]) -> list[list[int]]:
    return audited["partitions"][0]["unknown_ranges"]


def test_inputs_removed_before_the_first_start_are_unknown_and_counted(pipeline: Pipeline) -> None:
    pipeline.create_topics(1)
    send(pipeline, range(50))
    pipeline.cluster.delete_records(pipeline.names.input, {0: 20})
    process(pipeline)
    for more in ((), ("--stopped",)):
        code, audited = audit(pipeline, *more)
        assert (code, audited["verdict"]) == (1, "not_known"), audited
        assert (audited["unknown"], audited["removed"], audited["processed"]) == (20, 20, 30)
        assert unknown(audited) == [[0, 20]]


def test_inputs_removed_between_two_runs_are_unknown_those_removed_after_them_are_not(
    pipeline: Pipeline,
) -> None:
    pipeline.create_topics(1)
    send(pipeline, range(20))
    process(pipeline)
    pipeline.cluster.delete_records(pipeline.names.input, {0: 10})
    code, audited = audit(pipeline, "--stopped")
    assert (code, audited["verdict"], audited["outside"]) == (0, "exactly_once", 10), audited
    send(pipeline, range(30))
    pipeline.cluster.delete_records(pipeline.names.input, {0: 35})
    code, audited = audit(pipeline)
    assert (code, audited["waiting"], unknown(audited)) == (1, 15, [[20, 35]]), audited
    process(pipeline)
    code, audited = audit(pipeline)
    assert (code, audited["processed"], unknown(audited)) == (1, 15, [[20, 35]]), audited
    # Were the outputs before it removed too, summaries tell still.
    pipeline.cluster.delete_records(pipeline.names.processed, {0: 20})
    code, audited = audit(pipeline)
    assert (code, unknown(audited)) == (1, [[20, 35]]), audited
    pipeline.cluster.delete_records(pipeline.names.summary, {0: 1})
    code, audited = audit(pipeline)
    assert (code, audited["inputs"]) == (0, 15), audited


def test_where_no_input_is_left_nothing_is_shown(pipeline: Pipeline) -> None:
    pipeline.create_topics(1)
    idle = pipeline.worker("idle").start()
    idle.wait_for("partitions assigned", owned=1, timeout_s=60)
    assert idle.stop() == 0
    code, audited = audit(pipeline)
    assert (code, audited["verdict"], audited["inputs"]) == (1, "not_known", 0)
    send(pipeline, range(10))
    process(pipeline)
    pipeline.cluster.delete_records(pipeline.names.input, {0: 10})
    code, audited = audit(pipeline)
    assert (code, audited["verdict"], audited["inputs"]) == (1, "not_known", 0)
    shown = command(pipeline)
    shown.remove("--json")
    done = subprocess.run(shown, capture_output=True, text=True, timeout=60, check=False)
    assert "UNKNOWN no input that was asked for is left" in done.stdout, done


def test_an_input_topic_that_was_made_anew_is_no_proof_of_what_came_before(
    pipeline: Pipeline,
) -> None:
    pipeline.create_topics(1)
    send(pipeline, range(40))
    process(pipeline)
    pipeline.cluster.delete_topic(pipeline.names.input)
    pipeline.cluster.create_topics({pipeline.names.input: 1})
    send(pipeline, range(30))
    for group in (True, False):
        code, audited = audit(pipeline, group=group)
        assert (code, audited["earlier"], audited["processed"]) == (1, 40, 0), audited
        # With its topic the group's offset is gone too.
        assert audited["waiting" if group else "missing"] == 30
    pipeline.commit({0: 0})
    process(pipeline)
    code, audited = audit(pipeline)
    assert (code, audited["verdict"], audited["earlier"]) == (0, "exactly_once", 40), audited
    assert (audited["processed"], audited["repeats"]) == (30, 0)
    span = {0: Span(0, pipeline.cluster.ends(pipeline.names.processed)[0])}
    outputs = list(read(pipeline.cluster.bootstrap, pipeline.names.processed, span))
    known = {(dict(o.headers)[ORIGIN], dict(o.headers)[TIME]) for o in outputs}
    assert len(known) == len(outputs) == 70, "a reader that drops what it knows loses nothing"


def test_an_empty_input_topic_of_the_same_name_shows_nothing(pipeline: Pipeline) -> None:
    pipeline.create_topics(1)
    send(pipeline, range(10))
    process(pipeline)
    pipeline.cluster.delete_topic(pipeline.names.input)
    pipeline.cluster.create_topics({pipeline.names.input: 1})
    code, audited = audit(pipeline, group=False)
    assert (code, audited["earlier"], audited["inputs"]) == (1, 10, 0), audited


def test_what_waits_behind_an_open_transaction_is_counted_as_waiting(pipeline: Pipeline) -> None:
    pipeline.create_topics(1)
    send(pipeline, range(5))
    process(pipeline)
    producer: Producer = transactional(pipeline)
    producer.begin_transaction()
    producer.produce(pipeline.names.input, event(5), partition=0)
    producer.flush(30)
    send(pipeline, range(100))
    code, audited = audit(pipeline)
    assert (code, audited["verdict"], audited["waiting"]) == (1, "not_known", 100), audited
    assert audited["partitions"][0]["waiting_ranges"] == [[6, 106]]
    assert audited["partitions"][0]["held"] == 100
    producer.abort_transaction(30)
    process_all = pipeline.worker().start()
    until(lambda: pipeline.committed().get(0, 0) >= 106, 60, "all is committed")
    assert process_all.stop() == 0
    code, audited = audit(pipeline)
    assert (code, audited["processed"], audited["waiting"]) == (0, 105, 0), audited


@pytest.mark.parametrize("role", ["cleaned", "summary"])
def test_with_a_topic_missing_the_rest_is_judged(pipeline: Pipeline, role: str) -> None:
    pipeline.create_topics(1)
    send(pipeline, range(10))
    process(pipeline)
    topic = getattr(pipeline.names, role)
    pipeline.cluster.delete_topic(topic)
    code, audited = audit(pipeline)
    assert (code, audited["verdict"], audited["processed"]) == (1, "not_known", 10), audited
    assert audited["missing_topics"] == [topic]
    # An input without output may have had it there.
    send(pipeline, range(3))
    code, audited = audit(pipeline, group=False)
    expected = ("unknown", 3) if role == "cleaned" else ("missing", 3)
    assert (code, audited[expected[0]]) == (1, expected[1]), audited
