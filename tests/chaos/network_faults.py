"""Faults of the network between workers and brokers, done by the proxy."""

from __future__ import annotations

import random

from chaos.fault import Fault
from chaos.network import TO_BROKER, TO_WORKER, Proxy
from chaos.stage import SESSION_S, Stage


class OfTheNetwork(Fault):
    proxied = True
    static = False
    lasts_s = (3.0, 6.0)
    slot_s = (10.0, 14.0)

    def __init__(self, stage: Stage, rng: random.Random) -> None:
        super().__init__(stage, rng)
        assert stage.proxy is not None
        self.proxy: Proxy = stage.proxy
        self.flowing = False
        self.seen = ""

    def inject(self) -> None:
        self.flowing = self.stage.flowing()
        self.proxy.reset_figures()
        self.harm()

    def harm(self) -> None:
        raise NotImplementedError

    def heal(self) -> None:
        self.seen = self.evidence()
        self.proxy.heal()

    def evidence(self) -> str:
        raise NotImplementedError

    def hit(self) -> str:
        return self.seen if self.flowing else ""


class Latency(OfTheNetwork):
    name = "network-latency"
    repeats_share_max = 0.0

    def harm(self) -> None:
        self.proxy.delay(0.2)

    def evidence(self) -> str:
        late = self.proxy.figures.delayed_chunks
        return f"{late} chunks came 200 ms late" if late else ""


class Cut(OfTheNetwork):
    """Nothing arrives and nobody is told, shorter or longer than the session lasts."""

    name = "network-cut"
    majority = False
    lasts_s = (2.0, 2 * SESSION_S)
    slot_s = (20.0, 26.0)
    directions: tuple[str, ...] = (TO_BROKER, TO_WORKER)

    def harm(self) -> None:
        self.proxy.hold(*self.directions)

    def evidence(self) -> str:
        held = self.proxy.figures.held_bytes
        return f"at least {held} bytes did not arrive" if held else ""


class CutToBroker(Cut):
    name = "network-cut-to-broker"
    directions = (TO_BROKER,)


class CutToWorker(Cut):
    """What the workers write arrives, and they do not hear of it."""

    name = "network-cut-to-worker"
    directions = (TO_WORKER,)


class Reset(OfTheNetwork):
    name = "network-reset"
    lasts_s = (0.0, 0.0)
    slot_s = (5.0, 8.0)

    def harm(self) -> None:
        self.proxy.reset()

    def evidence(self) -> str:
        resets = self.proxy.figures.resets
        return f"{resets} connections were reset" if resets else ""


class Loss(Reset):
    """Connections are lost at random, again and again."""

    name = "network-loss"
    lasts_s = (3.0, 6.0)
    slot_s = (10.0, 14.0)
    repeats_share_max = None

    def harm(self) -> None:
        self.proxy.drop(self.rng, 0.1)


def all_of_them() -> list[type[Fault]]:
    return [Latency, Cut, CutToBroker, CutToWorker, Reset, Loss]
