"""The worker's HTTP endpoint as Prometheus, a supervisor and strangers meet it."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from harness.endpoint import ask, metrics, status_of
from harness.pipeline import Pipeline
from harness.secured import free_port
from harness.tools import run_tool
from harness.waiting import until
from harness.worker import Worker

BAD = b"no JSON"


def say(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(request)
        answer = b""
        while piece := client.recv(65536):
            answer += piece
        return answer


@contextmanager
def serving(pipeline: Pipeline, *options: str) -> Iterator[tuple[Worker, int]]:
    port = free_port()
    worker = pipeline.worker("w1", f"http.listen=127.0.0.1:{port}", *options).start()
    until(lambda: status_of(port, "/readyz") == 200, 30, "the worker is ready")
    yield worker, port


@pytest.mark.parametrize("guarantee", ["at-least-once", "exactly-once"])
def test_metrics_are_scraped_while_events_pass(pipeline: Pipeline, guarantee: str) -> None:
    pipeline.create_topics(3)
    with serving(pipeline, f"delivery.guarantee={guarantee}") as (worker, port):
        pipeline.produce([(p, BAD) for p in range(3)] * 500)
        scraped = [metrics(port) for _ in range(5)]
        pipeline.wait_until_all_is_committed()
        topic = f'topic="{pipeline.names.input}"'
        lag = [f'turnstile_lag_records{{{topic},partition="{p}"}}' for p in range(3)]
        until(lambda: all(metrics(port).get(one) == 0 for one in lag), 20, "no lag is left")
        last = metrics(port)
        assert last['turnstile_records_total{outcome="failed"}'] == 1500
        assert last['turnstile_errors_total{reason="invalid_json"}'] == 1500
        assert last["turnstile_read_records_total"] == 1500
        assert last["turnstile_partitions_assigned"] == 3
        assert last["turnstile_end_to_end_seconds_count"] == 1500
        assert last["turnstile_in_flight_records"] == 0
        assert last['turnstile_state{state="running"}'] == 1
        assert last['turnstile_record_bytes_total{direction="in"}'] == 1500 * len(BAD)
        exact = guarantee == "exactly-once"
        assert (last["turnstile_transaction_seconds_count"] > 0) == exact
        from_begin = last["turnstile_transaction_seconds_sum"]
        assert from_begin >= last["turnstile_transaction_commit_seconds_sum"]
        assert (last["turnstile_commit_seconds_count"] > 0) != exact
        assert time.time() - last["turnstile_last_commit_timestamp_seconds"] < 60
        grown = "turnstile_read_records_total"
        assert [one[grown] for one in scraped] == sorted(one[grown] for one in scraped)
        assert worker.stop() == 0


def test_promtool_finds_nothing_against_the_metrics(pipeline: Pipeline) -> None:
    pipeline.create_topics(2)
    with serving(pipeline) as (worker, port):
        text = ask(port, "/metrics")[1]
        checked = run_tool("promtool", "deploy", "check", "metrics", stdin=text)
        assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
        assert worker.stop() == 0


def test_readiness_and_liveness_say_what_is_the_case(pipeline: Pipeline) -> None:
    port = free_port()
    worker = pipeline.worker("w1", f"http.listen=127.0.0.1:{port}").start()
    until(lambda: status_of(port, "/livez") == 200, 10, "it listens before there are topics")
    until(
        lambda: "not worker: waiting_for_topics" in ask(port, "/readyz?verbose")[1],
        10,
        "what it waits for is told",
    )
    assert ask(port, "/readyz") == (503, "not ok\n")
    pipeline.create_topics(2)
    until(lambda: status_of(port, "/readyz") == 200, 30, "it is ready")
    joined = "ok group: joined, 2 partitions\n"
    until(lambda: joined in ask(port, "/readyz?verbose")[1], 10, "it has its partitions")
    assert ask(port, "/readyz", "HEAD") == (200, "")
    assert worker.stop() == 0
    assert status_of(port, "/livez") == 0


def test_from_a_stop_on_a_worker_is_not_ready(pipeline: Pipeline) -> None:
    pipeline.create_topics(1)
    with serving(pipeline) as (worker, port):
        # What cannot be delivered keeps it draining.
        pipeline.cluster.delete_topic(pipeline.names.errors)
        pipeline.produce([(0, BAD)] * 10)
        until(lambda: metrics(port).get("turnstile_in_flight_records") == 10, 20, "they are stuck")
        os.kill(worker.pid, signal.SIGTERM)
        until(lambda: status_of(port, "/readyz") == 503, 2, "it is not ready any more")
        assert "not stop: asked to stop" in ask(port, "/readyz?verbose")[1]
        assert ask(port, "/livez")[0] == 200


def test_the_status_is_json_of_all_figures_and_no_value(pipeline: Pipeline) -> None:
    pipeline.create_topics(2)
    with serving(pipeline) as (worker, port):
        pipeline.produce([(0, b'{"user_id":"secret-user"}')] * 3)
        pipeline.wait_until_all_is_committed()
        text = ask(port, "/status")[1]
        status = json.loads(text)
        assert status["live"] and status["ready"]
        assert {actor["actor"] for actor in status["actors"]} >= {
            "transformer",
            "producer",
            "summary",
        }
        assert [one["partition"] for one in status["partitions"]] == ["0", "1"]
        assert "secret-user" not in text
        assert worker.stop() == 0


def test_a_token_is_wanted_where_there_is_one(pipeline: Pipeline, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("open sesame\n")
    pipeline.create_topics(1)
    with serving(pipeline, f"http.token_file={token}") as (worker, port):
        assert ask(port, "/metrics")[0] == 401
        assert ask(port, "/metrics", Authorization="Bearer open")[0] == 401
        assert ask(port, "/metrics", Authorization="Bearer open sesame")[0] == 200
        assert worker.stop() == 0


def test_a_port_that_is_taken_is_refused_at_the_start(pipeline: Pipeline) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        worker = pipeline.worker("w1", f"http.listen=127.0.0.1:{port}").start()
        line = worker.wait_for("configuration refused")
        assert line["option"] == "http.listen"
        assert line["error"] == f"cannot listen at 127.0.0.1:{port}: Address already in use"
        assert worker.wait() == 78


HOSTILE = {
    b"POST /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n": b"405",
    b"GET http://localhost/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n": b"400",
    b"GET /../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n": b"404",
    b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n": b"400",
    b"GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n": b"403",
    b"GET /metrics HTTP/1.1\r\n\r\n": b"400",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n": b"400",
    b"x" * 100_000: b"431",
}


def test_strangers_are_answered_shortly_and_the_worker_goes_on(pipeline: Pipeline) -> None:
    pipeline.create_topics(2)
    with serving(pipeline) as (worker, port):
        for request, code in HOSTILE.items():
            answer = say(port, request)
            assert answer.startswith(b"HTTP/1.1 " + code), (request[:60], answer[:200])
            assert len(answer) < 500
        assert (
            say(port, b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50).count(b"HTTP/") == 1
        )
        pipeline.produce([(p, BAD) for p in range(2)] * 100)
        pipeline.wait_until_all_is_committed()
        assert worker.stop() == 0


def test_two_hundred_slow_clients_hold_up_neither_a_scrape_nor_events(pipeline: Pipeline) -> None:
    pipeline.create_topics(2)
    with serving(pipeline) as (worker, port):
        slow = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(200)]
        for client in slow:
            client.sendall(b"GET /metrics HTTP/1.1\r\nHo")
        files = metrics(port)["process_open_fds"]
        before = time.monotonic()
        pipeline.produce([(p, BAD) for p in range(2)] * 1000)
        assert metrics(port)["turnstile_partitions_assigned"] == 2
        assert time.monotonic() - before < 3
        pipeline.wait_until_all_is_committed()
        until(lambda: metrics(port)["process_open_fds"] < files - 50, 15, "they are put out")
        for client in slow:
            client.close()
        assert worker.stop() == 0
