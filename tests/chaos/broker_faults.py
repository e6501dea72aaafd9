"""Faults of the brokers: one of them, the one that leads what matters, all of them."""

from __future__ import annotations

import json
import random
import signal
import tempfile
from typing import ClassVar

from confluent_kafka import KafkaException
from harness.waiting import until

from chaos.fault import EXACTLY_ONCE, Fault
from chaos.stage import Stage

BACK_S = 60.0
OFFSETS, TRANSACTIONS = "__consumer_offsets", "__transaction_state"


def java_hash(text: str) -> int:
    """`String.hashCode`, made positive as Kafka does: it says which partition keeps a group."""
    value = 0
    for letter in text:
        value = (31 * value + ord(letter)) & 0xFFFFFFFF
    return value & 0x7FFFFFFF


def leaders(stage: Stage, topic: str) -> dict[int, int]:
    found = stage.cluster.admin.list_topics(topic, timeout=10.0).topics[topic]
    return {number: partition.leader for number, partition in found.partitions.items()}


def coordinator(stage: Stage, kept_in: str, name: str) -> int:
    """The broker that coordinates a group or a transactional id."""
    led = leaders(stage, kept_in)
    return led[java_hash(name) % len(led)]


def await_whole(stage: Stage) -> None:
    """Until every replica of every partition is in sync: one more broker may go then."""

    def whole() -> bool:
        try:
            found = stage.cluster.admin.list_topics(timeout=10.0)
        except KafkaException:
            return False
        parts = [p for topic in found.topics.values() for p in topic.partitions.values()]
        # A broker that is down is missing in both lists, so their number is asked too.
        return len(found.brokers) == len(stage.cluster.ids) and all(
            p.leader > 0 and len(p.isrs) == len(p.replicas) for p in parts
        )

    until(whole, BACK_S, "all replicas are in sync", every_s=0.3)


class OfABroker(Fault):
    """Has a victim among the brokers. Which, is for each kind to say."""

    brokers = (3,)
    static = False
    lasts_s = (10.0, 14.0)  # The others take over a few seconds after its session has ended.
    slot_s = (20.0, 26.0)
    number: ClassVar[signal.Signals] = signal.SIGKILL

    def __init__(self, stage: Stage, rng: random.Random) -> None:
        super().__init__(stage, rng)
        self.victim = 0
        self.led = 0
        self.flowing = False

    def choose(self) -> int:
        return self.rng.choice(self.stage.cluster.ids)

    def inject(self) -> None:
        self.victim = self.choose()
        names = self.stage.pipeline.names
        watched = (names.input, names.processed)
        self.led = sum(
            leader == self.victim for t in watched for leader in leaders(self.stage, t).values()
        )
        self.flowing = self.stage.flowing()
        self.harm()

    def harm(self) -> None:
        self.stage.cluster.kill(self.victim)

    def heal(self) -> None:
        self.stage.cluster.up(self.victim)
        await_whole(self.stage)

    def hit(self) -> str:
        if not self.flowing or self.led == 0:
            return ""
        return f"broker {self.victim} led {self.led} partitions that were in use"


class Kill(OfABroker):
    name = "broker-kill"


class Terminate(OfABroker):
    name = "broker-term"

    def harm(self) -> None:
        self.stage.cluster.term(self.victim)


class Freeze(OfABroker):
    """It takes connections and answers nothing, until the others have taken over."""

    name = "broker-freeze"
    lasts_s = (12.0, 16.0)
    slot_s = (24.0, 30.0)

    def harm(self) -> None:
        self.stage.cluster.signal(self.victim, signal.SIGSTOP)

    def heal(self) -> None:
        self.stage.cluster.signal(self.victim, signal.SIGCONT)
        await_whole(self.stage)


class GroupCoordinator(Kill):
    name = "coordinator-of-group-kill"

    def choose(self) -> int:
        return coordinator(self.stage, OFFSETS, self.stage.pipeline.group)

    def hit(self) -> str:
        return f"broker {self.victim} coordinated the group" if self.flowing else ""


class TransactionCoordinator(Kill):
    name = "coordinator-of-transactions-kill"
    guarantees = (EXACTLY_ONCE,)

    def choose(self) -> int:
        worker = self.rng.choice(self.stage.owners() or self.stage.workers)
        return coordinator(self.stage, TRANSACTIONS, f"{self.stage.pipeline.group}-{worker.name}-0")

    def hit(self) -> str:
        return f"broker {self.victim} coordinated transactions" if self.flowing else ""


class RollingRestart(OfABroker):
    name = "broker-rolling-restart"
    lasts_s = (0.0, 0.0)
    slot_s = (40.0, 50.0)

    def harm(self) -> None:
        for broker in self.stage.cluster.ids:
            self.stage.cluster.term(broker)
            self.stage.cluster.up(broker)
            await_whole(self.stage)

    def heal(self) -> None:
        pass


class LeaderMoved(OfABroker):
    """All leaders of input and output go to another broker while all brokers live."""

    name = "leader-moved"
    lasts_s = (0.0, 0.0)
    slot_s = (15.0, 20.0)

    def harm(self) -> None:
        self.before = self.where()
        wanted = []
        for topic in self.topics():
            found = self.stage.cluster.admin.list_topics(topic, timeout=10.0).topics[topic]
            for number, partition in found.partitions.items():
                others = sorted(set(partition.replicas) - {partition.leader})
                first = self.rng.choice(others)
                rest = [r for r in partition.replicas if r != first]
                wanted.append({"topic": topic, "partition": number, "replicas": [first, *rest]})
        self.reassign(wanted)

    def topics(self) -> tuple[str, ...]:
        return (self.stage.pipeline.names.input, self.stage.pipeline.names.processed)

    def where(self) -> list[dict[int, int]]:
        return [leaders(self.stage, topic) for topic in self.topics()]

    def reassign(self, wanted: list[dict[str, object]]) -> None:
        cluster = self.stage.cluster
        at = ("--bootstrap-server", cluster.bootstrap)
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"version": 1, "partitions": wanted}, file)
            file.flush()
            tool = "org.apache.kafka.tools.reassign.ReassignPartitionsCommand"
            plan = ("--reassignment-json-file", file.name)
            cluster.tool(tool, *at, *plan, "--execute")
        election = "org.apache.kafka.tools.LeaderElectionCommand"
        cluster.tool(election, *at, "--election-type", "preferred", "--all-topic-partitions")

    def heal(self) -> None:
        pass

    def hit(self) -> str:
        moved = sum(old[p] != new[p] for old, new in zip(self.before, self.where()) for p in old)
        return f"{moved} leaders moved" if moved and self.flowing else ""


class AllDown(Fault):
    """No broker is left for a while."""

    name = "all-brokers-down"
    majority = False
    static = False
    lasts_s = (5.0, 60.0)
    slot_s = (75.0, 90.0)

    def inject(self) -> None:
        self.flowing = self.stage.flowing()
        for broker in self.stage.cluster.ids:
            self.stage.cluster.signal(broker, signal.SIGKILL)

    def heal(self) -> None:
        for broker in self.stage.cluster.ids:
            self.stage.cluster.kill(broker)  # Waits until it is gone.
        self.stage.cluster.up_together()
        await_whole(self.stage)

    def hit(self) -> str:
        return "records were flowing when all brokers went" if self.flowing else ""


class TheBroker(AllDown):
    """The only one, for a moment."""

    name = "only-broker-kill"
    brokers = (1,)
    lasts_s = (0.0, 3.0)
    slot_s = (16.0, 20.0)


class TheBrokerFrozen(AllDown):
    name = "only-broker-freeze"
    brokers = (1,)
    lasts_s = (3.0, 12.0)
    slot_s = (20.0, 24.0)

    def inject(self) -> None:
        self.flowing = self.stage.flowing()
        self.stage.cluster.signal(1, signal.SIGSTOP)

    def heal(self) -> None:
        self.stage.cluster.signal(1, signal.SIGCONT)
        await_whole(self.stage)


def all_of_them() -> list[type[Fault]]:
    single: list[type[Fault]] = [Kill, Terminate, Freeze, GroupCoordinator, TransactionCoordinator]
    return [*single, RollingRestart, LeaderMoved, AllDown, TheBroker, TheBrokerFrozen]
