"""The rule files in presets/: each treats what it says, told by the second implementation."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from harness.pipeline import PROGRAM
from harness.rules import rulefile
from harness.rules.judging import Judge
from harness.worker import environment

PRESETS = Path(__file__).resolve().parents[2] / "presets"
NAMES = sorted(path.stem for path in PRESETS.glob("*.toml"))
CASES = sorted(PRESETS.glob("tests/*/*.in.json"))
# Names, addresses and tokens of the invented events; 192.0.2.4 is a server's.
PERSONAL = re.compile(
    r"grace|heidi|ivan|example\.org\"|198\.51\.100|203\.0\.113|2001:db8|mozilla|invented|46\.948"
    r"|3011|\+41|b5372db0|507f191e|AKIAEXAMPLE|dev-1",
    re.IGNORECASE,
)
STAYS = re.compile(r'"(?:AppDomain|hostname|cluster_name)":"[^"]*"')  # Of no person.


@pytest.mark.parametrize("name", NAMES)
def test_each_preset_has_events_that_pass_and_one_that_does_not(name: str) -> None:
    folder = PRESETS / "tests" / name
    assert len(list(folder.glob("*.out.json"))) >= 2, name
    assert list(folder.glob("*.error")), name


@pytest.mark.parametrize("case", CASES, ids=lambda p: f"{p.parent.name}-{p.name[:-8]}")
def test_an_event_becomes_what_stands_beside_it(case: Path) -> None:
    preset = (PRESETS / f"{case.parent.name}.toml").read_text()
    found = Judge(rulefile.load(preset)).judge(case.read_bytes())
    name = case.name.removesuffix(".in.json")
    if found.outcome == "processed":
        assert (case.parent / f"{name}.out.json").read_bytes() == (found.value or b"") + b"\n"
        assert not (case.parent / f"{name}.error").exists()
    else:
        assert (case.parent / f"{name}.error").read_text().split()[0].rstrip(":") == found.reason
        assert not (case.parent / f"{name}.out.json").exists()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_personal_is_left_in_what_a_preset_writes(name: str) -> None:
    raw = 0
    judge = Judge(rulefile.load((PRESETS / f"{name}.toml").read_text()))
    for case in (PRESETS / "tests" / name).glob("*.in.json"):
        raw += PERSONAL.search(case.read_text()) is not None
        found = judge.judge(case.read_bytes())
        for written in (found.value or b"", found.content):
            left = PERSONAL.search(STAYS.sub("", written.decode()))
            assert left is None, (case.name, left)
    assert raw >= 2


@pytest.mark.parametrize("name", NAMES)
def test_each_preset_says_what_it_treats_as_personal_and_what_stays(name: str) -> None:
    text = (PRESETS / f"{name}.toml").read_text()
    assert "# Personal, and what becomes of it:" in text.split("[event]")[0]
    assert 'preset = "none"' in text
    assert f"`{name}.toml`" in (PRESETS / "README.md").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_the_program_makes_the_same_of_a_presets_events(name: str) -> None:
    rules, cases = PRESETS / f"{name}.toml", PRESETS / "tests" / name
    done = subprocess.run(
        [PROGRAM, "test", "-c", rules, cases],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(list(cases.glob('*.in.json')))} passed, 0 failed" in done.stdout
