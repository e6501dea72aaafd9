"""The key ring: workers take up a new key as they run, and the topics say where."""

from __future__ import annotations

import hmac
import itertools
import json
import subprocess
from pathlib import Path

import pytest
from harness import topics
from harness.audits import audit, command
from harness.endpoint import metrics
from harness.pipeline import PROGRAM, Pipeline
from harness.secured import free_port
from harness.topics import Record
from harness.waiting import until
from harness.worker import Worker

KEY_HEADER = "turnstile-key"
RATE = 4_000


class Ring:
    """A folder of keys as a user makes one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700)
        self.keys: dict[str, bytes] = {}

    def add(self, key_id: str) -> None:
        self.keys[key_id] = hmac.digest(b"of this test", key_id.encode(), "sha256").hex().encode()
        file = self.folder / f"{key_id}.key"
        file.touch(mode=0o600)
        file.write_bytes(self.keys[key_id] + b"\n")

    def activate(self, key_id: str) -> None:
        (self.folder / "active").write_text(f"{key_id}\n")

    def pseudonym(self, key_id: str, value: str) -> str:
        return hmac.new(self.keys[key_id], value.encode(), "sha256").hexdigest()


@pytest.fixture
def ring(tmp_path: Path) -> Ring:
    made = Ring(tmp_path / "keys")
    made.add("2024")
    made.activate("2024")
    return made


def records(pipeline: Pipeline, topic: str) -> list[Record]:
    consumer = topics.client(pipeline.cluster.bootstrap)
    try:
        spans = topics.spans(consumer, topic)
    finally:
        consumer.close()
    found = topics.read(pipeline.cluster.bootstrap, topic, spans)
    return sorted(found, key=lambda record: (record.partition, record.offset))


def key_of(record: Record) -> str:
    found = [value for name, value in record.headers if name == KEY_HEADER]
    assert len(found) == 1 and found[0] is not None, record.headers
    return found[0].decode()


def origin_of(record: Record) -> tuple[int, int]:
    value = dict(record.headers)["turnstile-origin"]
    assert value is not None
    _, partition, offset = value.decode().split("/")
    return int(partition), int(offset)


def changes(output: list[Record]) -> list[tuple[Record, Record]]:
    """Neighbours in one partition that have two keys."""
    return [
        (before, after)
        for before, after in itertools.pairwise(output)
        if before.partition == after.partition and key_of(before) != key_of(after)
    ]


def check_values(pipeline: Pipeline, ring: Ring) -> None:
    """Each pseudonym is of the key that its record names, and of the input that it is of."""
    inputs = {(r.partition, r.offset): r.value for r in records(pipeline, pipeline.names.input)}
    for output in records(pipeline, pipeline.names.processed):
        source = json.loads(inputs[origin_of(output)] or b"")
        made = json.loads(output.value or b"")
        for field in ("ip", "device_id"):
            assert made[field] == ring.pseudonym(key_of(output), source[field])


def said_keys(report: dict[str, object]) -> list[list[tuple[str | None, int]]]:
    partitions = report["partitions"]
    assert isinstance(partitions, list)
    return [[(run["key"], run["from"]) for run in of["keys"]] for of in partitions]


def taken_up(worker: Worker, key_id: str) -> None:
    worker.wait_for("key taken up", key=key_id)


@pytest.mark.parametrize("guarantee", ["at-least-once", "exactly-once"])
def test_a_key_is_rotated_under_load(pipeline: Pipeline, ring: Ring, guarantee: str) -> None:
    """The key is a year old: a new file and a new `active`, and no worker restarts."""
    pipeline.create_topics(4)
    ring_options = (f"privacy.key_dir={ring.folder}", "privacy.key_check_s=1")
    options = (*ring_options, f"delivery.guarantee={guarantee}")
    port = free_port()
    first = pipeline.worker("w1", f"http.listen=127.0.0.1:{port}", *options).start()
    first.wait_for("partitions assigned", owned=4)
    second = pipeline.worker("w2", *options).start()
    for worker in (first, second):
        worker.wait_for("partitions assigned", owned=2)
    load = pipeline.generate(RATE * 8, rate=RATE)
    pipeline.wait_until_some_is_committed(RATE * 2)
    assert metrics(port)['turnstile_key_info{id="2024"}'] == 1
    ring.add("2025")
    ring.activate("2025")
    for worker in (first, second):
        taken_up(worker, "2025")
    assert metrics(port)['turnstile_key_info{id="2025"}'] == 1
    load.finish()
    pipeline.wait_until_all_is_committed()

    outputs = {
        role: records(pipeline, getattr(pipeline.names, role))
        for role in ("processed", "errors", "cleaned")
    }
    assert all({key_of(r) for r in found} == set(ring.keys) for found in outputs.values())
    for found in outputs.values():
        # Each partition changes once, and not back.
        assert all(key_of(after) == "2025" for _, after in changes(found))
    if guarantee == "exactly-once":
        # A marker stands between what two transactions wrote.
        for found in outputs.values():
            assert all(after.offset > before.offset + 1 for before, after in changes(found))
    check_values(pipeline, ring)

    code, report = audit(pipeline, "--keys", *(x for o in ring_options for x in ("--set", o)))
    assert code == 0, report
    firsts: dict[tuple[int, str], int] = {}
    for output in (r for found in outputs.values() for r in found):
        partition, offset = origin_of(output)
        place = (partition, key_of(output))
        firsts[place] = min(firsts.get(place, offset), offset)
    assert said_keys(report) == [
        [(key, firsts[p, key]) for key in ("2024", "2025")] for p in range(4)
    ]
    assert all(worker.stop() == 0 for worker in (first, second))


def test_a_person_asks_what_is_held(pipeline: Pipeline, ring: Ring) -> None:
    """Under each key that is kept her address has a pseudonym, and it finds her records."""
    pipeline.create_topics(1)
    address = "203.0.113.7"
    hers = {
        "user_id": "u-1",
        "ip": address,
        "device_id": "d-1",
        "app_version": "2.3.0",
        "device_type": "iOS",
        "timestamp": 1729894074,
        "locale": "KS",
    }
    others = hers | {"user_id": "u-2", "ip": "203.0.113.8"}
    both = [(0, json.dumps(event).encode()) for event in (hers, others)]
    options = (f"privacy.key_dir={ring.folder}", "privacy.key_check_s=1")
    worker = pipeline.worker("w1", *options).start()
    pipeline.produce(both)
    pipeline.wait_until_some_is_committed(2)
    ring.add("2025")
    ring.activate("2025")
    taken_up(worker, "2025")
    pipeline.produce(both)
    pipeline.wait_until_all_is_committed()
    asked = [str(PROGRAM), "pseudonym", "--key-dir", str(ring.folder), "ip", address]
    lines = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
    pseudonyms = dict(line.split("\t") for line in lines)
    assert list(pseudonyms) == ["2025", "2024"]
    found = [
        (key_of(r), r.offset)
        for r in records(pipeline, pipeline.names.processed)
        if json.loads(r.value or b"")["ip"] == pseudonyms[key_of(r)]
    ]
    assert found == [("2024", 0), ("2025", 2)]
    assert worker.stop() == 0


def test_a_ring_that_cannot_be_read_leaves_the_key_in_force(pipeline: Pipeline, ring: Ring) -> None:
    pipeline.create_topics(1)
    port = free_port()
    options = (f"privacy.key_dir={ring.folder}", "privacy.key_check_s=1")
    worker = pipeline.worker("w1", f"http.listen=127.0.0.1:{port}", *options).start()
    worker.wait_for("partitions assigned")
    (ring.folder / "2024.key").chmod(0o644)
    said = worker.wait_for("key ring cannot be used, the key in force stays")
    assert "2024.key: is open to others" in said["error"] and said["key"] == "2024"
    faults = "turnstile_key_ring_faults_total"
    until(lambda: metrics(port)[faults] >= 2, 20, "further looks are counted")
    pipeline.generate(1_000).finish()
    pipeline.wait_until_all_is_committed()
    (ring.folder / "2024.key").chmod(0o600)
    worker.wait_for("key ring can be used again", key="2024")
    told = [line for line in worker.lines if line["event"].startswith("key ring cannot be used")]
    assert len(told) == 1
    assert {key_of(r) for r in records(pipeline, pipeline.names.processed)} == {"2024"}
    assert worker.stop() == 0


def test_outputs_without_a_key_and_of_an_earlier_one_are_found(
    pipeline: Pipeline, ring: Ring
) -> None:
    pipeline.create_topics(1)
    options = f"privacy.key_dir={ring.folder}"
    ring.add("2025")
    for active, more in (
        ("", ()),
        ("2024", (options,)),
        ("2025", (options,)),
        ("2024", (options,)),
        ("", ()),
    ):
        if active:
            ring.activate(active)
        worker = pipeline.worker("w1", *more).start()
        pipeline.generate(100).finish()
        pipeline.wait_until_all_is_committed()
        assert worker.stop() == 0
    code, report = audit(pipeline, "--keys")
    assert code == 1
    assert said_keys(report) == [
        [(None, 0), ("2024", 100), ("2025", 200), ("2024", 300), (None, 400)]
    ]
    assert report["faults"] == {"key_missing": 100, "key_returned": 1}
    text = [word for word in command(pipeline, "--keys") if word != "--json"]
    told = subprocess.run(text, capture_output=True, text=True, check=False).stdout
    assert (
        "keys of partition 0: none from 0, 2024 from 100, 2025 from 200, 2024 from 300, "
        "none from 400"
    ) in told
