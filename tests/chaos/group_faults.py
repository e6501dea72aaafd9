"""Faults of the group: members come and go, faster than a rebalance takes."""

from __future__ import annotations

from typing import ClassVar

from chaos.fault import Fault

MEMBERS_MAX = 12


class JoinOrLeave(Fault):
    """One member more or one fewer, gracefully."""

    name = "group-eager"
    workers = 2
    static = False
    slot_s = (0.5, 5.0)
    repeats_share_max: ClassVar[float | None] = 0.0
    stays: ClassVar[int] = 1  # So many never leave.

    def inject(self) -> None:
        stage = self.stage
        self.seen = stage.marks()
        self.flowing = stage.flowing()
        running = [worker for worker in stage.workers if worker.running]
        away = [worker for worker in stage.workers if not worker.running]
        joins = len(running) < MEMBERS_MAX and (
            len(running) <= self.stays or self.rng.random() < 0.6
        )
        if joins:
            (self.rng.choice(away) if away else stage.add_worker()).start()
        else:
            leaving = self.rng.choice(running[self.stays :])
            code = leaving.stop()
            assert code == 0, f"{leaving.name} ended with {code}\n{leaving.tail}"
            del self.seen[leaving.name]

    def hit(self) -> str:
        told = self.stage.said_since(self.seen, "partitions assigned")
        return f"{' '.join(told)} shared anew" if told and self.flowing else ""


class Cooperative(JoinOrLeave):
    """Known to repeat with librdkafka 2.0.2; see ARCHITECTURE.md."""

    name = "group-cooperative"
    options = ("kafka.consumer.partition.assignment.strategy=cooperative-sticky",)
    repeats_share_max = None


class Static(JoinOrLeave):
    """Leaves without saying so and is back within its session, with what it had."""

    name = "group-static"
    workers = 3
    static = True
    lasts_s = (0.5, 3.0)
    slot_s = (1.0, 5.0)

    def inject(self) -> None:
        self.flowing = self.stage.flowing()
        self.victim = self.rng.choice(self.stage.owners() or self.stage.workers)
        self.mark = self.victim.mark
        code = self.victim.stop()
        assert code == 0, f"{self.victim.name} ended with {code}\n{self.victim.tail}"

    def heal(self) -> None:
        self.victim.start()
        self.stage.await_assigned(self.victim, self.mark)

    def hit(self) -> str:
        back = self.victim.said("partitions assigned", self.mark)
        return f"{self.victim.name} was away and is back" if back and self.flowing else ""


def all_of_them() -> list[type[Fault]]:
    return [JoinOrLeave, Cooperative, Static]
