"""`turnstile shadow` on a real Kafka: what new rules would change, and what other's records do."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from pathlib import Path
from typing import Any

from harness.events import event
from harness.pipeline import PROGRAM, Pipeline
from harness.planting import good_outputs, publish
from harness.redrives import redrive

EVENTS = 5_000
OLD_KEEPS = 'filter.keep.app_version=["2.3.0"]'
NEW_KEEPS = 'filter.keep.app_version=["2.3.0","2.4.0"]'


def shadow(pipeline: Pipeline, *more: str, code: int = 0) -> dict[str, Any]:
    asked = [str(PROGRAM), "shadow", "--json", "--brokers", pipeline.cluster.bootstrap]
    for role, topic in dataclasses.asdict(pipeline.names).items():
        asked += ["--set", f"topics.{role}={topic}"]
    done = subprocess.run([*asked, *more], capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == code, (done.stdout, done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def everything(pipeline: Pipeline) -> list[object]:
    """What a reader must not change."""
    topics = dataclasses.astuple(pipeline.names)
    ends = [pipeline.cluster.ends(topic) for topic in topics]
    return [*ends, pipeline.committed()]


def test_shows_what_a_new_filter_changes_and_changes_nothing_itself(pipeline: Pipeline) -> None:
    pipeline.create_topics(4)
    worker = pipeline.worker("w1", OLD_KEEPS).start()
    pipeline.generate(EVENTS, mix="mixed").finish()
    pipeline.wait_until_all_is_committed()
    assert worker.stop() == 0
    before = everything(pipeline)
    same = shadow(pipeline, "--set", OLD_KEEPS)
    assert same["same"] == same["inputs"] == EVENTS
    changed = shadow(pipeline, "--set", NEW_KEEPS, code=1)
    (change,) = changed["outcomes"]
    assert (change["from"], change["to"]) == ("filtered", "processed")
    assert change["count"] == changed["unexpected"] == EVENTS - changed["same"] > 0
    expected = shadow(pipeline, "--set", NEW_KEEPS, "--expect", "filtered:processed")
    assert expected["expected"] == change["count"]
    part = shadow(pipeline, "--set", OLD_KEEPS, "--offsets", "0:10-19,2:5-14")
    assert part["inputs"] == 20
    sample = shadow(pipeline, "--set", OLD_KEEPS, "--sample", "100")
    assert sample["same"] == sample["inputs"] == 100
    assert everything(pipeline) == before


def test_a_new_method_differs_at_its_path_and_shows_no_value_unless_asked(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    outputs = good_outputs(pipeline, 200)
    publish(pipeline, pipeline.names.processed, outputs)
    rules = tmp_path / "new.toml"
    rules.write_text('[fields]\nip.method = "truncate-ip"\n')
    found = shadow(pipeline, "-c", str(rules), code=1)
    (path,) = found["paths"]
    assert (path["path"], path["count"]) == ("ip", 200)
    assert "values" not in path
    address = json.loads(event(0))["ip"]
    shown = shadow(pipeline, "-c", str(rules), "--show-values", "--expect", "ip")
    assert shown["paths"][0]["values"][0]["after"] != address
    assert shown["expected"] == 200


def test_others_records_do_not_mislead_it(pipeline: Pipeline) -> None:
    outputs = good_outputs(pipeline, 100)
    topic = pipeline.names.input

    def of(origin: str, n: int, *more: tuple[str, bytes]) -> Any:
        kept = [(name, value) for name, value in outputs[n].headers if "origin" not in name]
        headers = [*kept, ("turnstile-origin", origin.encode()), *more]
        return outputs[n]._replace(headers=headers, value=b'{"else":1}')

    planted = [
        of("elsewhere/0/1", 0),
        of(f"{topic}/9/1", 0),
        of(f"{topic}/0/5000", 0),
        of(f"{topic}/0/x", 0),
        of(f"{topic}/0/7", 14, ("turnstile-origin-timestamp", b"1000")),
    ]
    missing = 40
    written = outputs[:missing] + outputs[missing + 1 :]
    publish(pipeline, pipeline.names.processed, [*planted, *written, outputs[3], outputs[3]])
    reason = [("turnstile-reason", b"bad_value")]
    failed = outputs[missing]._replace(
        headers=[*outputs[missing].headers, *reason], value=b'{"user_id":"u"}'
    )
    publish(pipeline, pipeline.names.errors, [failed])

    found = shadow(pipeline, code=1)
    assert found["inputs"] == 100
    assert [(one["from"], one["to"], one["count"]) for one in found["outcomes"]] == [
        ("bad_value", "processed", 1)
    ]
    assert found["outputs"]["foreign"] == 4
    assert found["outputs"]["of_earlier_topic"] == 1
    assert found["outputs"]["repeated"] == 2
    shadow(pipeline, "--expect", "bad_value:processed")

    redriven = [("turnstile-redrive", f"{pipeline.names.errors}/0/0".encode())]
    put_right = outputs[missing]._replace(headers=[*outputs[missing].headers, *redriven])
    publish(pipeline, pipeline.names.processed, [put_right, put_right])
    found = shadow(pipeline)
    assert (found["same"], found["outputs"]["redriven"]) == (100, 1)


def test_what_has_no_outcome_is_told_and_what_was_removed_is_not_known(pipeline: Pipeline) -> None:
    outputs = good_outputs(pipeline, 60)
    found = shadow(pipeline, code=1)
    assert (found["no_outcome"], found["verdict"]) == (60, "not_known")
    assert found["would_be"] == {"processed": 60}
    publish(pipeline, pipeline.names.processed, outputs[:40])
    found = shadow(pipeline)
    assert (found["same"], found["no_outcome"]) == (40, 20)
    pipeline.cluster.delete_records(pipeline.names.processed, {0: 5, 1: 5})
    pipeline.cluster.delete_records(pipeline.names.input, {0: 2, 1: 7})
    found = shadow(pipeline)
    assert (found["unknown"], found["same"], found["no_outcome"]) == (3, 28, 20)
    assert found["outputs"]["without_input"] == 2


def test_what_was_redriven_is_as_it_became_and_another_key_is_one_difference(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    ring = tmp_path / "keys"
    ring.mkdir(mode=0o700)
    for number, name in enumerate(("old", "new")):
        key = ring / f"{name}.key"
        key.touch(mode=0o600)
        key.write_text(f"{0x5EED + number:064x}\n")
    (ring / "active").write_text("old\n")
    with_keys = f"privacy.key_dir={ring}"
    pipeline.create_topics(2)
    strict = pipeline.worker("strict", with_keys, "fields.tenant.required=true").start()
    pipeline.generate(400, mix="good").finish()
    pipeline.wait_until_all_is_committed()
    assert strict.stop() == 0

    (ring / "active").write_text("new\n")
    code, done = redrive(pipeline, "--set", with_keys)
    assert (code, done["redriven"]) == (0, 400)
    same = shadow(pipeline, "--set", with_keys)
    assert same["same"] == same["inputs"] == 400
    (ring / "active").write_text("old\n")
    found = shadow(pipeline, "--set", with_keys, code=1)
    (path,) = found["paths"]
    assert (path["path"], path["count"]) == ("header:turnstile-key", 400)
