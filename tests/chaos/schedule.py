"""What happens in one leg, drawn from its seed alone: the same seed gives the same schedule."""

from __future__ import annotations

import random
from dataclasses import dataclass

from chaos.fault import Fault


@dataclass(frozen=True)
class Step:
    """One injection: `lasts_s` until it is healed, `slot_s` until the next one."""

    lasts_s: float
    slot_s: float
    seed: int  # For what the fault itself draws: its victim, its direction.


@dataclass(frozen=True)
class Schedule:
    seed: int
    fault: str
    steps: tuple[Step, ...]

    @property
    def seconds(self) -> float:
        return sum(step.slot_s for step in self.steps)

    def __str__(self) -> str:
        steps = " ".join(f"{s.lasts_s:.1f}/{s.slot_s:.1f}" for s in self.steps)
        return f"seed {self.seed}: {self.fault}, {len(self.steps)} times, lasting/slot s: {steps}"


def draw(kind: type[Fault], seed: int, seconds: float, least: int = 1) -> Schedule:
    """Injections of one kind for about so many seconds, at least `least` of them."""
    rng = random.Random(f"{seed} {kind.name}")
    steps: list[Step] = []
    left = seconds
    while len(steps) < least or left >= kind.slot_s[1]:
        lasts = rng.uniform(*kind.lasts_s)
        slot = max(lasts, rng.uniform(*kind.slot_s))
        steps.append(Step(lasts, slot, rng.randrange(2**31)))
        left -= slot
    return Schedule(seed, kind.name, tuple(steps))


def rounds(kinds: list[type[Fault]], seed: int) -> list[tuple[type[Fault], int]]:
    """The order of the legs: every kind once in a drawn order, each with a seed of its own.

    A single kind gets the seed itself, so that its leg can be asked for.
    """
    if len(kinds) == 1:
        return [(kinds[0], seed)]
    rng = random.Random(seed)
    shuffled = rng.sample(kinds, len(kinds))
    return [(kind, rng.randrange(10**6)) for kind in shuffled]
