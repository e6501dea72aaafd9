"""A real broker of this part's own, with a proxy before it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from harness.cluster import Cluster, NoKafka

from chaos.campaign import stage_set
from chaos.network import Proxy


@pytest.fixture(scope="session")
def set_or_reason() -> Iterator[tuple[Cluster, Proxy] | str]:
    try:
        with stage_set(1) as made:
            yield made
    except NoKafka as no:
        yield f"no real Kafka: {no}"


@pytest.fixture
def cluster_and_proxy(set_or_reason: tuple[Cluster, Proxy] | str) -> tuple[Cluster, Proxy]:
    """Where no Kafka can be had its tests are skipped, or fail if CI says so."""
    if not isinstance(set_or_reason, str):
        return set_or_reason
    if os.environ.get("TURNSTILE_TEST_REQUIRE_KAFKA") == "1":
        pytest.fail(set_or_reason, pytrace=False)
    pytest.skip(set_or_reason)
