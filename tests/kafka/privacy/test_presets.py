"""Invented events of each preset through a worker, exactly-once, audited for raw values."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from harness.audits import audit
from harness.cluster import ROOT
from harness.pipeline import Pipeline

# The long leg: TURNSTILE_TEST_PRESET_EVENTS=20000 is of all presets.
LONG = os.environ.get("TURNSTILE_TEST_PRESET_EVENTS")
EVENTS = int(LONG or 1_000)
SHORT_LEG = ("okta", "teleport")
PRESETS = sorted((ROOT / "presets").glob("*.toml"))


@pytest.mark.parametrize(
    "rules", [file for file in PRESETS if LONG or file.stem in SHORT_LEG], ids=lambda f: str(f.stem)
)
def test_events_of_a_preset_are_processed_and_no_raw_value_leaves(
    pipeline: Pipeline, rules: Path
) -> None:
    pipeline.create_topics(2)
    worker = pipeline.worker("w1", "delivery.guarantee=exactly-once", rules=rules).start()
    sent = pipeline.generate(EVENTS, preset=str(rules)).finish()
    assert sent.sent == EVENTS
    pipeline.wait_until_all_is_committed()
    assert worker.stop() == 0
    code, audited = audit(pipeline, "-c", str(rules), "--values", "--stopped")
    assert (code, audited["verdict"]) == (0, "exactly_once"), audited
    assert audited["inputs"] == audited["processed"] == EVENTS
    assert audited["values_compared"] > 0.9 * EVENTS, "some events have nothing personal"
