"""Completion and the manual page, as the shells and man themselves take them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / os.environ.get("BUILD_DIR", "build") / "turnstile"
# Of a shell that asks for the completion of the words given.
BASH = """
source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_TYPE=9
compopt() { :; }
_turnstile && printf '%s\\n' "${COMPREPLY[@]}"
"""
ZSH = """
autoload -Uz compinit && compinit -u -D && source "$1" && print -r -- $_comps[turnstile]
"""


def output_of(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and done.stderr == "", f"{command}: {done.stderr}"
    return done.stdout


def tool(name: str) -> str:
    found = shutil.which(name)
    if not found:
        pytest.skip(f"no {name}: scripts/setup deploy")
    return found


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("completions")
    made = {shell: folder / shell for shell in ("bash", "zsh", "fish")}
    for shell, file in made.items():
        file.write_text(output_of(PROGRAM, "completion", shell))
    return made


def commands() -> list[str]:
    listed = output_of(PROGRAM, "--help").split("Examples:")[0]
    return re.findall(r"^  ([a-z]+) {2,}", listed, re.M)


def options(command: str) -> set[str]:
    listed = output_of(PROGRAM, command, "--help").split("Examples:")[0]
    names = re.findall(r"^  ((?:-[a-z],)?--[a-z,-]+)", listed, re.M)
    return {name for group in names for name in group.split(",")}


def in_bash(scripts: dict[str, Path], *words: str) -> set[str]:
    return set(output_of("bash", "-c", BASH, "bash", scripts["bash"], "turnstile", *words).split())


def test_bash_completes_every_command_and_every_option_of_the_help(
    scripts: dict[str, Path],
) -> None:
    output_of("bash", "-n", scripts["bash"])
    assert len(commands()) > 10
    assert set(commands()) <= in_bash(scripts, "")
    for command in commands():
        assert options(command) <= in_bash(scripts, command, "-"), command
    assert "man" not in in_bash(scripts, "")


def test_bash_completes_what_an_option_takes(scripts: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "mine.toml").touch()
    folder = f"{tmp_path}/"
    for words in (["run", "-c"], ["check", "--config"], ["check", "--config", "="]):
        assert in_bash(scripts, *words, folder) == {f"{folder}mine.toml"}
    assert "kafka.brokers=" in in_bash(scripts, "run", "--set", "kafka.")
    assert in_bash(scripts, "audit", "--isolation", "read_u") == {"read_uncommitted"}
    assert "bad_value" in in_bash(scripts, "watch", "topic", "--reason", "bad_")
    assert in_bash(scripts, "completion", "f") == {"fish"}
    assert in_bash(scripts, "run", "--group", "") == set()
    assert "lag" in in_bash(scripts, "help", "")


def test_fish_completes_every_command_and_every_option_of_the_help(
    scripts: dict[str, Path],
) -> None:
    fish = tool("fish")

    def completed(line: str) -> set[str]:
        script = f"source {scripts['fish']}; complete -C '{line}'"
        return {text.split("\t")[0] for text in output_of(fish, "-c", script).splitlines()}

    output_of(fish, "--no-execute", scripts["fish"])
    assert set(commands()) <= completed("turnstile ")
    for command in ("run", "watch", "audit", "lag"):
        long_names = {name for name in options(command) if name.startswith("--")}
        assert long_names <= completed(f"turnstile {command} --"), command
    assert completed("turnstile completion ") == {"bash", "zsh", "fish"}
    assert "kafka.brokers=" in completed("turnstile run --set kafka.")


def test_zsh_takes_the_completion_for_the_program(scripts: dict[str, Path]) -> None:
    zsh = tool("zsh")
    output_of(zsh, "-n", scripts["zsh"])
    assert output_of(zsh, "-f", "-c", ZSH, "zsh", scripts["zsh"]).strip() == "_turnstile"
    text = scripts["zsh"].read_text()
    for command in commands():
        for name in options(command):
            assert re.search(rf"'[^'\[]*{re.escape(name)}\[", text), name


def test_the_manual_page_has_every_command_and_option_and_no_fault(tmp_path: Path) -> None:
    page = tmp_path / "turnstile.1"
    page.write_text(output_of(PROGRAM, "man"))
    man = tool("man")
    done = subprocess.run(
        [man, "--warnings", "-l", page],
        env={**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    shown = re.sub(r".\x08", "", done.stdout)
    for command in commands():
        assert f"turnstile {command}" in shown
        for name in options(command) - {"-h", "--help"}:
            assert name in shown, name
    assert "Exit codes: 0 done" in shown


def test_the_manual_page_is_one_that_mandoc_takes_too(tmp_path: Path) -> None:
    page = tmp_path / "turnstile.1"
    page.write_text(output_of(PROGRAM, "man"))
    lint = subprocess.run(
        [tool("mandoc"), "-Tlint", "-W", "warning", page],
        capture_output=True,
        text=True,
        check=False,
    )
    told = [line for line in lint.stdout.splitlines() if "missing date" not in line]
    assert told == []


def test_meson_installs_them_where_shells_and_man_look(tmp_path: Path) -> None:
    output_of(ROOT / "scripts/install-help", PROGRAM, tmp_path / "usr/local")
    share = tmp_path / "usr/local/share"
    assert {str(file.relative_to(share)) for file in share.rglob("*") if file.is_file()} == {
        "man/man1/turnstile.1",
        "bash-completion/completions/turnstile",
        "zsh/site-functions/_turnstile",
        "fish/vendor_completions.d/turnstile.fish",
    }
    assert "scripts/install-help" in (ROOT / "meson.build").read_text()
