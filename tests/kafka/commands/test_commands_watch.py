"""What `turnstile watch` shows: chosen records, summaries added up, no control characters."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from typing import Any

from confluent_kafka import Producer
from harness.pipeline import PROGRAM, Pipeline
from harness.worker import environment

HOSTILE = "\x1b[2J\x07\x9b31m\u202e\n"


def command(pipeline: Pipeline, *more: str) -> list[str]:
    return [str(PROGRAM), "watch", "--brokers", pipeline.cluster.bootstrap, *more]


def watch(pipeline: Pipeline, *more: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        command(pipeline, *more, "--until-end"), capture_output=True, timeout=60, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def on_terminal(asked: list[str]) -> str:
    """What stands on a terminal of 24 lines and 80 columns, which has colours switched off."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        asked,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={**environment(), "NO_COLOR": "1", "TERM": "xterm"},
    ) as running:
        os.close(theirs)
        seen = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # The terminal is gone with its last writer.
                break
            if not part:
                break
            seen += part
        os.close(ours)
        assert running.wait(60) == 0
    return seen.decode()


def test_watch_chooses_records_by_reason_and_by_what_stands_in_them(pipeline: Pipeline) -> None:
    pipeline.create_topics(2)
    worker = pipeline.worker("w1", "summary.every=100").start()
    generated = pipeline.generate(2_000, mix="mixed").finish()
    assert generated
    pipeline.wait_until_all_is_committed()
    assert worker.stop() == 0
    errors, names = "--from=beginning", pipeline.names
    everything = watch(pipeline, names.errors, errors)
    chosen = watch(pipeline, names.errors, errors, "--reason", "missing_fields")
    assert 0 < len(chosen) < len(everything)
    wanted = [r for r in everything if r["reason"] == "missing_fields"]
    assert sorted(r["offset"] for r in chosen) == sorted(r["offset"] for r in wanted)
    processed = watch(pipeline, names.processed, errors)
    told = watch(
        pipeline, names.processed, errors, "--where", "locale=NM", "--where", "device_type=iOS"
    )
    events = [r["value"] for r in processed]
    both = [e for e in events if e["locale"] == "NM" and e["device_type"] == "iOS"]
    assert len(told) == len(both) > 0
    # The summaries of two workers, the second of which had nothing to do.
    second = pipeline.worker("w2", "summary.every=100").start()
    second.wait_for("partitions assigned")
    assert second.stop() == 0
    *_, folded = watch(pipeline, "--summary", "--set", f"topics.summary={names.summary}")
    assert folded["workers"] == 2
    assert folded["processed_count"] == len(processed)
    assert folded["error_count"] == len(everything)
    assert sum(folded["locale_counts"].values()) == len(processed)
    picture = on_terminal(
        command(pipeline, "--summary", "--until-end", "--set", f"topics.summary={names.summary}")
    )
    assert f"processed  {len(processed):,}" in picture and "█" in picture


def test_no_control_character_of_a_record_reaches_the_terminal(pipeline: Pipeline) -> None:
    pipeline.create_topics(1)
    producer = Producer({"bootstrap.servers": pipeline.cluster.bootstrap})
    texts = [HOSTILE, json.dumps({HOSTILE: HOSTILE, "user_id": HOSTILE}, ensure_ascii=False), "{"]
    texts.append(json.dumps({"worker": HOSTILE, "sequence": 1, "window": {}, HOSTILE: [HOSTILE]}))
    for text in texts:
        producer.produce(
            pipeline.names.errors,
            text.encode(),
            HOSTILE.encode(),
            headers=[(HOSTILE, HOSTILE.encode()), ("turnstile-reason", HOSTILE.encode())],
        )
    assert producer.flush(30) == 0
    asked = command(pipeline, pipeline.names.errors, "--from=beginning", "--until-end")
    hostile_clause = ["--where", "user_id=" + HOSTILE]
    choices: list[list[str]] = [[], ["--json"], hostile_clause, ["--summary"]]
    for more in choices:
        seen = on_terminal([*asked, *more]).replace("\r\n", "")
        assert not set(HOSTILE) & set(seen) - set("[2J31m"), ascii(seen)
    lines = on_terminal([*asked, "--json"]).split("\r\n")
    keys = [json.loads(line)["key"] for line in lines if line]
    assert keys == [HOSTILE] * len(texts)
