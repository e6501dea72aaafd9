"""One leg of each family on a real broker, short: nothing is lost, and the worker resumes alone.

How much is repeated and how long it takes depends on how busy the machine is, and what is known to
go wrong (docs/chaos.md) is rare; only the long legs judge these. Here counts what holds however
busy the machine is: with exactly-once also that nothing is repeated.
"""

from __future__ import annotations

import os
import random

import pytest
from harness.cluster import Cluster

from chaos.broker_faults import TheBroker
from chaos.campaign import refused, run_leg
from chaos.fault import AT_LEAST_ONCE, EXACTLY_ONCE, Fault
from chaos.leg import Skipped
from chaos.network import Proxy
from chaos.network_faults import CutToWorker
from chaos.worker_faults import Kill, Zombie


class KillTwice(Kill):
    repeats_share_max = None


class ZombieOnce(Zombie):
    repeats_share_max = None


class BrokerKilledOnce(TheBroker):
    repeats_share_max = None


class AcknowledgementsCutOnce(CutToWorker):
    lasts_s = (3.0, 6.0)
    repeats_share_max = None


SHORT: dict[str, tuple[type[Fault], float]] = {
    "a worker is killed twice": (KillTwice, 12.0),
    "a worker is a zombie": (ZombieOnce, 0.0),
    "the broker is killed": (BrokerKilledOnce, 0.0),
    "acknowledgements are cut off": (AcknowledgementsCutOnce, 0.0),
}
LEFT_TO_LONG_LEGS = ("order", "summary_", "records passed", "lag returned")
TRANSACTIONAL = ("a worker is killed twice", "a worker is a zombie")
CASES = [
    *((name, AT_LEAST_ONCE) for name in SHORT),
    *((name, EXACTLY_ONCE) for name in TRANSACTIONAL),
]


@pytest.mark.parametrize(("name", "guarantee"), CASES)
def test_nothing_is_lost_when(
    cluster_and_proxy: tuple[Cluster, Proxy], name: str, guarantee: str
) -> None:
    why = refused(guarantee)
    if why:
        pytest.skip(f"the program refuses {guarantee}: {why}")
    kind, seconds = SHORT[name]
    seed = int(os.environ.get("TURNSTILE_SEED", random.randrange(10**6)))
    try:
        result = run_leg(*cluster_and_proxy, kind, seed, guarantee, seconds)
    except Skipped as reason:
        pytest.skip(str(reason))
    failures = [f for f in result.failures if not any(word in f for word in LEFT_TO_LONG_LEGS)]
    assert not failures, f"TURNSTILE_SEED={seed}: {failures}"
    assert result.lost == 0 and result.inputs > 0
    assert result.recovery_s is not None
