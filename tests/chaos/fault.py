"""What every fault is: how it is done, how it is healed, and the evidence that it hit."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from chaos.stage import Stage

AT_LEAST_ONCE = "at-least-once"
EXACTLY_ONCE = "exactly-once"
GUARANTEES = (AT_LEAST_ONCE, EXACTLY_ONCE)
STORM_S = 5.0


class Fault:
    """One injection. Made anew for each, used on the leg's thread.

    `inject` and `heal` are called in this order, once each. `hit` says what shows that the fault
    met a pipeline at work, or nothing; it may be asked again later, when more is known.
    """

    name: ClassVar[str]
    brokers: ClassVar[tuple[int, ...]] = (1, 3)  # Sizes of cluster it makes sense on.
    guarantees: ClassVar[tuple[str, ...]] = GUARANTEES
    workers: ClassVar[int] = 3
    static: ClassVar[bool] = True  # Workers are static members.
    options: ClassVar[tuple[str, ...]] = ()  # Of all workers.
    proxied: ClassVar[bool] = False  # Workers reach the brokers through the proxy.
    majority: ClassVar[bool] = True  # It leaves enough for records to pass meanwhile.
    lasts_s: ClassVar[tuple[float, float]] = (0.0, 0.0)
    slot_s: ClassVar[tuple[float, float]] = (5.0, 7.0)
    may_end: ClassVar[bool] = False  # A worker may end by itself, and is started again.
    repeats_share_max: ClassVar[float | None] = 0.01  # None: more than one fault in 5 s.
    counts_repeats: ClassVar[bool] = True  # Nobody dies before it has counted what it may repeat.

    def __init__(self, stage: Stage, rng: random.Random) -> None:
        self.stage = stage
        self.rng = rng

    @classmethod
    def is_storm(cls) -> bool:
        """Whether one comes before the group has recovered from the last."""
        return cls.slot_s[0] < STORM_S

    @classmethod
    def unavailable(cls, stage: Stage) -> str:
        """Why it cannot be done here; empty: it can, and all it needs is there until `clear`."""
        return ""

    @classmethod
    def clear(cls, stage: Stage) -> None:
        """Called once the workers have ended."""

    def inject(self) -> None:
        raise NotImplementedError

    def heal(self) -> None:
        pass

    def hit(self) -> str:
        raise NotImplementedError
