"""TLS, logins and rights at the start and in mid-run; what `check` says where they are wrong."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple

import pytest
from harness.cluster import NoKafka
from harness.pipeline import BUILD, PROGRAM, Pipeline
from harness.secured import PASSWORD, REAUTH_MS, USER, Certificates, SecuredCluster
from harness.waiting import until
from harness.worker import environment

EX_UNAVAILABLE = 69
EX_CONFIG = 78


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("secured") / "certificates")


@pytest.fixture(scope="module")
def secured(
    certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SecuredCluster]:
    made = SecuredCluster(tmp_path_factory.mktemp("secured-kafka"), certificates)
    try:
        made.start()
    except NoKafka as no:
        if os.environ.get("TURNSTILE_TEST_REQUIRE_KAFKA") == "1":
            pytest.fail(f"no real Kafka: {no}", pytrace=False)
        pytest.skip(f"no real Kafka: {no}")
    yield made
    made.cluster.wipe()


@pytest.fixture
def pipeline(secured: SecuredCluster, request: pytest.FixtureRequest) -> Iterator[Pipeline]:
    """Made and judged over the plain listener; its workers go over another one."""
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_")).strip("-")[-60:]
    logs = BUILD / "test-logs" / "kafka" / name
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    made = Pipeline(secured.cluster, name, logs)
    yield made
    made.end()


Ways = dict[str, tuple[str, list[str]]]


@pytest.fixture(scope="module")
def ways(secured: SecuredCluster, certificates: Certificates) -> Ways:
    """By name: a listener and the options that go with it."""
    ca = f"kafka.ssl.ca.location={certificates.path('ca.pem')}"
    ssl = ["kafka.security.protocol=ssl", ca]
    sasl = ["kafka.security.protocol=sasl_ssl", ca]

    def own(name: str) -> list[str]:
        return [
            f"kafka.ssl.certificate.location={certificates.path(name + '.pem')}",
            f"kafka.ssl.key.location={certificates.path(name + '.key')}",
        ]

    def login(mechanism: str, user: str = USER, password: str = PASSWORD) -> list[str]:
        return [
            f"kafka.sasl.mechanism={mechanism}",
            f"kafka.sasl.username={user}",
            f"kafka.sasl.password={password}",
        ]

    stranger = f"kafka.ssl.ca.location={certificates.path('stranger.pem')}"
    return {
        "tls": ("tls", ssl),
        "mutual tls": ("mutual", ssl + own("client")),
        "plain": ("sasl", sasl + login("PLAIN")),
        "scram": ("sasl", sasl + login("SCRAM-SHA-512")),
        "limited": ("sasl", sasl + login("PLAIN", user="limited")),
        "re-authentication": ("again", sasl + login("PLAIN")),
        "wrong authority": ("tls", ["kafka.security.protocol=ssl", stranger]),
        "expired certificate": ("expired", ssl),
        "wrong host name": ("elsewhere", ssl),
        "no client certificate": ("mutual", ssl),
        "strange client certificate": ("mutual", ssl + own("strange")),
        "tls on a plain port": ("", ssl),
        "plaintext on a tls port": ("tls", []),
        "no login": ("sasl", ssl),
        "a login where none is asked for": ("tls", sasl + login("PLAIN")),
        "wrong password": ("sasl", sasl + login("PLAIN", password="hunter2")),
        "unknown mechanism": ("sasl", sasl + login("SCRAM-SHA-256")),
    }


REASONS = {
    "wrong authority": "no authority in ssl.ca.location has signed it",
    "expired certificate": "it has expired",
    "wrong host name": "it is for another host name",
    "no client certificate": "certificate required|handshake failure|bad certificate|SSL",
    "strange client certificate": "unknown ca|certificate unknown|bad certificate|SSL",
    "tls on a plain port": "PLAINTEXT broker listener",
    "plaintext on a tls port": "security.protocol",
    "no login": "might require SASL|security.protocol",
    "a login where none is asked for": "SASL",
    "wrong password": "[Ii]nvalid username or password|Authentication failed",
    "unknown mechanism": "mechanism",
}


def librdkafka() -> tuple[int, ...]:
    told = subprocess.run([PROGRAM, "version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"^librdkafka (\d+)\.(\d+)\.(\d+)", told, re.MULTILINE)
    assert found
    return tuple(map(int, found.groups()))


def through(pipeline: Pipeline, secured: SecuredCluster, way: tuple[str, list[str]]) -> list[str]:
    """Sends the pipeline's workers this way; the options that they need for it."""
    listener, options = way
    pipeline.workers_bootstrap = (
        secured.address(listener) if listener else secured.cluster.bootstrap
    )
    return options


def check(pipeline: Pipeline, *options: str, command: str = "check") -> tuple[int, str, str]:
    words = pipeline.command(*options)
    words[1:2] = [command, "--connect"] if command == "check" else [command]
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=60, env=environment(), check=False
    )
    return done.returncode, done.stdout, done.stderr


def process(pipeline: Pipeline, options: list[str], count: int = 2_000) -> None:
    """A worker takes `count` events, stops, and nothing is missing or repeated."""
    worker = pipeline.worker("w1", *options).start()
    pipeline.generate(count).finish()
    pipeline.finish(worker, repeats_max=0)


@pytest.mark.parametrize("name", ["tls", "mutual tls", "plain"])
def test_a_worker_goes_over_every_way_that_is_right(
    pipeline: Pipeline, secured: SecuredCluster, ways: Ways, name: str
) -> None:
    pipeline.create_topics(2)
    options = through(pipeline, secured, ways[name])
    code, out, error = check(pipeline, *options)
    assert (code, error) == (0, ""), error
    assert out.endswith("brokers and topics fit\n")
    process(pipeline, options)


def test_scram_works_with_a_later_librdkafka_and_is_warned_of_with_this(
    pipeline: Pipeline, secured: SecuredCluster, ways: Ways
) -> None:
    pipeline.create_topics(2)
    options = through(pipeline, secured, ways["scram"])
    code, out, error = check(pipeline, *options)
    if librdkafka() >= (2, 6, 1):
        assert code == 0, error
        process(pipeline, options)
    else:
        assert code == EX_UNAVAILABLE
        assert "SCRAM of librdkafka before 2.6.1 cannot log in to Kafka 4" in out
        assert "SASL" in error


def test_what_is_wrong_with_a_connection_is_told_in_one_line(
    pipeline: Pipeline, secured: SecuredCluster, ways: Ways
) -> None:
    def told(name: str) -> tuple[str, int, str]:
        listener, options = ways[name]
        words = pipeline.command(*options)
        address = secured.address(listener) if listener else secured.cluster.bootstrap
        words[1:4] = ["check", "--connect", "--brokers", address]
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=60, env=environment(), check=False
        )
        return name, done.returncode, done.stderr

    with ThreadPoolExecutor(6) as threads:
        for name, code, error in threads.map(told, REASONS):
            assert code == EX_UNAVAILABLE, (name, error)
            assert re.search(REASONS[name], error), (name, error)
            assert error.count("\n") == 1, (name, error)
            assert "hunter2" not in error


@pytest.mark.parametrize("command", ["audit", "run"])
def test_other_commands_tell_it_too(
    pipeline: Pipeline, secured: SecuredCluster, ways: Ways, command: str
) -> None:
    options = through(pipeline, secured, ways["wrong authority"])
    if command == "run":
        worker = pipeline.worker("w1", *options).start()
        line = worker.wait_for("waiting for brokers")
        assert "no authority" in line["error"]
        assert worker.stop() == 0
    else:
        code, _, error = check(pipeline, *options, command=command)
        assert code == EX_UNAVAILABLE
        assert "no authority" in error


def rights(pipeline: Pipeline) -> dict[str, str]:
    names = pipeline.names
    outputs = " ".join(f"--topic {name}" for name in astuple(names)[1:])
    describe = "--operation Describe --operation DescribeConfigs"
    return {
        "input": f"--topic {names.input} --operation Read {describe}",
        "outputs": f"{outputs} --operation Write {describe}",
        "group": f"--group {pipeline.group} --operation Read",
    }


@pytest.mark.parametrize(
    ("missing", "reason"),
    [("group", "Group authorization failed"), ("input", "Topic authorization failed")],
)
def test_a_right_that_is_missing_is_told_and_can_be_given_while_the_worker_waits(
    pipeline: Pipeline, secured: SecuredCluster, ways: Ways, missing: str, reason: str
) -> None:
    pipeline.create_topics(2)
    options = through(pipeline, secured, ways["limited"])
    all_rights = rights(pipeline)
    secured.allow("limited", *(r for name, r in all_rights.items() if name != missing))
    code, _, error = check(pipeline, *options)
    assert code == EX_UNAVAILABLE
    assert reason in error
    worker = pipeline.worker("w1", *options).start()
    pipeline.generate(2_000).finish()
    secured.allow("limited", all_rights[missing])
    pipeline.finish(worker, repeats_max=0)


def test_a_right_to_write_that_is_taken_away_holds_records_back_until_it_returns(
    pipeline: Pipeline, secured: SecuredCluster, ways: Ways
) -> None:
    pipeline.create_topics(2)
    options = through(pipeline, secured, ways["limited"])
    secured.allow("limited", *rights(pipeline).values())
    worker = pipeline.worker("w1", *options).start()
    pipeline.generate(2_000).finish()
    pipeline.wait_until_all_is_committed()
    writing = f"--topic {pipeline.names.processed} --operation Write"
    secured.take_away("limited", writing)
    mark = worker.mark
    pipeline.generate(2_000, seed=2).finish()
    until(
        lambda: any("uthoriz" in line.get("error", "") for line in worker.lines[mark:]),
        20.0,
        "the refusal is told",
    )
    secured.allow("limited", writing)
    pipeline.finish(worker)


def test_a_password_that_becomes_wrong_loses_nothing_and_is_told(
    pipeline: Pipeline, secured: SecuredCluster, ways: Ways
) -> None:
    pipeline.create_topics(2)
    options = through(pipeline, secured, ways["plain"])
    worker = pipeline.worker("w1", *options).start()
    pipeline.generate(2_000).finish()
    pipeline.wait_until_all_is_committed()
    mark = worker.mark
    secured.change_password("another")
    try:
        pipeline.generate(2_000, seed=2).finish()
        said = re.compile("[Aa]uthentication failed|nvalid username or password")
        until(
            lambda: any(said.search(" ".join(line.values())) for line in worker.lines[mark:]),
            20.0,
            "the refusal is told",
        )
    finally:
        secured.change_password(PASSWORD)
    pipeline.finish(worker)
    assert PASSWORD not in {value for line in worker.lines for value in line.values()}


def test_sessions_that_a_broker_ends_lose_nothing(
    pipeline: Pipeline,
    secured: SecuredCluster,
    ways: Ways,
    tell: Callable[..., None],
) -> None:
    pipeline.create_topics(2)
    options = through(pipeline, secured, ways["re-authentication"])
    worker = pipeline.worker("w1", *options).start()
    pipeline.generate(int(400 * 3 * REAUTH_MS / 1000), rate=400).finish()
    pipeline.finish(worker)
    tell(lines=len(worker.lines))
