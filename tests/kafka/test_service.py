"""What a service manager is told, by a socket in the place of systemd's."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.pipeline import Pipeline

PATIENT_S = 30


class Manager:
    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address)
        self._socket.settimeout(PATIENT_S)
        self._heard: list[str] = []

    def hear(self, begin: str) -> str:
        """The next datagram that begins so."""
        until = time.monotonic() + PATIENT_S
        while time.monotonic() < until:
            text = self._socket.recv(4096).decode()
            self._heard.append(text)
            if text.startswith(begin):
                return text
        raise TimeoutError(f"no {begin}")

    def has_heard(self, begin: str) -> None:
        """What does not change is not told again."""
        if not any(text.startswith(begin) for text in self._heard):
            self.hear(begin)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Manager, str]]:
    """And what NOTIFY_SOCKET says."""
    path = str(tmp_path / "notify")
    abstract = request.param == "abstract"
    made = Manager("\0" + path if abstract else path)
    yield made, "@" + path if abstract else path
    made.close()


def test_a_manager_hears_of_start_load_reload_and_stop(
    pipeline: Pipeline, manager: tuple[Manager, str]
) -> None:
    heard, address = manager
    worker = pipeline.worker()
    worker.start(NOTIFY_SOCKET=address, WATCHDOG_USEC="600000")
    heard.hear("STATUS=waiting for topics")
    heard.hear("WATCHDOG=1")
    pipeline.create_topics(3)
    heard.hear("READY=1")
    assert worker.said("partitions assigned") is not None
    pipeline.generate(2_000).finish()
    pipeline.wait_until_all_is_committed()
    heard.has_heard("STATUS=running, 3 partitions, 0 records/s, lag 0 records")
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    worker.send(signal.SIGHUP)
    asked_at = int(heard.hear("RELOADING=1\nMONOTONIC_USEC=").rpartition("=")[2])
    assert before <= asked_at <= before + PATIENT_S * 1_000_000
    heard.hear("READY=1")
    heard.hear("WATCHDOG=1")
    worker.send(signal.SIGTERM)
    heard.hear("STOPPING=1")
    assert worker.wait() == 0
