"""Every fault by its name."""

from __future__ import annotations

from chaos import broker_faults, group_faults, network_faults, worker_faults
from chaos.fault import Fault
from chaos.stage import Stage


class NoFault(Fault):
    """For comparison: the same run, undisturbed."""

    name = "none"
    repeats_share_max = 0.0

    def inject(self) -> None:
        self.flowing = self.stage.flowing()

    def hit(self) -> str:
        return "records were flowing" if self.flowing else ""


KINDS: tuple[type[Fault], ...] = (
    NoFault,
    *worker_faults.all_of_them(),
    *group_faults.all_of_them(),
    *broker_faults.all_of_them(),
    *network_faults.all_of_them(),
)
FAULTS = {kind.name: kind for kind in KINDS}


def fitting(brokers: int, guarantee: str) -> list[type[Fault]]:
    """What makes sense on so many brokers, with this guarantee."""
    return [k for k in FAULTS.values() if brokers in k.brokers and guarantee in k.guarantees]


def options_of(kind: type[Fault], stage: Stage) -> tuple[str, ...]:
    disk = str(worker_faults.FullDisk.disk(stage))
    return tuple(option.format(disk=disk) for option in kind.options)
