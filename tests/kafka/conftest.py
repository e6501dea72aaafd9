"""One broker for all tests here, and a pipeline with topics of its own for each."""

from __future__ import annotations

import os
import re
import shutil
import zlib
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from harness.cluster import Cluster, NoKafka
from harness.pipeline import BUILD, Pipeline

LOGS = BUILD / "test-logs" / "kafka"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """What failed shows what its workers said last: often the machine with the log is gone."""
    outcome = yield
    report = outcome.get_result()
    pipeline = getattr(item, "funcargs", {}).get("pipeline")
    if report.when == "call" and report.failed and pipeline is not None:
        report.sections += [(f"end of {worker.name}", worker.tail) for worker in pipeline.workers]


@pytest.fixture(scope="session")
def kafka_or_reason(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster | str]:
    cluster = Cluster(tmp_path_factory.mktemp("kafka"))
    try:
        cluster.start()
    except NoKafka as no:
        yield f"no real Kafka: {no}"
        return
    yield cluster
    shutil.rmtree(LOGS / "broker", ignore_errors=True)
    cluster.keep_logs(LOGS / "broker")
    cluster.wipe()


@pytest.fixture
def cluster(kafka_or_reason: Cluster | str) -> Cluster:
    """The real broker. Where none can be had its tests are skipped, or fail if CI says so."""
    if isinstance(kafka_or_reason, Cluster):
        return kafka_or_reason
    if os.environ.get("TURNSTILE_TEST_REQUIRE_KAFKA") == "1":
        pytest.fail(kafka_or_reason, pytrace=False)
    pytest.skip(kafka_or_reason)


def short(name: str) -> str:
    """Topics and groups have a limit; what is cut off still tells two names apart."""
    return name if len(name) <= 60 else f"{name[:53]}-{zlib.crc32(name.encode()):08x}"


@pytest.fixture
def pipeline(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[Pipeline]:
    """Topics are the test's to create. What it started ends with it."""
    name = short(re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_")).strip("-"))
    logs = LOGS / request.path.stem / name
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    made = Pipeline(cluster, name, logs)
    yield made
    made.end()
    cluster.delete(made.names)


@pytest.fixture
def tell(
    capsys: pytest.CaptureFixture[str], record_property: Callable[[str, object], None]
) -> Callable[..., None]:
    """Shows measured figures also where the test passes, and keeps them in the report."""

    def show(**figures: object) -> None:
        for name, value in figures.items():
            record_property(name, value)
        with capsys.disabled():
            print("  [" + ", ".join(f"{n} {v}" for n, v in figures.items()) + "]", end="")

    return show
