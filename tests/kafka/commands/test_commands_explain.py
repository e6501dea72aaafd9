"""`turnstile explain --from`: the record, or which of the reasons why there is none."""

from __future__ import annotations

import json
import subprocess

from harness.pipeline import PROGRAM, Pipeline
from harness.worker import environment

CLOSED = "127.0.0.1:1"


def explain(brokers: str, place: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROGRAM), "explain", "--json", "--brokers", brokers, "--from", place],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(),
        check=False,
    )


def test_explain_says_whether_topic_partition_record_or_broker_is_missing(
    pipeline: Pipeline,
) -> None:
    pipeline.create_topics(1)
    pipeline.generate(20).finish()
    topic, brokers = pipeline.names.input, pipeline.cluster.bootstrap
    found = explain(brokers, f"{topic}/0/19")
    assert found.returncode == 0 and json.loads(found.stdout)["outcome"] == "processed"
    for place, why in [
        ("nope/0/0", "there is no topic nope"),
        (f"{topic}/7/0", f"topic {topic} has 1 partition, no partition 7"),
        (f"{topic}/0/20", "there is no offset 20: the partition has offsets 0 to 19"),
        (f"{pipeline.names.errors}/0/0", "there is no offset 0: the partition is empty"),
    ]:
        missing = explain(brokers, place)
        assert (missing.returncode, missing.stdout) == (69, "")
        assert missing.stderr == f"turnstile: {why}\n"
    unreached = explain(CLOSED, f"{topic}/0/0")
    assert unreached.returncode == 69
    assert unreached.stderr.startswith("turnstile: no broker answers: 127.0.0.1:1: ")
    assert unreached.stderr.count("\n") == 1
