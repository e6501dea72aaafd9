"""The program and the second implementation say the same of every record, under any rules."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from harness.rules import rulefile
from harness.rules.drawing import HEADER, RuleDraw
from harness.rules.events import EventDraw
from harness.rules.explained import differences, explain
from harness.rules.judging import Judge
from harness.rules.methods import Keys

SETS = int(os.environ.get("TURNSTILE_RULE_SETS", "20"))
EVENTS = int(os.environ.get("TURNSTILE_RULE_EVENTS", "200"))
FIRST = int(os.environ.get("TURNSTILE_SEED", random.SystemRandom().randrange(10**6)))
SEEDS = range(FIRST, FIRST + SETS)
SECRET = bytes(range(32))
SHOWN = 5
IP = "203.0.113.7:54321"


@pytest.mark.parametrize("seed", SEEDS)
def test_both_say_the_same_under_drawn_rules(seed: int, tmp_path: Path) -> None:
    print(f"TURNSTILE_SEED={seed}")
    rng = random.Random(seed)
    drawn = RuleDraw(rng)
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "key").write_bytes(SECRET.hex().encode())
    (tmp_path / "key").chmod(0o600)
    text = drawn.toml() + f'\n[privacy]\nhmac_key_file = "{tmp_path / "key"}"\n'
    (tmp_path / "rules.toml").write_text(text)
    events = EventDraw(rng, drawn)
    records = [events.record() for _ in range(EVENTS)]
    (tmp_path / "records").write_bytes(b"\n".join(records) + b"\n")
    judge = Judge(rulefile.load(text), Keys.derived(SECRET.hex().encode()))
    carried = ("--key", IP, "--header", f"{HEADER}={IP}")
    answers = explain(tmp_path / "rules.toml", tmp_path / "records", *carried)
    found = list(differences(judge, records, answers, IP, IP))
    told = "\n".join(str(difference) for difference in found[:SHOWN])
    assert not found, f"seed {seed}: {len(found)} differences\n{told}\n\n{text}"
