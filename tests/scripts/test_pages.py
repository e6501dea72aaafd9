"""What the pages say of the program and of each other is there."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BUILD_DIR", "build"))
PROGRAM = ROOT / BUILD / "turnstile"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
README_LINES_MAX = 150


def blocks(page: Path, language: str) -> list[str]:
    found = re.finditer(r"^```(\w*)\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    return [match[2] for match in found if match[1] == language]


@cache
def help_of(command: str) -> str:
    done = subprocess.run([PROGRAM, command, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, command
    return done.stdout


def commands(page: Path) -> list[list[str]]:
    """Each call of the program in a code block, up to a pipe."""
    calls = []
    for block in blocks(page, ""):
        for line in block.replace("\\\n", " ").splitlines():
            words = line.split("|")[0].split("#")[0].split()
            named = [
                at for at, word in enumerate(words) if word in ("turnstile", "build/turnstile")
            ]
            if named and all("=" in word for word in words[: named[0]]):
                calls.append(shlex.split(" ".join(words[named[0] + 1 :])))
    return calls


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_page_has_the_options_that_it_is_given(page: Path) -> None:
    for command, *arguments in commands(page):
        if command.isalpha():
            for option in arguments:
                if re.match(r"--?[a-z]", option):
                    name = option.split("=")[0]
                    assert re.search(rf"[\s,]{name}[ ,=\n]", help_of(command)), (command, option)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        other = page.parent / file if file else page
        assert other.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", other.read_text(), re.MULTILINE)
            anchors = [re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings]
            assert anchor in anchors, target


def test_readme_can_be_read_in_one_go() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= README_LINES_MAX


def test_the_configuration_file_passes_the_check_that_follows_it(tmp_path: Path) -> None:
    page = ROOT / "docs/running.md"
    toml, *_ = blocks(page, "toml")
    (tmp_path / "turnstile.toml").write_text(toml.replace("/etc/turnstile", str(tmp_path)))
    (tmp_path / "build").symlink_to(PROGRAM.parent)
    [script] = [b for b in blocks(page, "") if "check -c turnstile.toml" in b]
    upto_check = script[: script.index("check -c turnstile.toml") + len("check -c turnstile.toml")]
    upto_check = upto_check.replace("/etc/turnstile", str(tmp_path))
    done = subprocess.run(
        ["bash", "-e", "-c", upto_check],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_readme_shows_what_becomes_of_an_event() -> None:
    """The pseudonyms are those that the program makes: of the values that stand above them."""
    before, after = (json.loads(block) for block in blocks(ROOT / "README.md", "json")[:2])
    assert list(before) == list(after)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"ip", "device_id", "timestamp"}
    for name in ("ip", "device_id"):
        assert after[name] == hashlib.sha256(before[name].encode()).hexdigest()
