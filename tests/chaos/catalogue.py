"""Every fault by its name."""

from __future__ import annotations

import broker_faults
import group_faults
import network_faults
import worker_faults
from fault import Fault
from stage import Stage


class NoFault(Fault):
    """For comparison: the same run, undisturbed."""

    name = "none"
    repeats_share_max = 0.0

    def inject(self) -> None:
        self.flowing = self.stage.flowing()

    def hit(self) -> str:
        return "records were flowing" if self.flowing else ""


FAULTS: dict[str, type[Fault]] = {
    kind.name: kind
    for kind in (
        NoFault,
        *worker_faults.all_of_them(),
        *group_faults.all_of_them(),
        *broker_faults.all_of_them(),
        *network_faults.all_of_them(),
    )
}


def fitting(brokers: int, guarantee: str) -> list[type[Fault]]:
    """What makes sense on so many brokers, with this guarantee."""
    return [k for k in FAULTS.values() if brokers in k.brokers and guarantee in k.guarantees]


def options_of(kind: type[Fault], stage: Stage) -> tuple[str, ...]:
    disk = str(worker_faults.FullDisk.disk(stage))
    return tuple(option.format(disk=disk) for option in kind.options)
