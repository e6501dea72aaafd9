"""What deploy/ says exists and fits together, as far as that shows without a container engine."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PROGRAM = ROOT / os.environ.get("BUILD_DIR", "build") / "turnstile"
# The program whose libraries scripts/setup looks for.
BUILT = {"PATH": os.environ["PATH"], "BUILD_DIR": str(PROGRAM.parent)}
EXPOSURE_MAX = 2.0

Service = dict[str, Any]


def turnstile(*arguments: str, environment: dict[str, str] | None = None) -> str:
    """What the program prints; it must end well."""
    done = subprocess.run(
        [str(PROGRAM), *arguments],
        env={"PATH": os.environ["PATH"], **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, f"{arguments}: {done.stderr}"
    return done.stdout


def settings(environment: dict[str, str] | None = None) -> dict[str, Any]:
    """The values in force with this environment, as `turnstile check` shows them."""
    told = json.loads(turnstile("check", "--json", environment=environment))
    return dict(told["settings"])


# The container.


def dockerfile() -> list[tuple[str, list[str]]]:
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], shlex.split(line)[1:]) for line in lines]


def test_the_dockerfile_copies_only_what_exists() -> None:
    for word, arguments in dockerfile():
        if word == "COPY" and not arguments[0].startswith("--from"):
            for source in arguments[:-1]:
                assert (ROOT / source).exists() or list(ROOT.glob(source)), f"COPY {source}"


def test_the_dockerfile_runs_the_scripts_that_ci_runs() -> None:
    runs = [arguments for word, arguments in dockerfile() if word == "RUN"]
    assert len(runs) == 4
    assert runs[0][:2] == ["scripts/setup", "build"]
    assert runs[2][:2] == ["/tmp/setup", "runtime"]
    for group in ("build", "runtime"):
        listed: list[str | Path] = [ROOT / "scripts/setup", "--list", group]
        assert subprocess.run(listed, env=BUILT, check=False).returncode == 0
    assert runs[1][:2] == ["BUILD_DIR=/build", "scripts/build"]
    assert os.access(ROOT / runs[1][1], os.X_OK)
    options = (ROOT / "meson_options.txt").read_text()
    for given in runs[1][2:]:
        name = given.removeprefix("-D").split("=")[0]
        assert f"option('{name}'" in options, f"no build option {name}"


def test_the_container_is_not_root_and_runs_the_worker() -> None:
    last = dict(dockerfile())
    assert last["USER"] == ["10001:10001"]
    assert last["STOPSIGNAL"] == ["SIGTERM"]
    assert last["ENTRYPOINT"] == ["[turnstile]"]
    assert last["CMD"] == ["[run]"]


def test_both_stages_are_of_one_release_and_one_day() -> None:
    lines = dockerfile()
    assert lines[0][0] == "ARG"
    assert re.fullmatch(r"DEBIAN=[a-z]+-20\d{6}-slim", lines[0][1][0])
    bases = [arguments[0] for word, arguments in lines if word == "FROM"]
    assert bases == ["debian:${DEBIAN}"] * 2


def test_the_image_says_what_it_is_and_of_what() -> None:
    [labels] = [arguments for word, arguments in dockerfile() if word == "LABEL"]
    names = {label.split("=")[0].removeprefix("org.opencontainers.image.") for label in labels}
    assert names == {"title", "description", "licenses", "version", "revision", "base.name"}


def test_the_image_serves_its_health_within_the_container_only() -> None:
    [(name, value)] = [
        argument.split("=")
        for word, arguments in dockerfile()
        if word == "ENV"
        for argument in arguments
    ]
    assert settings({name: value})["http.listen"] == "127.0.0.1:9464"


def test_the_image_keeps_no_setuid_program(tmp_path: Path) -> None:
    runs = [arguments for word, arguments in dockerfile() if word == "RUN"]
    assert runs[-1][:2] == ["find", "/"], "the last step, so that nothing comes after it"
    for name, mode in (("su", 0o4755), ("chage", 0o2755), ("cat", 0o755)):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
    subprocess.run(["find", str(tmp_path), *runs[-1][2:]], check=True)
    assert {file.stat().st_mode & 0o7777 for file in tmp_path.iterdir()} == {0o755}


@pytest.mark.parametrize(
    "secret", ["pseudonyms.key", "certs/ca.pem", ".env", "deploy/kafka.env", "turnstile.toml"]
)
def test_the_image_is_built_without_keys_and_passwords(secret: str) -> None:
    patterns = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    tried = {secret, Path(secret).name}
    assert any(fnmatch.fnmatch(s, p.removeprefix("**/")) for s in tried for p in patterns)
    assert not (DEPLOY / "Dockerfile.dockerignore").exists(), "it would hide .dockerignore"


def test_the_build_is_given_every_tracked_file() -> None:
    patterns = (ROOT / ".dockerignore").read_text().splitlines()
    anywhere = [p.removeprefix("**/") for p in patterns if p.startswith("**/")]
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    for file in tracked:
        assert not any(fnmatch.fnmatch(Path(file).name, p) for p in anywhere), file


def test_the_runtime_packages_hold_every_library_that_the_program_needs() -> None:
    listed = subprocess.run(
        [ROOT / "scripts/setup", "--list", "runtime"],
        env=BUILT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    dynamic = subprocess.run(["readelf", "-d", PROGRAM], check=True, capture_output=True, text=True)
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic.stdout)
    assert needed
    for library in needed:
        owner = subprocess.run(
            ["dpkg-query", "-S", f"*/{library}"], check=True, capture_output=True, text=True
        )
        packages = set(re.findall(r"^([^:\s,]+)", owner.stdout, re.MULTILINE))
        assert packages & {*listed, "libc6"}, f"{library} is in {packages}"


# Compose.


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text()))


def ours(compose: dict[str, Any]) -> dict[str, Service]:
    return {n: s for n, s in compose["services"].items() if s["image"] == "turnstile"}


def test_compose_has_a_kafka_its_topics_two_workers_and_a_generator(
    compose: dict[str, Any],
) -> None:
    services = compose["services"]
    assert services["worker"]["deploy"]["replicas"] == 2
    assert {"kafka", "topics", "worker", "generator"} <= set(services)
    version = re.search(
        r"<kafka.version>(.*)</kafka.version>", (ROOT / "scripts/kafka-pom.xml").read_text()
    )
    assert version is not None
    for name in ("kafka", "topics"):
        assert services[name]["image"] == f"apache/kafka:{version.group(1)}", "not what tests use"


def test_no_core_dump_is_written(compose: dict[str, Any]) -> None:
    assert all(service["ulimits"] == {"core": 0} for service in ours(compose).values())
    assert "LimitCORE=0" in (DEPLOY / "turnstile.service").read_text().splitlines()


def test_every_path_that_compose_names_exists(compose: dict[str, Any]) -> None:
    for service in ours(compose).values():
        context = DEPLOY / service["build"]["context"]
        assert context.resolve() == ROOT
        assert (context / service["build"]["dockerfile"]).is_file()
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            assert (DEPLOY / volume.split(":")[0]).exists()


def test_every_option_that_compose_sets_exists(compose: dict[str, Any]) -> None:
    for service in ours(compose).values():
        environment = {name: str(value) for name, value in service["environment"].items()}
        assert all(name.startswith("TURNSTILE_") for name in environment)
        found = settings(environment)
        assert found["kafka.brokers"] == ["kafka:9092"]
    worker = settings(compose["services"]["worker"]["environment"])
    assert worker["kafka.group"] == "turnstile"


def test_every_argument_that_compose_gives_exists(compose: dict[str, Any]) -> None:
    for service in ours(compose).values():
        command, *arguments = service["command"]
        told = turnstile(command, "--help")
        for argument in arguments:
            if argument.startswith("-"):
                assert re.search(rf"\s{argument}[ ,=]", told), f"{command} {argument}"


def test_compose_creates_the_topics_that_the_worker_uses(compose: dict[str, Any]) -> None:
    script = compose["services"]["topics"]["command"][-1]
    loop = re.search(r"for topic in (.*); do", script)
    assert loop is not None
    created = {*loop.group(1).split(), *re.findall(r"--topic ([\w-]+)", script)}
    used = settings()
    wanted = {used[f"topics.{t}"] for t in ("input", "processed", "errors", "cleaned", "summary")}
    assert created == wanted
    watched = set(compose["services"]["watch"]["command"][1:])
    assert watched == wanted - {used["topics.input"]}


def test_the_ports_of_compose_fit_together(compose: dict[str, Any]) -> None:
    kafka = compose["services"]["kafka"]
    environment = kafka["environment"]
    listeners = dict(re.findall(r"(\w+)://\w*:(\d+)", environment["KAFKA_LISTENERS"]))
    advertised = dict(re.findall(r"(\w+)://([\w.:]+)", environment["KAFKA_ADVERTISED_LISTENERS"]))
    assert advertised["PLAINTEXT"] == f"kafka:{listeners['PLAINTEXT']}"
    assert advertised["HOST"] == f"localhost:{listeners['HOST']}"
    assert environment["KAFKA_CONTROLLER_QUORUM_VOTERS"].endswith(f":{listeners['CONTROLLER']}")
    # Published on the loopback only, under the number that is advertised.
    assert kafka["ports"] == [f"127.0.0.1:{listeners['HOST']}:{listeners['HOST']}"]
    mapped = environment["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"]
    assert {pair.split(":")[0] for pair in mapped.split(",")} == set(listeners)


def test_every_service_that_stays_is_watched_and_starts_after_what_it_needs(
    compose: dict[str, Any],
) -> None:
    services = compose["services"]
    assert services["kafka"]["healthcheck"]["test"][0] == "CMD"
    assert "healthcheck" not in services["worker"], "the image's own asks /livez"
    for name in ("generator", "watch"):  # They serve nothing.
        assert services[name]["healthcheck"] == {"disable": True}
    assert services["topics"]["depends_on"]["kafka"]["condition"] == "service_healthy"
    for service in ours(compose).values():
        condition = service["depends_on"]["topics"]["condition"]
        assert condition == "service_completed_successfully"


def test_compose_grants_the_worker_its_time_and_memory(compose: dict[str, Any]) -> None:
    worker = compose["services"]["worker"]
    used = settings()
    assert int(worker["stop_grace_period"][:-1]) * 1000 > used["shutdown.timeout_ms"]
    assert int(worker["mem_limit"][:-1]) >= 1.5 * used["memory.budget_mib"]


# systemd.


def unit() -> dict[str, str]:
    """The last value of each key."""
    lines = (DEPLOY / "turnstile.service").read_text().splitlines()
    pairs = [line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")]
    return dict(pairs)


@pytest.fixture
def installed_unit(tmp_path: Path) -> Path:
    """The unit with the program where this build has it: systemd wants it to be there."""
    text = (DEPLOY / "turnstile.service").read_text()
    file = tmp_path / "turnstile.service"
    file.write_text(text.replace("/usr/local/bin/turnstile", str(PROGRAM.resolve())))
    return file


def test_systemd_finds_no_fault_in_the_unit(installed_unit: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", installed_unit], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and not done.stderr, done.stderr


def test_the_unit_exposes_little(installed_unit: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", installed_unit],
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"Overall exposure level for .*: ([0-9.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found.group(1)) <= EXPOSURE_MAX, done.stdout


def test_the_unit_starts_the_worker_with_arguments_that_exist() -> None:
    program, command, *arguments = shlex.split(unit()["ExecStart"])
    assert Path(program).name == "turnstile"
    told = turnstile(command, "--help")
    assert all(f"{a}," in told or f"{a} " in told for a in arguments if a.startswith("-"))
    for name in re.findall(r"TURNSTILE_\w+", (DEPLOY / "turnstile.service").read_text()):
        if name != "TURNSTILE_KAFKA_SASL_PASSWORD":  # A property of librdkafka's.
            option = name.removeprefix("TURNSTILE_").lower().replace("_", ".", 1)
            assert option in settings(), name


def test_the_unit_grants_the_worker_its_time_and_memory() -> None:
    used = settings()
    assert int(unit()["TimeoutStopSec"]) * 1000 > used["shutdown.timeout_ms"]
    assert int(unit()["MemoryMax"].removesuffix("M")) >= 1.5 * used["memory.budget_mib"]


def test_the_unit_does_not_repeat_what_is_refused() -> None:
    refused = unit()["RestartPreventExitStatus"].split()
    wrong = [["run", "--bogus"], ["run", "--set", "no.option=1"]]
    codes = [
        subprocess.run([PROGRAM, *w], capture_output=True, check=False).returncode for w in wrong
    ]
    fenced = 76  # Started again it would fence the other one in its turn.
    assert [str(code) for code in sorted([*codes, fenced])] == refused


def test_the_example_configuration_is_valid_and_holds_only_defaults() -> None:
    told = turnstile("check", "--json", "-c", str(DEPLOY / "turnstile.example.toml"))
    assert json.loads(told)["settings"] == settings()


def test_the_unit_is_told_how_the_worker_is_and_reloads_it() -> None:
    used = unit()
    assert used["Type"] == "notify"
    assert used["TimeoutStartSec"] == "infinity", "brokers that are away would fail the start"
    assert int(used["WatchdogSec"]) >= 2 * 30  # What /livez allows an actor.
    assert used["ExecReload"] == "/bin/kill -HUP $MAINPID"
