"""`turnstile audit` on a real Kafka, beside the checker: two implementations, one verdict."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from harness.audits import audit, moving
from harness.pipeline import Pipeline
from harness.planting import good_outputs, publish, transactional
from harness.waiting import until

EVENTS = 30_000

# The audit's word for what the checker calls otherwise.
SAME = {"missing": "lost"}


def test_agrees_with_the_checker_after_kills_and_restarts(
    pipeline: Pipeline, tell: Callable[..., None]
) -> None:
    pipeline.create_topics(6)
    workers = [pipeline.worker(name).start() for name in ("w1", "w2")]
    for worker in workers:
        worker.wait_for("partitions assigned", owned=3, timeout_s=60)
    load = pipeline.generate(EVENTS, rate=6000, mix="mixed")
    pipeline.wait_until_some_is_committed(EVENTS // 5)
    workers[0].kill()
    workers[0].start()
    sent = load.finish()
    pipeline.wait_until_all_is_committed()
    assert [worker.stop() for worker in workers] == [0, 0]

    checked = pipeline.check(full=False, stopped=False)
    code, audited = audit(pipeline)
    tell(repeats=checked.repeats, uncovered=audited["summaries"]["uncovered"])
    assert checked.passed, checked
    assert audited["inputs"] == checked.inputs == sent.sent
    assert audited["missing"] == audited["unknown"] == audited["waiting"] == 0
    for fate in ("processed", "error", "cleaned"):
        assert audited[fate] == checked.counts[fate], fate
    assert audited["repeats"] == checked.repeats
    assert audited["reasons"] == checked.reasons
    for name in ("workers", "summaries", "uncovered", "covered_again"):
        assert audited["summaries"][name] == checked.summaries[name], name
    assert set(audited["faults"]) == ({"repeated"} if checked.repeats else set()), audited["faults"]
    assert code == (1 if checked.repeats else 0)


def test_agrees_with_the_checker_about_planted_faults(pipeline: Pipeline) -> None:
    outputs = good_outputs(pipeline, 60)
    outputs[9] = outputs[9]._replace(headers=[("turnstile-origin", b"user-login/0")])
    outputs[21] = outputs[21]._replace(partition=0)
    foreign = outputs[2]._replace(headers=[("turnstile-origin", b"elsewhere/0/2")])
    planted = [*outputs[:12], *outputs[13:17], *outputs[18:], outputs[30], outputs[30], foreign]
    planted[40], planted[44] = planted[44], planted[40]
    publish(pipeline, pipeline.names.processed, planted)
    pipeline.commit({0: 15, 1: 16})
    checked = pipeline.check(full=False, stopped=False)
    code, audited = audit(pipeline, group=False)
    assert code == 1
    found = {SAME.get(kind, kind): count for kind, count in audited["faults"].items()}
    assert found.pop("repeated") == checked.repeats == 2
    expected = {kind: n for kind, n in checked.faults.items() if kind != "commit_ahead"}
    assert found == expected
    assert set(expected) >= {"lost", "no_origin", "foreign", "order", "wrong_partition"}
    _, with_group = audit(pipeline)
    assert with_group["faults"].get("commit_ahead") == checked.faults.get("commit_ahead")


def test_transaction_markers_and_aborted_records_are_no_loss(pipeline: Pipeline) -> None:
    pipeline.create_topics(1)
    producer = transactional(pipeline)
    for number, end in enumerate((producer.commit_transaction, producer.abort_transaction) * 3):
        producer.begin_transaction()
        for n in range(5):
            producer.produce(pipeline.names.input, f"event {number} {n}".encode(), partition=0)
        producer.flush(30)
        end(30)
    worker = pipeline.worker().start()
    until(lambda: sum(pipeline.committed().values()) >= 28, 60, "the last record is committed")
    assert worker.stop() == 0
    code, audited = audit(pipeline, "--stopped")
    assert audited["inputs"] == audited["error"] == 15
    assert audited["no_record"] == 6 + 15, "a marker each, and the aborted records"
    assert (code, audited["verdict"]) == (0, "exactly_once"), audited
    code, audited = audit(pipeline, "--isolation", "read_uncommitted")
    assert audited["missing"] + audited["waiting"] == 15, audited
    assert code == 1


def test_what_retention_removed_is_unknown_and_a_loss_behind_it_is_a_loss(
    pipeline: Pipeline,
) -> None:
    outputs = good_outputs(pipeline, 100)
    publish(pipeline, pipeline.names.processed, outputs[:60] + outputs[62:])
    pipeline.cluster.delete_records(pipeline.names.processed, {0: 10, 1: 20})
    code, audited = audit(pipeline, group=False)
    assert code == 1 and audited["faults"] == {"missing": 2}
    assert [p["unknown"] for p in audited["partitions"]] == [10, 20]
    assert audited["missing"] == 2
    pipeline.cluster.delete_records(pipeline.names.processed, {0: 35, 1: 35})
    code, audited = audit(pipeline, group=False)
    assert (code, audited["verdict"], audited["missing"]) == (1, "not_known", 0)


def test_outputs_of_an_open_transaction_are_not_known_and_of_an_aborted_one_missing(
    pipeline: Pipeline,
) -> None:
    outputs = good_outputs(pipeline, 20)
    publish(pipeline, pipeline.names.processed, outputs[:10])
    producer = transactional(pipeline)
    producer.begin_transaction()
    for record in outputs[10:]:
        producer.produce(
            pipeline.names.processed,
            record.value,
            record.key,
            partition=record.partition,
            headers=record.headers,
        )
    producer.flush(30)
    code, audited = audit(pipeline, group=False)
    assert (code, audited["missing"], audited["unknown"]) == (1, 0, 10), audited["faults"]
    code, audited = audit(pipeline, "--isolation", "read_uncommitted", group=False)
    assert (code, audited["verdict"]) == (0, "exactly_once")
    producer.abort_transaction(30)
    code, audited = audit(pipeline, group=False)
    assert (code, audited["missing"], audited["unknown"]) == (1, 10, 0)


def test_goes_on_after_a_restart_and_finds_what_came_between(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    outputs = good_outputs(pipeline, 100)
    publish(pipeline, pipeline.names.processed, outputs[:50])
    state = tmp_path / "audit.state"
    follow = ("--follow", "--interval", "1", "--lag-max", "2", "--state", str(state))
    first, code = moving(pipeline, follow, lambda seen: seen["missing"] == 50)
    assert first["processed"] == 50 and code == 1
    publish(pipeline, pipeline.names.processed, [*outputs[50:], outputs[3]])
    second, code = moving(pipeline, follow, lambda seen: seen["processed"] == 100)
    assert (second["missing"], second["repeats"], code) == (0, 1, 1)
    assert len(state.read_bytes()) < 4096
