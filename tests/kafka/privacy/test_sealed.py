"""Sealed error contents on a real Kafka: the worker closes them, who has the key opens them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from harness import topics
from harness.audits import audit
from harness.pipeline import PROGRAM, Pipeline

GOOD = (
    b'{"user_id":"u1","app_version":"2.3.0","ip":"203.0.113.7","locale":"KS",'
    b'"device_id":"f6a1baa4-af52","timestamp":1729894074,"device_type":"iOS"}'
)
BAD = [
    GOOD.replace(b'"locale"', b'"place"'),
    GOOD.replace(b"1729894074", b"-1"),
    GOOD[:-1],
    b"\xff\x00 no JSON, 203.0.113.7",
    b"",
]


def keygen(folder: Path, kind: str = "seal") -> Path:
    file = folder / f"{kind}.key"
    subprocess.run([str(PROGRAM), "keygen", kind, str(file)], check=True, timeout=30)
    return file


def records(pipeline: Pipeline, topic: str) -> list[topics.Record]:
    consumer = topics.client(pipeline.cluster.bootstrap)
    spans = topics.spans(consumer, topic)
    consumer.close()
    return list(topics.read(pipeline.cluster.bootstrap, topic, spans))


def check_headers(pipeline: Pipeline, record: topics.Record) -> None:
    """Beside the worker's own those of Kafka Streams, without a stack trace."""
    headers = dict(record.headers)
    reason = headers["turnstile-reason"]
    assert reason is not None
    assert headers["__streams.errors.exception"] == reason
    assert (headers["__streams.errors.message"] or b"").startswith(reason + b": ")
    assert headers["__streams.errors.topic"] == pipeline.names.input.encode()
    assert headers["turnstile-origin"] == b"/".join(
        headers[f"__streams.errors.{name}"] or b"" for name in ("topic", "partition", "offset")
    )
    assert "__streams.errors.stacktrace" not in headers


def unseal(
    key: Path, *more: str, lines: bytes = b"", code: int = 0
) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(
        [str(PROGRAM), "unseal", "--key", str(key), *more],
        input=lines,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done


def watched(pipeline: Pipeline, topic: str) -> bytes:
    command = [str(PROGRAM), "watch", topic, "--brokers", pipeline.cluster.bootstrap]
    command += ["--from", "beginning", "--until-end", "--json"]
    return subprocess.run(command, capture_output=True, timeout=60, check=True).stdout


def test_what_failed_is_opened_as_it_was_and_by_nobody_else(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    pipeline.create_topics(1, errors={"max.message.bytes": "2000"})
    key = keygen(tmp_path)
    sealed = ("errors.content=sealed", f"errors.seal_key_file={key}.pub")
    worker = pipeline.worker("w1", *sealed, "errors.header_style=streams").start()
    too_long = GOOD[:-1] + b" " * 2000
    pipeline.produce([(0, value) for value in (GOOD, *BAD, too_long, None)])
    pipeline.wait_until_all_is_committed()
    assert worker.stop() == 0

    written = records(pipeline, pipeline.names.errors)
    assert len(written) == len(BAD) + 2
    for record in written:
        assert record.value is not None
        assert b"203.0.113.7" not in record.value and b"f6a1baa4" not in record.value
        check_headers(pipeline, record)
    assert [dict(r.headers).get("turnstile-truncated") for r in written[-2:]] == [b"content", None]

    opened = unseal(key, pipeline.names.errors, "--brokers", pipeline.cluster.bootstrap)
    assert opened.stdout == b"".join(value + b"\n" for value in BAD)
    assert b"5 opened, 2 without a sealed content" in opened.stderr

    lines = watched(pipeline, pipeline.names.errors)
    first = json.loads(unseal(key, "--json", lines=lines).stdout.splitlines()[0])
    assert first["origin"] == f"{pipeline.names.input}/0/1"
    assert first["value"].encode() == BAD[0]

    (tmp_path / "other").mkdir()
    refused = unseal(keygen(tmp_path / "other"), lines=lines, code=1)
    assert refused.stdout == b"" and b"is sealed for the key" in refused.stderr

    code, audited = audit(pipeline, "--values", *(a for s in sealed for a in ("--set", s)))
    assert code == 0, audited["faults"]


def test_a_worker_without_a_usable_seal_key_ends_with_one_line(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    key = keygen(tmp_path)
    for file, said in ((f"{key}.none", "No such file"), (str(key), "seal-secret, not seal-public")):
        done = subprocess.run(
            pipeline.command("errors.content=sealed", f"errors.seal_key_file={file}"),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 78
        assert said in done.stderr and "errors.seal_key_file" in done.stderr
