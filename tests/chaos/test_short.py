"""One leg of each family on a real broker, short: nothing is lost, and the worker resumes alone.

How much is repeated depends on how busy the machine is, so that only the long legs judge it
(scripts/chaos); with exactly-once nothing is repeated however busy it is.
"""

from __future__ import annotations

import os
import random

import pytest

from chaos import refused, run_leg
from cluster import Cluster
from fault import AT_LEAST_ONCE, EXACTLY_ONCE, Fault
from broker_faults import TheBroker
from group_faults import JoinOrLeave
from leg import Skipped
from network import Proxy
from network_faults import CutToWorker
from worker_faults import Kill, Zombie


class KillTwice(Kill):
    repeats_share_max = None


class ZombieOnce(Zombie):
    repeats_share_max = None


class BrokerKilledOnce(TheBroker):
    repeats_share_max = None


class AcknowledgementsCutOnce(CutToWorker):
    lasts_s = (3.0, 6.0)
    repeats_share_max = None


class MembersComeAndGo(JoinOrLeave):
    repeats_share_max = None


SHORT: dict[str, tuple[type[Fault], float]] = {
    "a worker is killed twice": (KillTwice, 12.0),
    "a worker is a zombie": (ZombieOnce, 0.0),
    "members come and go": (MembersComeAndGo, 12.0),
    "the broker is killed": (BrokerKilledOnce, 0.0),
    "acknowledgements are cut off": (AcknowledgementsCutOnce, 0.0),
}
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
    assert not result.failures, f"TURNSTILE_SEED={seed}: {result.failures}"
    assert result.hits >= 1
    assert result.lost == 0
