"""The transform's instructions a record stay below a limit: unlike time, they repeat exactly."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / os.environ.get("BUILD_DIR", "build") / "bench/hot_path"
TRANSFORM = "turnstile::core::transform_batch*"

# GCC 12 -O3: 4,830 without the library that hashes; 4,730 before rules for any field took the place
# of the login event's own code. What nettle needs follows from the processor (and valgrind shows it
# none with SHA instructions: 6,540), so it has a limit of its own. A change that needs more says in
# its commit what it gives for it.
OWN_INSTRUCTIONS_MAX = 4_950
# Meson sets libstdc++'s assertions by itself from 1.4 on (docs/decisions/21-assertions.md). GCC 14
# -O3: 5,210.
OWN_INSTRUCTIONS_MAX_ASSERTED = 5_330
HASH_INSTRUCTIONS_MAX = 7_000


def test_the_transform_of_a_login_event_stays_within_its_instructions(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *("valgrind", "--tool=callgrind", f"--callgrind-out-file={tmp_path / 'callgrind'}"),
            *(f"--toggle-collect={TRANSFORM}", str(PROGRAM)),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    records = int(done.stdout)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    assert collected is not None, done.stderr
    hashing = instructions_in("libnettle", (tmp_path / "callgrind").read_text()) / records
    own = int(collected[1]) / records - hashing
    assert 500 < hashing < HASH_INSTRUCTIONS_MAX, f"{hashing:.0f} instructions a record in nettle"
    commands = (PROGRAM.parents[1] / "compile_commands.json").read_text()
    is_asserted = "-D_GLIBCXX_ASSERTIONS" in commands
    most = OWN_INSTRUCTIONS_MAX_ASSERTED if is_asserted else OWN_INSTRUCTIONS_MAX
    assert 2_000 < own < most, f"{own:.0f} instructions a record"


def instructions_in(library: str, profile: str) -> int:
    """What the library's own code needs, from callgrind's output."""
    names: dict[str, str] = {}
    inside = is_call = False
    total = 0
    for line in profile.splitlines():
        if line.startswith("ob="):
            number, _, name = line[3:].partition(" ")
            inside = library in names.setdefault(number, name)
        elif line.startswith("cob="):
            number, _, name = line[4:].partition(" ")
            names.setdefault(number, name)
        elif line.startswith("calls="):
            is_call = True
        elif re.match(r"[+\-*\d]", line):
            if inside and not is_call:
                total += int(line.split()[1])
            is_call = False
    return total
