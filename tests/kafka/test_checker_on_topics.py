"""The checker reads topics of a real broker and finds there what test_checker plants in memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import checker
import model
import topics
from confluent_kafka import Producer
from contract import Fate, judge
from pipeline import Pipeline
from test_end_to_end import event

PROCESSED = Fate.PROCESSED


def good_outputs(pipeline: Pipeline, count: int) -> list[topics.Record]:
    """Writes good events and returns what must become of them, in the order of their writing."""
    pipeline.create_topics(2)
    values = [event(n) for n in range(count)]
    pipeline.produce([(n % 2, value) for n, value in enumerate(values)], key=b"key")
    spans = {p: topics.Span(0, end) for p, end in pipeline.input_ends().items()}
    read = topics.read(pipeline.cluster.bootstrap, pipeline.names.input, spans)
    made = model.Model(outputs={fate: [] for fate in model.FATES}, topic=pipeline.names.input)
    for source in sorted(read, key=lambda r: (r.offset, r.partition)):
        model.write(made, source)
    return made.outputs[PROCESSED]


def publish(pipeline: Pipeline, topic: str, records: list[topics.Record]) -> None:
    producer = Producer({"bootstrap.servers": pipeline.cluster.bootstrap, "acks": "all"})
    for record in records:
        producer.produce(
            topic,
            record.value,
            record.key,
            partition=record.partition,
            headers=record.headers,
            timestamp=record.timestamp_ms,
        )
    assert producer.flush(30.0) == 0


def test_finds_no_fault_in_good_topics(pipeline: Pipeline) -> None:
    publish(pipeline, pipeline.names.processed, good_outputs(pipeline, 100))
    asked = checker.Question(pipeline.cluster.bootstrap, pipeline.names, full=True)
    report = checker.check(asked)
    assert report.passed, report
    assert report.inputs == report.counts["processed"] == 100


def test_finds_what_is_planted_in_topics(pipeline: Pipeline) -> None:
    outputs = good_outputs(pipeline, 40)
    raw = event(8)
    outputs[5] = outputs[5]._replace(value=judge(raw).value)  # Another record's.
    outputs[8] = outputs[8]._replace(value=raw)
    planted = [*outputs[:12], *outputs[13:17], *outputs[18:], outputs[30], outputs[30]]
    publish(pipeline, pipeline.names.processed, planted)
    command = [sys.executable, str(Path(checker.__file__)), "--full", "--json"]
    command += ["--brokers", pipeline.cluster.bootstrap, "--prefix", f"{pipeline.group}."]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert report["faults"]["lost"] == 2
    assert report["faults"]["raw_value"] == 1
    assert report["faults"]["wrong_pseudonym"] >= 2
    assert report["repeats"] == 2


def test_finds_a_commit_that_is_ahead(pipeline: Pipeline) -> None:
    outputs = good_outputs(pipeline, 40)
    publish(pipeline, pipeline.names.processed, outputs[:30])
    asked = checker.Question(pipeline.cluster.bootstrap, pipeline.names, group=pipeline.group)
    pipeline.commit({0: 15, 1: 15})
    assert set(checker.check(asked).faults) == {"lost"}
    pipeline.commit({0: 15, 1: 16})
    report = checker.check(asked)
    assert report.faults["commit_ahead"] == 1, report
