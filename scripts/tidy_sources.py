"""Runs clang-tidy over those sources of a build folder that it has not found clean as they are.

    python3 scripts/tidy_sources.py [--last N] BUILD_FOLDER SOURCE…

Those that were changed last come first; with --last only so many are looked at.

What clang-tidy says of a source depends on the source, its headers, the command that compiles it,
.clang-tidy and clang-tidy itself. A hash of them all is remembered where nothing was found, in the
cache folder. `scripts/check tidy` calls it; exit code 1 where something is found.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "turnstile/clang-tidy"
# The check that is left out takes as long as all others together.
CHECKS = [
    "--checks=-performance-unnecessary-value-param",
    "--extra-arg=-Wno-unknown-warning-option",
]


def said_by(*command: str, check: bool = True) -> str:
    return subprocess.run(command, cwd=ROOT, check=check, capture_output=True, text=True).stdout


@functools.cache
def hash_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def dependencies(build: Path) -> dict[str, list[str]]:
    """By object: what it was compiled from, as ninja remembers it."""
    found: dict[str, list[str]] = {}
    for block in said_by("ninja", "-C", str(build), "-t", "deps").strip().split("\n\n"):
        head, *files = block.splitlines() or [""]
        if head.endswith("(VALID)"):
            found[head.split(": #deps")[0]] = [file.strip() for file in files]
    return found


def keys(build: Path, sources: list[str]) -> dict[str, str | None]:
    """By source the hash of all that counts; none for what is not compiled yet."""
    same = said_by("clang-tidy", "--version") + hash_of(ROOT / ".clang-tidy") + str(CHECKS)
    depends = dependencies(build)
    found: dict[str, str | None] = dict.fromkeys(sources)
    for unit in json.loads((build / "compile_commands.json").read_text()):
        source = os.path.relpath(Path(unit["directory"], unit["file"]), ROOT)
        files = depends.get(unit["output"])
        if source not in found or files is None:
            continue
        parts = [same, unit["command"]]
        for file in files:
            path = Path(unit["directory"], file)
            parts.append(f"{file} {hash_of(path) if path.exists() else 'gone'}")
        found[source] = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return found


def check(build: Path, source: str, key: str | None) -> bool:
    """Says what is found; true: nothing."""
    done = subprocess.run(
        ["clang-tidy", "-p", str(build), "--quiet", *CHECKS, source],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in done.stderr.splitlines() if "warnings generated" not in line]
    if done.returncode == 0 and key:
        (CACHE / key).touch()
    else:
        print("\n".join([*complaints, done.stdout.strip()]), flush=True)
    return done.returncode == 0


def changed_last_first(sources: list[str]) -> list[str]:
    """By the working tree, then by git's history, where there is one."""
    place: dict[str, int] = {}
    for command in ("diff --name-only HEAD", "log --format= --name-only -1000"):
        for name in said_by("git", *command.split(), check=False).splitlines():
            place.setdefault(name, len(place))
    return sorted(sources, key=lambda source: place.get(source, len(place)))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--last", type=int)
    parser.add_argument("build", type=Path)
    parser.add_argument("sources", nargs="+")
    wanted = parser.parse_args()
    build = (ROOT / wanted.build).resolve()
    CACHE.mkdir(parents=True, exist_ok=True)
    known = {clean.name for clean in CACHE.iterdir()}
    key_of = keys(build, wanted.sources)
    chosen = changed_last_first(wanted.sources)[: wanted.last]
    unknown = [each for each in chosen if key_of[each] not in known]
    print(f"clang-tidy: {len(unknown)} of {len(chosen)} sources", file=sys.stderr)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        clean = list(pool.map(lambda each: check(build, each, key_of[each]), unknown))
    return 0 if all(clean) else 1


if __name__ == "__main__":
    sys.exit(main())
