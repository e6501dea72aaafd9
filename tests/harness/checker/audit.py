"""Decides from records alone whether every input ended in exactly one place, and rightly.

Works on records from anywhere: the checker feeds it with topics, its tests with lists. Feed the
inputs first (only for full checks), then the outputs, each partition in its order; then ask for
the commits and the rest, then for `faults`.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from harness.checker import comparison
from harness.checker.contract import Fate, Rules, judge, output_partition
from harness.checker.ledger import Faults, Ledger
from harness.topics import Names, Record, Span

ORIGIN = "turnstile-origin"
REDRIVE = "turnstile-redrive"


class Sample(NamedTuple):
    """Committed offsets, and where the output partitions ended right after they were read."""

    committed: dict[int, int]
    ends: dict[tuple[Fate, int], int]


class Audit:
    def __init__(
        self,
        spans: dict[int, Span],
        outputs: dict[Fate, int],
        names: Names = Names(),
        rules: Rules = Rules(),
        record_bytes_max: dict[Fate, int] | None = None,
    ) -> None:
        """`spans` of the input topic's partitions, partition counts of the `outputs`."""
        self.names = names
        self.rules = rules
        self.outputs = outputs
        self.record_bytes_max = record_bytes_max or {}
        self.ledgers = {p: Ledger(p, span) for p, span in spans.items()}
        self.faults = Faults()
        self.repeats = 0
        self.reasons: Counter[str] = Counter()
        self._origin_topic = names.input.encode()
        self._last: dict[tuple[int, Fate, int], int] = {}

    # What happened.

    def add_input(self, record: Record) -> None:
        """An input that outputs are to be compared with, byte by byte."""
        self.ledgers[record.partition].keep(record, judge(record.value, self.rules))

    def add_output(self, fate: Fate, record: Record) -> None:
        origin = self._origin(fate, record)
        if origin is None:
            return
        ledger, offset = origin
        ledger.write(offset)
        if is_redriven(record):
            earlier = self._redriven(fate, record, ledger, offset)
        else:
            earlier = self._written(fate, record, ledger, offset)
        if earlier != Fate.NONE:
            self.repeats += 1
            if earlier != fate:
                self.faults.add("two_fates", f"{_place(ledger, offset)} is in {fate.name} too")
        expected = self._expected_partition(fate, ledger.partition, record.key)
        if record.partition != expected:
            where = f"{_place(ledger, offset)} in {fate.name}/{record.partition}, not /{expected}"
            self.faults.add("wrong_partition", where)
        known = ledger.known(offset)
        # What was wrong with an input that was redriven is not known any more.
        superseded = fate == Fate.ERROR and ledger.redriven[offset - ledger.low] != Fate.NONE
        if known is not None and not superseded:
            limit = self.record_bytes_max.get(Fate.PROCESSED)
            for kind in comparison.faults_of(fate, record, *known, self.rules, limit):
                where = f"{_place(ledger, offset)} as {fate.name}/{record.partition}"
                self.faults.add(kind, f"{where}/{record.offset}")

    def _written(self, fate: Fate, record: Record, ledger: Ledger, offset: int) -> int:
        """Of a worker's output: as what the input ended before, though it may end once only."""
        at = offset - ledger.low
        if ledger.fate[at] != Fate.NONE:
            return ledger.fate[at]
        self._first(fate, record, ledger, offset)
        return Fate.NONE if fate == Fate.ERROR else ledger.redriven[at]

    def _redriven(self, fate: Fate, record: Record, ledger: Ledger, offset: int) -> int:
        """The same of a redrive's, which may follow an error record. It is in no order."""
        at = offset - ledger.low
        if ledger.redriven[at] != Fate.NONE:
            return ledger.redriven[at]
        ledger.redriven[at] = fate
        if fate == Fate.ERROR:
            self.reasons[comparison.reason_header(record)] += 1
        may_follow = ledger.fate[at] == Fate.ERROR and fate != Fate.ERROR
        return Fate.NONE if may_follow else ledger.fate[at]

    def _first(self, fate: Fate, record: Record, ledger: Ledger, offset: int) -> None:
        at = offset - ledger.low
        ledger.fate[at] = fate
        ledger.first_partition[at] = record.partition
        ledger.first_offset[at] = record.offset
        if fate == Fate.ERROR:
            self.reasons[comparison.reason_header(record)] += 1
        line = (ledger.partition, fate, record.partition)
        before = self._last.get(line, -1)
        if offset < before:
            where = f"{_place(ledger, offset)} after {before} in {fate.name}/{record.partition}"
            self.faults.add("order", where)
        else:
            self._last[line] = offset

    def _origin(self, fate: Fate, record: Record) -> tuple[Ledger, int] | None:
        found = [value for name, value in record.headers if name == ORIGIN]
        parts = (found[0] or b"").rsplit(b"/", 2) if len(found) == 1 else []
        where = f"{fate.name}/{record.partition}/{record.offset}"
        if len(parts) != 3 or not parts[1].isdigit() or not parts[2].isdigit():
            self.faults.add("no_origin", where)
            return None
        ledger = self.ledgers.get(int(parts[1]))
        offset = int(parts[2])
        if parts[0] != self._origin_topic or ledger is None or not ledger.holds(offset):
            self.faults.add("foreign", f"{where} says {b'/'.join(parts).decode(errors='replace')}")
            return None
        return ledger, offset

    def _expected_partition(self, fate: Fate, source: int, key: bytes | None) -> int:
        return output_partition(source, key, len(self.ledgers), self.outputs[fate])

    # What may be asked once all outputs are known.

    def check_loss(self) -> None:
        for ledger in self.ledgers.values():
            for offset in ledger.lost():
                self.faults.add("lost", _place(ledger, offset))

    def check_commits(self, committed: dict[int, int], stopped_cleanly: bool) -> None:
        """The group's offsets against what is written; partitions without one are left out."""
        for partition, ledger in self.ledgers.items():
            offset = committed.get(partition, ledger.low)
            accounted = ledger.accounted_upto()
            if offset > accounted:
                where = f"partition {partition}: {offset} committed, {accounted} not written"
                self.faults.add("commit_ahead", where)
            elif stopped_cleanly and offset != ledger.high:
                where = f"partition {partition}: {offset} committed of {ledger.high}"
                self.faults.add("commit_behind", where)

    def check_samples(self, samples: list[Sample]) -> None:
        """No sample may say that an offset is committed whose output came later."""
        for partition, ledger in self.ledgers.items():
            taken = [s for s in samples if s.committed.get(partition, 0) > ledger.low]
            taken.sort(key=lambda s: s.committed[partition])
            reached: dict[tuple[Fate, int], int] = {}
            upto = 0
            for sample in taken:
                stop = min(sample.committed[partition], ledger.high) - ledger.low
                for at in range(upto, stop):
                    fate = Fate(ledger.fate[at])
                    if fate == Fate.NONE:
                        continue  # Lost, and told so.
                    line = (fate, ledger.first_partition[at])
                    reached[line] = max(reached.get(line, -1), ledger.first_offset[at])
                upto = max(upto, stop)
                for line, offset in reached.items():
                    if offset >= sample.ends.get(line, 0):
                        where = f"partition {partition}: {sample.committed[partition]} committed"
                        self.faults.add("commit_ahead", f"{where} before {line[0].name} {offset}")

    def counts(self) -> dict[str, int]:
        """Inputs by fate, each once."""
        return {
            fate.name.lower(): sum(ledger.outcomes(fate) for ledger in self.ledgers.values())
            for fate in Fate
        }

    @property
    def redriven(self) -> int:
        return sum(
            len(ledger.redriven) - ledger.redriven.count(Fate.NONE)
            for ledger in self.ledgers.values()
        )

    @property
    def inputs(self) -> int:
        return sum(ledger.high - ledger.low for ledger in self.ledgers.values())


def is_redriven(record: Record) -> bool:
    """Written by a redrive: one header names the error record, or that there was none."""
    found = [value or b"" for name, value in record.headers if name == REDRIVE]
    if len(found) != 1:
        return False
    parts = found[0].rsplit(b"/", 2)
    return found[0] == b"missing" or (
        len(parts) == 3 and parts[0] != b"" and parts[1].isdigit() and parts[2].isdigit()
    )


def _place(ledger: Ledger, offset: int) -> str:
    return f"input {ledger.partition}/{offset}"
