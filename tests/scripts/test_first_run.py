"""A machine on which nothing is installed yet: what the scripts ask of it, and what they say.

The tools that would change it are stand-ins, which write down that they were called.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
ALL = sorted(path.name for path in SCRIPTS.iterdir() if path.is_file() and os.access(path, os.X_OK))
# What a script may need before it has installed anything.
SHELL = (
    *("awk", "bash", "cat", "cut", "dirname", "env", "grep"),
    *("ldd", "nproc", "sed", "sort", "tr"),
)


class Machine:
    """A folder of programs that is the whole PATH."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.log = folder / "called"
        self.log.touch(mode=0o666)
        self.log.chmod(0o666)
        self.folder = folder
        for tool in SHELL:
            found = shutil.which(tool)
            assert found is not None, tool
            (self.bin / tool).symlink_to(found)

    def add(self, name: str, body: str = "exit 1") -> None:
        file = self.bin / name
        file.write_text(f'#!/bin/bash\necho "{name} $*" >>{self.log}\n{body}\n')
        file.chmod(0o755)

    def called(self, name: str) -> list[str]:
        return [line for line in self.log.read_text().splitlines() if line.split()[0] == name]

    def run(
        self, script: Path, *arguments: str, user: int | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [script, *arguments],
            env={"PATH": str(self.bin), "HOME": str(self.folder), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            user=user,
            check=False,
        )


@pytest.fixture
def bare() -> Iterator[Machine]:
    """Nothing is installed, and apt can install nothing. Others may read it, unlike tmp_path."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        machine = Machine(Path(folder))
        machine.add("dpkg-query")
        machine.add("apt-get", 'case "$*" in *update*) exit 0 ;; esac; exit 1')
        yield machine


@pytest.mark.parametrize("name", ALL)
def test_help_only_helps(name: str, bare: Machine) -> None:
    (bare.bin / "python3").symlink_to("/usr/bin/python3")
    for tool in ("sudo", "meson", "ninja", "mvn", "java", "git", "pip", "clang-format"):
        bare.add(tool)
    done = bare.run(SCRIPTS / name, "--help", BUILD_DIR=str(bare.folder / "build"))
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) >= 3 and not done.stdout.startswith("#")
    assert bare.log.read_text() == "" and not (bare.folder / "build").exists()


def installed_for(bare: Machine, *parts: str) -> set[str]:
    """The packages that apt is asked for; it refuses, so nothing comes after it."""
    done = bare.run(SCRIPTS / "test", *parts, BUILD_DIR=str(bare.folder / "build"))
    assert done.returncode != 0
    words = bare.called("apt-get")[-1].split()
    return {word for word in words if not word.startswith("-")} - {"apt-get", "install"}


@pytest.mark.skipif(os.geteuid() != 0, reason="asks apt as root")
def test_a_part_of_the_tests_installs_what_that_part_needs(bare: Machine) -> None:
    build = installed_for(bare, "core", "actors")
    assert {"g++", "libcaf-dev", "doctest-dev"} <= build
    assert not build & {"default-jre-headless", "maven", "systemd", "clang-tidy", "valgrind"}
    assert installed_for(bare, "tidy") - build == {"git", "python3", "python3-pytest", "shellcheck"}
    java = {"default-jre-headless", "maven"}
    assert java <= installed_for(bare, "tests/kafka/test_checker.py")
    everything = installed_for(bare)
    assert {"git", "systemd", "clang-format", *java} <= everything
    assert build | installed_for(bare, "deploy") <= everything


@pytest.mark.skipif(os.geteuid() != 0, reason="asks apt as root")
def test_a_package_is_not_wanted_where_its_command_is_there(bare: Machine) -> None:
    bare.add("java", "exit 0")
    assert not installed_for(bare, "kafka") & {"default-jre-headless", "openjdk-17-jre-headless"}


def test_without_root_and_sudo_setup_says_the_command_to_run_as_root(bare: Machine) -> None:
    script = bare.folder / "setup"
    shutil.copy(SCRIPTS / "setup", script)
    nobody = 65534 if os.geteuid() == 0 else None
    done = bare.run(script, "tidy", user=nobody)
    assert done.returncode == 77, done.stderr
    command = done.stderr.splitlines()[-1].strip()
    assert re.fullmatch(r"apt-get update && apt-get install -y .*\bgit\b.*\bshellcheck", command)
    assert bare.called("apt-get") == []


@pytest.mark.parametrize(
    ("libcaf", "mimalloc", "nettle"),
    [
        ("libcaf-core0.17", "libmimalloc2.0", "libnettle8"),
        ("libcaf-core0.18", "libmimalloc3", "libnettle8t64"),
    ],
)
@pytest.mark.skipif(os.geteuid() != 0, reason="asks apt as root")
def test_runtime_packages_are_those_of_this_release(
    bare: Machine, libcaf: str, mimalloc: str, nettle: str
) -> None:
    """The names come from what the -dev packages depend on, however the release calls them."""
    bare.add(
        "apt-cache",
        f"""for package in "${{@:2}}"; do case $package in
          libcaf-dev) printf '  Depends: {libcaf}\\n  Depends: libcaf-io9\\n' ;;
          libmimalloc-dev) printf ' |Depends: {mimalloc}\\n  Depends: <libvirtual>\\n' ;;
          nettle-dev) printf '  Depends: libdeep-dev\\n  Recommends: libnettle-doc\\n' ;;
          libdeep-dev) printf '  Depends: nettle-dev\\n  Depends: {nettle}\\n' ;;
        esac; done""",
    )
    bare.add("turnstile")
    (bare.bin / "ldd").unlink()
    missing = "".join(
        f"printf '\\t{name} => not found\\n';"
        for name in ("libcaf_core.so.0.17.6", "libmimalloc.so.2", "libnettle.so.8")
    )
    there = "printf '\\tlibcaf_io.so.9 => /lib/libcaf_io.so.9 (0x1)\\n\\tlinux-vdso.so.1 (0x2)\\n'"
    bare.add("ldd", f"{missing} {there}")
    done = bare.run(SCRIPTS / "setup", "runtime", BUILD_DIR=str(bare.folder))
    assert done.returncode != 0
    update, install = bare.called("apt-get")
    assert update.endswith("update")
    assert install.split()[-4:] == ["ca-certificates", libcaf, mimalloc, nettle]


def test_build_names_the_tool_that_it_lacks(bare: Machine) -> None:
    done = bare.run(SCRIPTS / "build", BUILD_DIR=str(bare.folder / "build"))
    assert done.returncode == 69 and "scripts/setup build" in done.stderr


def test_a_long_build_says_how_far_it_is_without_a_terminal(tmp_path: Path) -> None:
    steps = 40
    lines = [f"build {n}: r" for n in range(steps)]
    rule = "rule r\n  command = echo said by $out && touch $out\n"
    (tmp_path / "build.ninja").write_text(rule + "\n".join(lines) + "\n")
    done = subprocess.run(
        [SCRIPTS / "build", "1", *map(str, range(2, 32))],
        env={"PATH": "/usr/bin:/bin", "BUILD_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    told = re.findall(r"^scripts/build: (\d+) of 31 steps$", done.stderr, re.MULTILINE)
    assert [int(n) for n in told] == [4, 7, 10, 13, 16, 19, 22, 25, 28, 31]
    assert done.stdout.count("said by") == 31 and "[" not in done.stdout
    assert not (tmp_path / "0").exists(), "was not asked for"


def test_the_demo_builds_the_program_only() -> None:
    called = re.findall(r"^scripts/build\b.*$", (SCRIPTS / "demo").read_text(), re.MULTILINE)
    assert called == ["scripts/build turnstile"]


def test_check_release_knows_the_releases_that_docs_tell_of(bare: Machine) -> None:
    done = bare.run(SCRIPTS / "check-release", "sid")
    assert done.returncode == 64 and "trixie" in done.stderr
    page = (ROOT / "docs" / "platforms.md").read_text()
    assert all(f"scripts/check-release {release}" in page for release in ("trixie", "bookworm"))
