"""Commands of README and of docs/running.md, run in their order as printed, on a real Kafka."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.cluster import Cluster
from harness.pipeline import BUILD
from harness.waiting import until
from harness.worker import environment

ROOT = Path(__file__).resolve().parents[2]
TOPICS = {"user-login", "processed-output", "processed-errors", "cleaned-data", "summary-output"}


def blocks(page: str, heading: str) -> list[str]:
    """The code blocks of a section."""
    section = (ROOT / page).read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    return [match[1] for match in re.finditer(r"^```\w*\n(.*?)^```", section, re.M | re.S)]


class Reader:
    """Someone who types what README has, in a fresh clone that is built."""

    def __init__(self, folder: Path, brokers: str) -> None:
        self.folder = folder
        self.brokers = brokers
        (folder / "build").symlink_to(BUILD)
        (folder / "scripts").symlink_to(ROOT / "scripts")

    def start(self, script: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["bash", "-eo", "pipefail", "-c", script.replace("localhost:9092", self.brokers)],
            cwd=self.folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, script: str) -> str:
        typed = self.start(script)
        try:
            out, err = typed.communicate(timeout=60)
        finally:
            typed.kill()
        assert typed.returncode == 0, f"{script}: {out}{err}"
        return out


@pytest.fixture
def reader(cluster: Cluster, tmp_path: Path) -> Iterator[Reader]:
    yield Reader(tmp_path, cluster.bootstrap)
    for topic in cluster.topics() & TOPICS:
        cluster.delete_topic(topic)


def test_the_commands_of_readme_run_in_their_order_as_printed(reader: Reader) -> None:
    first, second = blocks("README.md", "Use it with your own Kafka")
    worker = reader.start("exec " + first.strip())
    try:
        until(lambda: reader.start("build/turnstile check --connect --brokers localhost:9092")
              .wait() == 0, 30, "the worker has made the topics")  # fmt: skip
        printed = [reader.run(line) for line in second.strip().splitlines()]
        generated, errors, event, audit = printed[1:]
        assert '"sent":1000' in generated
        assert len(errors.splitlines()) > 0 and '"reason":' in errors
        assert '"user_id"' in event
        assert "inputs ended exactly once" in audit
        worker.send_signal(signal.SIGINT)
        assert worker.wait(30) == 0
    finally:
        worker.kill()


def test_the_configuration_file_starts_a_worker(reader: Reader) -> None:
    toml, script = blocks("docs/running.md", "A configuration file")
    (reader.folder / "turnstile.toml").write_text(toml)
    *before, run = script.strip().splitlines()
    reader.run("\n".join(before))
    # Its brokers do not exist: it waits for them until it is told to stop.
    last = reader.start("\n".join([*before[1:-1], "exec " + run]))
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            last.wait(2)
        last.send_signal(signal.SIGTERM)
        assert last.wait(30) == 0
    finally:
        last.kill()
