"""The checker reads topics of a real broker and finds there what test_checker plants in memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from harness.checker import verdict
from harness.checker.contract import Fate, judge
from harness.events import event
from harness.pipeline import Pipeline
from harness.planting import good_outputs, publish

PROCESSED = Fate.PROCESSED


def test_finds_no_fault_in_good_topics(pipeline: Pipeline) -> None:
    publish(pipeline, pipeline.names.processed, good_outputs(pipeline, 100))
    asked = verdict.Question(pipeline.cluster.bootstrap, pipeline.names, full=True)
    report = verdict.check(asked)
    assert report.passed, report
    assert report.inputs == report.counts["processed"] == 100


def test_finds_what_is_planted_in_topics(pipeline: Pipeline) -> None:
    outputs = good_outputs(pipeline, 40)
    raw = event(8)
    outputs[5] = outputs[5]._replace(value=judge(raw).value)  # Another record's.
    outputs[8] = outputs[8]._replace(value=raw)
    planted = [*outputs[:12], *outputs[13:17], *outputs[18:], outputs[30], outputs[30]]
    publish(pipeline, pipeline.names.processed, planted)
    command = [sys.executable, str(Path(__file__).with_name("checker.py")), "--full", "--json"]
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
    asked = verdict.Question(pipeline.cluster.bootstrap, pipeline.names, group=pipeline.group)
    pipeline.commit({0: 15, 1: 15})
    assert set(verdict.check(asked).faults) == {"lost"}
    pipeline.commit({0: 15, 1: 16})
    report = verdict.check(asked)
    assert report.faults["commit_ahead"] == 1, report
