"""What the fuzzers begin with is of the present."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_fuzzer_begins_with_a_saved_audit_of_the_present_version() -> None:
    source = (ROOT / "audit/saved/saved_audit.cpp").read_text()
    now = re.search(r"constexpr int version = (\d+);", source)
    assert now is not None
    for example in (ROOT / "tests/fuzz/corpus/audit_state").iterdir():
        assert example.read_text().startswith(f'{{"version":{now[1]},"input_topic":"user-login",')
