"""What `turnstile lag` says of groups: our workers', and those of other programs."""

from __future__ import annotations

import json
import subprocess
import time
from typing import Any

from confluent_kafka import Producer, TopicPartition
from harness import topics
from harness.pipeline import PROGRAM, Pipeline
from harness.waiting import until

EX_UNAVAILABLE = 69
BAD = b"no JSON"


def call(pipeline: Pipeline, group: str, *more: str) -> subprocess.CompletedProcess[str]:
    asked = [str(PROGRAM), "lag", "--brokers", pipeline.cluster.bootstrap, "--group", group, *more]
    return subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)


def lag(pipeline: Pipeline, group: str, *more: str) -> dict[str, Any]:
    done = call(pipeline, group, "--json", *more)
    assert done.returncode in (0, 1), done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_lag_names_the_owner_of_each_partition_and_how_far_it_is(pipeline: Pipeline) -> None:
    pipeline.create_topics(2)
    worker = pipeline.worker("w1").start()
    pipeline.produce([(p, BAD) for p in range(2)] * 5)
    pipeline.wait_until_all_is_committed()
    told = lag(pipeline, pipeline.group, "--max-records", "0", "--max-seconds", "0")
    assert (told["state"], told["members"], told["lag_records"]) == ("stable", 1, 0)
    rows = [p for p in told["partitions"] if p["topic"] == pipeline.names.input]
    assert [(p["partition"], p["committed"], p["end"]) for p in rows] == [(0, 5, 5), (1, 5, 5)]
    assert all("w1" in p["client_id"] and p["host"] and p["member_id"] for p in rows)
    assert worker.stop() == 0
    old_ms = int(time.time() * 1000) - 3_600_000
    pipeline.produce([(1, BAD)] * 3, timestamp_ms=old_ms)
    told = lag(pipeline, pipeline.group)
    assert (told["state"], told["members"], told["lag_records"]) == ("empty", 0, 3)
    assert 3_600 <= told["lag_seconds"] < 3_700
    assert call(pipeline, pipeline.group, "--max-records", "3").returncode == 0
    over = call(pipeline, pipeline.group, "--max-records", "2")
    assert over.returncode == 1
    assert f"{pipeline.names.input}/1 is 3 records behind, limit 2" in over.stderr
    assert call(pipeline, pipeline.group, "--max-seconds", "60").returncode == 1


def test_lag_shows_every_topic_of_another_program_and_no_marker_as_lag(pipeline: Pipeline) -> None:
    pipeline.create_topics(2)
    names, bootstrap = pipeline.names, pipeline.cluster.bootstrap
    source = Producer({"bootstrap.servers": bootstrap, "transactional.id": pipeline.group})
    source.init_transactions(30)
    for commits in (True, False):
        source.begin_transaction()
        source.produce(names.processed, BAD, partition=0)
        source.flush(30)
        source.commit_transaction(30) if commits else source.abort_transaction(30)
    pipeline.produce([(0, BAD)] * 4)
    consumer = topics.client(bootstrap, pipeline.group)
    places = [TopicPartition(names.processed, 0, 1), TopicPartition(names.input, 0, 1)]
    consumer.commit(offsets=places, asynchronous=False)
    consumer.close()
    told = lag(pipeline, pipeline.group)
    found = {(p["topic"], p["partition"]): p for p in told["partitions"]}
    markers = found[names.processed, 0]
    assert (markers["committed"], markers["end"], markers["lag_records"]) == (1, 4, 0)
    assert found[names.input, 0]["lag_records"] == 3
    assert found[names.input, 1]["committed"] is None
    assert told["lag_records"] == 3
    source.begin_transaction()
    source.produce(names.processed, BAD, partition=0)
    source.flush(30)
    held = {(p["topic"], p["partition"]): p for p in lag(pipeline, pipeline.group)["partitions"]}
    assert held[names.processed, 0]["note"] == "1 wait for the end of a transaction"
    source.abort_transaction(30)


def test_lag_of_no_group_or_no_broker_is_not_lag_0(pipeline: Pipeline) -> None:
    none = call(pipeline, "no-such-group", "--max-records", "10")
    assert none.returncode == EX_UNAVAILABLE
    assert 'there is no group "no-such-group"' in none.stderr
    asked = [str(PROGRAM), "lag", "--brokers", "127.0.0.1:1", "--group", "g"]
    away = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
    assert away.returncode == EX_UNAVAILABLE
    assert "Connection refused" in away.stderr


def test_lag_is_watched_line_by_line_and_goes_on_while_brokers_are_away(
    pipeline: Pipeline,
) -> None:
    pipeline.create_topics(1)
    pipeline.produce([(0, BAD)] * 4)
    pipeline.commit({0: 1})
    asked = [str(PROGRAM), "lag", "--brokers", pipeline.cluster.bootstrap, "--group"]
    with subprocess.Popen(
        [*asked, pipeline.group, "--watch", "--interval", "1", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as watching:
        assert watching.stdout is not None

        def next_lag() -> int:
            assert watching.stdout is not None
            return int(json.loads(watching.stdout.readline())["lag_records"])

        assert next_lag() == 3
        with pipeline.cluster.frozen():
            time.sleep(3)
        pipeline.commit({0: 4})
        until(lambda: next_lag() == 0, 30, "it looks again")
        watching.terminate()
        assert watching.wait(30) == 0
