"""The scripts that people call: what they say, and what they do without installing anything."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env={"PATH": "/usr/bin:/bin", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def script(name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run(str(SCRIPTS / name), *arguments, **environment)


def test_setup_asks_apt_for_nothing_where_nothing_is_missing(tmp_path: Path) -> None:
    apt = tmp_path / "apt-get"
    apt.write_text("#!/bin/sh\necho called >&2\nexit 1\n")
    apt.chmod(0o755)
    caches = {name: os.environ[name] for name in ("HOME", "XDG_CACHE_HOME") if name in os.environ}
    # Its own part's packages are there, whatever else is not.
    done = script("setup", "scripts", PATH=f"{tmp_path}:/usr/bin:/bin", **caches)
    assert done.returncode == 0 and done.stderr == "", done.stderr


def test_setup_names_every_group_it_knows() -> None:
    groups = "build scripts tidy deploy kafka checks tests package peers fuzz"
    for group in groups.split():
        assert script("setup", "--list", group).stdout.split()
    wrong = script("setup", "nonsense")
    assert wrong.returncode == 64 and "nonsense" in wrong.stderr


@pytest.mark.parametrize(("command", "code", "printed"), [("true", 0, ""), ("false", 1, "FAILED")])
def test_build_prints_nothing_unless_something_went_wrong(
    tmp_path: Path, command: str, code: int, printed: str
) -> None:
    rule = f"rule r\n  command = {command} && touch $out\nbuild out: r\n"
    (tmp_path / "build.ninja").write_text(rule)
    for _ in range(2):  # The second time nothing is to be done.
        done = script("build", BUILD_DIR=str(tmp_path))
        assert done.returncode == code and done.stderr == ""
        assert printed in done.stdout and bool(printed) == bool(done.stdout)


def test_with_librdkafka_runs_the_command_with_the_version_from_the_cache(tmp_path: Path) -> None:
    folder = tmp_path / "turnstile" / "librdkafka-2.8.0"
    folder.mkdir(parents=True)
    (folder / "librdkafka.so.1").touch()
    done = script("with-librdkafka", "2.8.0", "printenv", "LD_LIBRARY_PATH",
                  XDG_CACHE_HOME=str(tmp_path))  # fmt: skip
    assert (done.returncode, done.stdout) == (0, f"{folder}\n")
    assert script("with-librdkafka", "2.8.0").returncode == 64


@pytest.mark.parametrize("wanted", ["nonsense", "partitions=nonsense"])
def test_a_sweep_of_what_is_not_known_is_refused_before_anything_starts(wanted: str) -> None:
    done = script("bench-sweep", wanted)
    assert done.returncode == 2 and "nonsense" in done.stderr.splitlines()[-1], done.stderr


def test_kafka_says_why_it_cannot_be_had(tmp_path: Path) -> None:
    java = tmp_path / "bin/java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\n")
    java.chmod(0o755)
    path = f"{java.parent}:{os.environ['PATH']}"
    done = script("kafka", "fetch", KAFKA_HOME=str(tmp_path), PATH=path)
    assert done.returncode == 69 and str(tmp_path) in done.stderr


def test_kafka_deletes_no_folder_that_is_not_its_own(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("data")
    done = script("kafka", "--data", str(tmp_path), "wipe")
    assert done.returncode != 0 and precious.exists()


def test_kafka_ends_no_process_that_it_did_not_start(tmp_path: Path) -> None:
    """A pid that another process has by now is no broker's."""
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (tmp_path / "1").mkdir()
        (tmp_path / "ports").write_text("1 2\n")
        (tmp_path / "1" / "pid").write_text(f"{stranger.pid} 1\n")
        for command in (["kill", "1"], ["stop"]):
            done = script("kafka", "--data", str(tmp_path), *command)
            assert done.returncode == 0, done.stderr
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
