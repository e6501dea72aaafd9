"""Waiting for what another process does, always with a deadline and a word on what for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def until(ask: Callable[[], Found], timeout_s: float, what: str, every_s: float = 0.05) -> Found:
    """The first true answer; TimeoutError where none came in time."""
    deadline = time.monotonic() + timeout_s
    pause = threading.Event()
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {timeout_s:g} s still not: {what}")
        pause.wait(every_s)
