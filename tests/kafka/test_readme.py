"""Commands of README and of docs/running.md, run in their order as printed, on a real Kafka."""

from __future__ import annotations

import os
import re
import shlex
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

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        self.folder = folder
        self.brokers = cluster.bootstrap
        self.programs = folder / "programs"
        self.programs.mkdir()
        (self.programs / "turnstile").symlink_to(BUILD / "turnstile")
        groups = self.programs / "kafka-consumer-groups.sh"
        tool = cluster.tool_command("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand")
        groups.write_text(f'#!/bin/sh\nexec {shlex.join(tool)} "$@"\n')
        groups.chmod(0o755)
        (folder / "build").symlink_to(BUILD)
        (folder / "scripts").symlink_to(ROOT / "scripts")

    def start(self, script: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["bash", "-eo", "pipefail", "-c", script.replace("localhost:9092", self.brokers)],
            cwd=self.folder,
            env={**environment(), "PATH": f"{self.programs}:{os.environ['PATH']}"},
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
    yield Reader(tmp_path, cluster)
    for topic in cluster.topics() & TOPICS:
        cluster.delete_topic(topic)


def test_the_commands_of_readme_run_in_their_order_as_printed(reader: Reader) -> None:
    first, second = blocks("README.md", "Use it with your own Kafka")
    worker = reader.start("exec " + first.strip())
    try:
        until(lambda: reader.start("build/turnstile check --connect --brokers localhost:9092")
              .wait() == 0, 30, "the worker has made the topics")  # fmt: skip
        printed = [reader.run(line) for line in second.strip().splitlines()]
        generated, errors, event, lag, audit = printed[1:]
        assert '"sent":1000' in generated
        assert len(errors.splitlines()) > 0 and '"reason":' in errors
        assert '"user_id"' in event
        assert lag.startswith("group logins: stable, 1 member, ")
        assert "inputs ended exactly once" in audit
        worker.send_signal(signal.SIGINT)
        assert worker.wait(30) == 0
    finally:
        worker.kill()


def test_the_configuration_file_starts_a_worker(reader: Reader) -> None:
    toml, script = blocks("docs/running.md", "A configuration file")
    # The key is made beside the file, where every reader may write.
    toml, script = (t.replace("/etc/turnstile", str(reader.folder)) for t in (toml, script))
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


def commands(heading: str) -> list[str]:
    """The commands of a section of docs/operations.md, each with its continued lines."""
    text = "".join(blocks("docs/operations.md", heading))
    return re.sub(r"(\\|\|)\n\s*", lambda match: match[1].strip("\\") + " ", text).splitlines()


def worked_off(reader: Reader) -> None:
    """Events are there, and the group `turnstile` has committed all of them."""
    made = "--brokers localhost:9092 --set topics.create=true"
    worker = reader.start(f"exec turnstile run {made}")
    try:
        until(lambda: reader.start("turnstile check --connect --brokers localhost:9092")
              .wait() == 0, 30, "the worker has made the topics")  # fmt: skip
        reader.run("turnstile generate --count 300 --brokers localhost:9092")
        audit = "turnstile audit --group turnstile --brokers localhost:9092"
        until(lambda: reader.start(audit).wait() == 0, 30, "all is committed")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
    finally:
        worker.kill()


def test_the_commands_that_move_a_groups_offsets_move_them(reader: Reader) -> None:
    worked_off(reader)
    describe, try_it, do_it = commands("Moving a group's offsets")
    before = reader.run(describe)
    assert commands("Lag grows") == [describe]
    assert "user-login" in before and reader.run(describe) == before
    planned = reader.run(try_it)
    assert reader.run(describe) == before, "a dry run moved something"
    assert reader.run(do_it).split() == planned.split()
    offsets = re.findall(r"^user-login +\d+ +([0-9,]+)", reader.run(describe), re.M)
    assert offsets and {int(offset) for offset in offsets} == {0}


def untimed(said: str) -> str:
    """Without how long it took."""
    return re.sub(r"\(\d+\.\d s\)", "", said)


def test_the_commands_that_read_the_dead_letters_show_them(reader: Reader) -> None:
    worked_off(reader)
    count, look, source, try_it, redrive = commands("Reading the dead letters")
    assert re.search(r"^ *\d+ missing_fields$", reader.run(count), re.M)
    assert reader.run(look).count('"error_type"') == 3
    assert '"user_id"' in reader.run(source)
    # Rules that miss no field.
    (reader.folder / "turnstile.toml").write_text(
        f'[kafka]\nbrokers = ["{reader.brokers}"]\n[event]\npreset = "none"\n'
    )
    planned = reader.run(try_it)
    assert "missing_fields" in planned and untimed(reader.run(try_it)) == untimed(planned)
    assert "missing_fields" in reader.run(redrive)
    assert "missing_fields" not in reader.run(try_it)
