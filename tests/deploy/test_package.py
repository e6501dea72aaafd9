"""The Debian package: what is in it, what it depends on, and that it runs from where it lies."""

from __future__ import annotations

import filecmp
import gzip
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("BUILD_DIR", "build")
ENVIRONMENT = {"PATH": os.environ["PATH"], "BUILD_DIR": str(BUILD)}

pytestmark = pytest.mark.skipif(
    not shutil.which("dpkg-shlibdeps"), reason="no dpkg-shlibdeps: scripts/setup package"
)


def output_of(*command: str | Path) -> str:
    return subprocess.run(
        command, env=ENVIRONMENT, check=True, capture_output=True, text=True, timeout=120
    ).stdout


def build_package(folder: Path) -> Path:
    return Path(output_of(ROOT / "scripts/package", folder).strip())


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_package(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="module")
def unpacked(package: Path) -> Path:
    root = package.parent / "root"
    output_of("dpkg-deb", "--raw-extract", package, root)
    return root


def test_the_package_is_named_by_the_version_and_the_architecture(package: Path) -> None:
    version = output_of(BUILD / "turnstile", "version").split()[1]
    architecture = output_of("dpkg", "--print-architecture").strip()
    assert package.name == f"turnstile_{version}_{architecture}.deb"
    assert output_of("dpkg-deb", "--field", package, "Version").strip() == version


def test_the_package_depends_on_every_library_that_the_program_needs(package: Path) -> None:
    listed = output_of("dpkg-deb", "--field", package, "Depends")
    depends = {package.split()[0] for package in listed.split(",")}
    assert "ca-certificates" in depends
    dynamic = output_of("readelf", "-d", BUILD / "turnstile")
    for library in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic):
        if library.startswith("ld-linux"):
            continue
        owners = set(re.findall(r"^([^:\s]+)", output_of("dpkg-query", "-S", f"*/{library}"), re.M))
        assert owners & depends, library


def test_the_program_of_the_package_runs_and_takes_its_configuration(unpacked: Path) -> None:
    program = unpacked / "usr/bin/turnstile"
    assert output_of(program, "version") == output_of(BUILD / "turnstile", "version")
    assert "valid" in output_of(program, "check", "-c", unpacked / "etc/turnstile/turnstile.toml")


def test_the_package_has_the_manual_page_and_the_completions(unpacked: Path) -> None:
    share, program = unpacked / "usr/share", BUILD / "turnstile"
    page = gzip.decompress((share / "man/man1/turnstile.1.gz").read_bytes()).decode()
    assert page == output_of(program, "man")
    for shell, place in {
        "bash": "bash-completion/completions/turnstile",
        "zsh": "zsh/vendor-completions/_turnstile",
        "fish": "fish/vendor_completions.d/turnstile.fish",
    }.items():
        assert (share / place).read_text() == output_of(program, "completion", shell)


def test_the_package_has_every_preset(unpacked: Path) -> None:
    names = {file.name for file in (ROOT / "presets").glob("*.toml")}
    there = unpacked / "usr/share/turnstile/presets"
    assert names and {file.name for file in there.iterdir()} == names


def test_the_unit_of_the_package_starts_the_program_and_the_configuration_of_the_package(
    unpacked: Path,
) -> None:
    unit = (unpacked / "usr/lib/systemd/system/turnstile.service").read_text()
    [start] = re.findall(r"^ExecStart=(\S+) run -c (\S+)$", unit, re.M)
    for path in start:
        assert (unpacked / path.lstrip("/")).is_file()
    assert "/usr/local" not in unit


def test_an_upgrade_keeps_the_configuration_that_somebody_changed(unpacked: Path) -> None:
    kept = (unpacked / "DEBIAN/conffiles").read_text().splitlines()
    assert kept == ["/etc/turnstile/turnstile.toml"]


def test_the_package_belongs_to_root_and_no_file_of_it_may_be_written_by_others(
    package: Path,
) -> None:
    for line in output_of("dpkg-deb", "--contents", package).splitlines():
        mode, owner, *_ = line.split()
        assert owner == "root/root" and mode[5] == mode[8] == "-" and "s" not in mode, line


def test_the_same_tree_gives_the_same_package(package: Path, tmp_path: Path) -> None:
    assert filecmp.cmp(package, build_package(tmp_path), shallow=False)


def test_installing_needs_no_systemd_and_removing_neither(unpacked: Path) -> None:
    if Path("/run/systemd/system").exists():
        pytest.skip("systemd runs here: its scripts would reload it")
    for name, word in (("postinst", "configure"), ("prerm", "remove"), ("postrm", "purge")):
        subprocess.run([unpacked / "DEBIAN" / name, word, ""], check=True)
