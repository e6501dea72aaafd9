"""What scripts/bench, bench-peers and bench-sweep are made of, on the harness of the tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
