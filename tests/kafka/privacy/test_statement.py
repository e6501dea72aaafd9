"""The data protection officer: what was proved, signed, and what a change of it is worth."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
from pathlib import Path

from confluent_kafka import Producer
from harness.audits import audit
from harness.events import event
from harness.pipeline import PROGRAM, Pipeline

KEY = b"anna@example.com"


def keygen(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / "sign.key"
    subprocess.run([str(PROGRAM), "keygen", "sign", str(file)], check=True, timeout=30)
    return file


def verify(file: Path, *more: str) -> tuple[int, str]:
    done = subprocess.run(
        [str(PROGRAM), "audit", "--verify", str(file), *more],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_officer_gets_a_signed_statement_and_sees_a_change(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    pipeline.create_topics(2)
    rules = ("privacy.record_keys=hash", "privacy.headers=drop")
    worker = pipeline.worker("w1", *rules).start()
    pipeline.produce([(n % 2, event(n)) for n in range(50)], key=KEY)
    pipeline.produce([(0, event(1)[:-1]), (1, b"[]")], key=KEY)
    pipeline.wait_until_all_is_committed()
    assert worker.stop() == 0

    sets = [argument for rule in rules for argument in ("--set", rule)]
    key, file = keygen(tmp_path / "audit"), tmp_path / "audit.json"
    signed = (*sets, "--values", "--statement", str(file), "--sign-key", str(key))
    code, report = audit(pipeline, *signed)
    assert code == 0, report["faults"]
    statement = json.loads(file.read_text())["statement"]
    assert statement["verdict"] == "exactly_once"
    assert statement["audit"] == report
    assert statement["treated"] == ["ip", "device_id", "key", "headers"]
    assert statement["values"]["found"] == 0
    assert statement["values"]["looked_for"] >= 150  # Address, device id and key of each.
    assert statement["topics"]["input"] == {
        "topic": pipeline.names.input,
        "partitions": [[p, 0, end] for p, end in sorted(pipeline.input_ends().items())],
    }
    assert set(statement["topics"]) == set(dataclasses.asdict(pipeline.names))
    assert len(statement["rules_sha256"]) == hashlib.sha256().digest_size * 2
    for raw in (KEY.decode(), "203.0.113", json.loads(event(3))["ip"]):
        assert raw not in file.read_text()

    code, said = verify(file, "--public-key", f"{key}.pub")
    assert code == 0 and "exactly_once, 52 inputs" in said
    bytes_of = file.read_bytes()
    for at in range(0, len(bytes_of), 97):
        file.write_bytes(bytes_of[:at] + bytes([bytes_of[at] ^ 1]) + bytes_of[at + 1 :])
        code, said = verify(file, "--public-key", f"{key}.pub")
        assert code == 1 and said.count("\n") == 1, said
    file.write_bytes(bytes_of)
    assert verify(file, "--public-key", f"{keygen(tmp_path / 'other')}.pub")[0] == 1

    # A key in clear, as a worker with other rules would have written it.
    producer = Producer({"bootstrap.servers": pipeline.cluster.bootstrap, "acks": "all"})
    origin = f"{pipeline.names.input}/0/0".encode()
    producer.produce(
        pipeline.names.processed, b"{}", KEY, partition=0, headers=[("turnstile-origin", origin)]
    )
    assert producer.flush(30) == 0
    code, report = audit(pipeline, *signed)
    assert code == 1 and report["faults"]["raw_value"] == 1
    assert json.loads(file.read_text())["statement"]["values"]["found"] == 1
    assert verify(file, "--sign-key", str(key))[0] == 0
