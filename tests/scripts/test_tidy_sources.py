"""`scripts/tidy_sources.py` looks again at what changed, and at nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

NINJA = """#!/bin/sh
cat <<END
one.o: #deps 2, deps mtime 1 (VALID)
    one.cpp
    shared.hpp

two.o: #deps 1, deps mtime 1 (VALID)
    two.cpp

END
"""
# Notes what it is asked for, and finds something in a source that says so.
CLANG_TIDY = """#!/bin/sh
[ "$1" = --version ] && cat "$WORK/version" && exit
for source; do :; done
echo "$(basename "$source")" >>"$WORK/asked"
! grep -H wrong "$source"
"""


class Tidy:
    def __init__(self, work: Path) -> None:
        self.work = work
        for name, text in {"ninja": NINJA, "clang-tidy": CLANG_TIDY}.items():
            (work / name).write_text(text)
            (work / name).chmod(0o755)
        self.write("version", "14")
        self.write("shared.hpp", "shared")
        units = []
        for name in ("one", "two"):
            self.write(f"{name}.cpp", name)
            units.append(
                {
                    "directory": str(work),
                    "file": f"{name}.cpp",
                    "command": f"c++ {name}.cpp",
                    "output": f"{name}.o",
                }
            )
        self.write("compile_commands.json", json.dumps(units))

    def write(self, name: str, text: str) -> None:
        (self.work / name).write_text(text)

    def run(self, *options: str) -> tuple[int, list[str]]:
        """The exit code, and the sources that were looked at."""
        asked = self.work / "asked"
        asked.write_text("")
        sources = [os.path.relpath(self.work / name, ROOT) for name in ("one.cpp", "two.cpp")]
        done = subprocess.run(
            [sys.executable, ROOT / "scripts/tidy_sources.py", *options, self.work, *sources],
            env={
                **os.environ,
                "PATH": f"{self.work}:{os.environ['PATH']}",
                "WORK": str(self.work),
                "XDG_CACHE_HOME": str(self.work / "cache"),
            },
            capture_output=True,
            timeout=60,
            check=False,
        )
        return done.returncode, sorted(asked.read_text().split())


@pytest.fixture
def tidy(tmp_path: Path) -> Tidy:
    return Tidy(tmp_path)


def test_what_was_found_clean_is_not_looked_at_again(tidy: Tidy) -> None:
    assert tidy.run() == (0, ["one.cpp", "two.cpp"])
    assert tidy.run() == (0, [])


def test_a_changed_header_has_its_sources_looked_at(tidy: Tidy) -> None:
    tidy.run()
    tidy.write("shared.hpp", "other")
    assert tidy.run() == (0, ["one.cpp"])


def test_a_finding_is_told_until_it_is_mended(tidy: Tidy) -> None:
    tidy.write("two.cpp", "wrong")
    assert tidy.run() == (1, ["one.cpp", "two.cpp"])
    assert tidy.run() == (1, ["two.cpp"])
    tidy.write("two.cpp", "right")
    assert tidy.run() == (0, ["two.cpp"])


def test_another_clang_tidy_looks_at_all(tidy: Tidy) -> None:
    tidy.run()
    tidy.write("version", "19")
    assert tidy.run() == (0, ["one.cpp", "two.cpp"])


def test_only_so_many_are_looked_at_and_none_else_is_taken_for_clean(tidy: Tidy) -> None:
    assert tidy.run("--last", "1") == (0, ["one.cpp"])
    assert tidy.run() == (0, ["two.cpp"])


def test_a_finding_among_the_last_is_told(tidy: Tidy) -> None:
    tidy.write("two.cpp", "wrong")
    assert tidy.run("--last", "2") == (1, ["one.cpp", "two.cpp"])
