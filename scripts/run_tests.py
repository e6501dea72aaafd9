"""Runs test programs and pytest parts one by one and adds up what they counted.

Called by scripts/test after the build. Every part's output is kept in BUILD/test-logs; a failing
one's is shown. A part that cannot say how many tests it ran counts as one.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

PYTEST_PARTS = ("scripts", "tidy", "deploy", "rules", "kafka", "chaos")
PYTEST_TIMEOUT_S = 3600
SHOWN_LINES = 60
DOCTEST_CASES = re.compile(
    r"test cases:\s*\d+\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed\s*\|\s*(\d+) skipped"
)
DOCTEST_NAME = re.compile(r"^TEST CASE:\s+(.+)$", re.MULTILINE)  # Shown of those that failed.
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failed_names: list[str] = field(default_factory=list)
    skipped_names: list[str] = field(default_factory=list)

    def add(self, other: Count) -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.failed_names += other.failed_names
        self.skipped_names += other.skipped_names

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


@dataclass
class Part:
    """A test program, or a folder or file of pytest tests."""

    name: str
    command: list[str]
    timeout_s: float | None
    environment: dict[str, str] = field(default_factory=dict)
    junit: Path | None = None
    tags: frozenset[str] = frozenset()


def program_parts(build: Path, slower: float) -> list[Part]:
    """The test programs that Meson knows, in its order."""
    told = subprocess.run(
        ["meson", "introspect", "--tests", str(build)], check=True, capture_output=True, text=True
    )
    parts = []
    for test in json.loads(told.stdout):
        suites = [suite.split(":")[-1] for suite in test["suite"]]
        limit = (test["timeout"] or 0) * slower
        tags = frozenset(["programs", test["name"], *suites])
        parts.append(Part(test["name"], test["cmd"], limit or None, test["env"], tags=tags))
    return parts


def pytest_part(name: str, path: Path, logs: Path) -> Part:
    junit = logs / f"{name}.xml"
    command = [
        *("/usr/bin/python3", "-m", "pytest", "--verbose", "--tb=short", "--color=no"),
        *("-p", "no:cacheprovider", "-o", "junit_family=xunit1", f"--junit-xml={junit}", str(path)),
    ]
    return Part(name, command, PYTEST_TIMEOUT_S, junit=junit, tags=frozenset([name]))


def all_parts(build: Path, logs: Path, slower: float) -> list[Part]:
    folders = [pytest_part(name, Path("tests") / name, logs) for name in PYTEST_PARTS]
    return program_parts(build, slower) + folders


def chosen_parts(names: list[str], build: Path, logs: Path, slower: float) -> list[Part]:
    files = [name for name in names if name.split("::")[0].endswith(".py")]
    found = [pytest_part(Path(name.split("::")[0]).stem, Path(name), logs) for name in files]
    if names and len(files) == len(names):
        return found
    there = all_parts(build, logs, slower)
    for name in names:
        matching = [part for part in there if name in part.tags]
        if not matching and name not in files:
            known = sorted(set().union(*(part.tags for part in there)))
            print(f"scripts/test: no part '{name}'; there are: {', '.join(known)}", file=sys.stderr)
            sys.exit(64)
        found += [part for part in matching if part not in found]
    return found or there


def run(part: Part, build: Path, logs: Path) -> Count:
    """Runs one part to its end or its time limit; shows it where it failed."""
    log = logs / f"{part.name}.log"
    started = time.monotonic()
    code = execute(part, build, log, echo=part.junit is not None)
    text = COLOUR.sub("", log.read_text(errors="replace"))
    count = count_junit(part.junit) if part.junit else count_doctest(text)
    if code != 0 and count.failed == 0:
        count.failed = 1
    elif code == 0 and count == Count():
        count.passed = 1  # It has no doctest summary, and it ended well.
    why = "ran out of time" if code is None else f"exit code {code}"
    if count.failed and (code is None or not count.failed_names):
        count.failed_names.append(f"{part.name}: {why}")
    if count.failed and part.junit is None:
        print("\n".join(text.splitlines()[-SHOWN_LINES:]))
    print(f"{part.name}: {count} ({time.monotonic() - started:.1f} s)", flush=True)
    if count.failed:
        print(f"  {why}; all of it is in {log}", flush=True)
    return count


def execute(part: Part, build: Path, log: Path, echo: bool) -> int | None:
    """The exit code, or None where the time ran out. `echo` shows pytest's lines as they come."""
    if part.junit:
        part.junit.unlink(missing_ok=True)
    environment = {**os.environ, "BUILD_DIR": str(build), **part.environment}
    deadline = None if part.timeout_s is None else time.monotonic() + part.timeout_s
    with log.open("w") as file:
        process = subprocess.Popen(
            part.command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
        with log.open(errors="replace") as shown:
            try:
                while process.poll() is None:
                    follow(shown, echo)
                    if deadline is not None and time.monotonic() > deadline:
                        end(process)
                        return None
                    try:
                        process.wait(0.2)
                    except subprocess.TimeoutExpired:
                        pass
            except KeyboardInterrupt:
                end(process)
                raise
            follow(shown, echo)
    return process.returncode


def follow(shown: TextIO, echo: bool) -> None:
    text = shown.read()
    if echo and text:
        print(text, end="", flush=True)


def end(process: subprocess.Popen[bytes]) -> None:
    """Interrupts it, so that it ends what it started; kills its group where it does not."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def count_doctest(text: str) -> Count:
    count = Count()
    for found in DOCTEST_CASES.finditer(text):
        passed, failed, skipped = map(int, found.groups())
        count.add(Count(passed, failed, skipped))
    if count.failed:
        count.failed_names = list(dict.fromkeys(DOCTEST_NAME.findall(text)))
    return count


def count_junit(file: Path) -> Count:
    if not file.exists():
        return Count()
    count = Count()
    for case in ElementTree.parse(file).iter("testcase"):
        results = {child.tag: child for child in case}
        module = str(case.get("classname")).rsplit(".", maxsplit=1)[-1]
        name = f"{module}::{case.get('name')}"
        if "failure" in results or "error" in results:
            count.failed += 1
            count.failed_names.append(name)
        elif "skipped" in results:
            count.skipped += 1
            count.skipped_names.append(f"{name}: {results['skipped'].get('message', '')}")
        else:
            count.passed += 1
    return count


def main() -> int:
    parser = argparse.ArgumentParser(usage="scripts/test [--list] [NAME…]")
    parser.add_argument("--slower", type=float, default=1.0, help=argparse.SUPPRESS)
    parser.add_argument("--list", action="store_true", help="show the parts that there are")
    parser.add_argument("names", nargs="*", metavar="NAME")
    given = parser.parse_args()
    build = Path(os.environ.get("BUILD_DIR", "build"))
    logs = build / "test-logs"
    logs.mkdir(parents=True, exist_ok=True)
    parts = chosen_parts(given.names, build, logs, given.slower)
    if given.list:
        print("\n".join(part.name for part in parts))
        return 0
    total = Count()
    for part in parts:
        total.add(run(part, build, logs))
    if total.skipped_names:
        print("\nSKIPPED, so nothing is known about:")
        print("\n".join(f"  {name}" for name in total.skipped_names))
    if total.failed_names:
        print("\nFAILED:")
        print("\n".join(f"  {name}" for name in total.failed_names))
    print(total)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
