#!/usr/bin/python3
"""Says whether a pipeline's topics keep the promise: each input ended in exactly one place.

Reads topics and committed offsets alone; knows nothing of the worker.

    tests/kafka/checker.py --brokers HOST:PORT [--group NAME] [--full] [--stopped] [--json]
                           [--rules FILE]

Exit code 0: no fault; 1: faults. `--full` also judges every input anew and compares each output
byte by byte, under the rules of FILE where the events are not the login event's. `--stopped` says
that all workers have stopped cleanly.
"""

# Debian's interpreter by its path: python3-confluent-kafka is installed for that one.

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.checker import verdict  # noqa: E402

sys.exit(verdict.main(sys.argv[1:]))
