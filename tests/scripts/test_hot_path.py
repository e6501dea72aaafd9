"""The transform's instructions a record stay below a limit: unlike time, they repeat exactly."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / os.environ.get("BUILD_DIR", "build") / "bench/hot_path"
TRANSFORM = "turnstile::core::transform_batch*"

# GCC 12 -O3 with Debian 12's libsodium: 15,850, of which two SHA-256 are 7,800. A change that
# needs more says in its commit what it gives for it.
INSTRUCTIONS_MAX = 16_500


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
    each = int(collected[1]) / records
    assert 5_000 < each < INSTRUCTIONS_MAX, f"{each:.0f} instructions a record"
