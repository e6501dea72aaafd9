"""What the checker remembers: the fate of each input offset, and the faults it found."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from harness.checker.contract import Fate, Judgement
from harness.topics import Record, Span

EXAMPLES_MAX = 5

FAULTS = {
    "lost": "an input that is in no output topic",
    "two_fates": "an input that is in more than one output topic",
    "foreign": "an output whose origin is no input",
    "no_origin": "an output without exactly one well-formed origin header",
    "order": "an output before one of an earlier input of the same partition",
    "wrong_partition": "an output in another partition than the contract's",
    "wrong_fate": "an input in another output topic than the contract's",
    "wrong_reason": "an error record with another reason than the contract's",
    "wrong_pseudonym": "a pseudonym that hashlib does not agree with",
    "wrong_timestamp": "a timestamp in a value that is not the contract's",
    "wrong_value": "a value that is not the contract's, otherwise",
    "wrong_key": "a key that is not the input's",
    "wrong_headers": "headers that are not the input's, or lacking ones of the worker",
    "wrong_record_time": "a record timestamp that is not the input's",
    "raw_value": "an address or device id that can be read in an output",
    "commit_ahead": "a committed offset above an input that was not written yet",
    "commit_behind": "a committed offset below the end although the worker stopped cleanly",
    "summary_total": "a summary whose totals are not the sum of its windows",
    "summary_window": "a summary window that does not agree with the records it covers",
    "summary_moment": "a summary at another count than each multiple",
    "summary_sequence": "a summary whose sequence has a gap or a repeat",
    "summary_overlap": "inputs that summaries count more often than they were written",
    "uncovered": "inputs that no summary covers although every worker stopped cleanly",
    "repeated": "more repeats than were allowed",
}


@dataclass
class Faults:
    """Faults by kind, with a few examples of each."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, where: str, count: int = 1) -> None:
        assert kind in FAULTS, kind
        self.counts[kind] += count
        told = self.examples.setdefault(kind, [])
        if len(told) < EXAMPLES_MAX:
            told.append(where)


class Ledger:
    """One input partition: for each offset its fate and where it was first written."""

    def __init__(self, partition: int, span: Span) -> None:
        count = span.high - span.low
        self.partition = partition
        self.low, self.high = span
        self.fate = bytearray(count)  # As what a worker wrote it.
        self.redriven = bytearray(count)  # As what a redrive wrote it.
        self.copies = bytearray(count)  # How often it was written, 255 at most.
        self.first_partition = array("i", bytes(4 * count))
        self.first_offset = array("q", bytes(8 * count))
        self.inputs: list[Record | None] = []
        self.verdicts: list[Judgement | None] = []

    def holds(self, offset: int) -> bool:
        return self.low <= offset < self.high

    def write(self, offset: int) -> None:
        at = offset - self.low
        self.copies[at] = min(self.copies[at] + 1, 255)

    def fewest_copies(self, low: int, high: int) -> int:
        return min(self.copies[low - self.low : high - self.low])

    def keep(self, record: Record, verdict: Judgement) -> None:
        """Remembers an input, for checks that need to know it."""
        if not self.inputs:
            self.inputs = [None] * (self.high - self.low)
            self.verdicts = [None] * (self.high - self.low)
        self.inputs[record.offset - self.low] = record
        self.verdicts[record.offset - self.low] = verdict

    def known(self, offset: int) -> tuple[Record, Judgement] | None:
        if not self.inputs:
            return None
        record, verdict = self.inputs[offset - self.low], self.verdicts[offset - self.low]
        return (record, verdict) if record is not None and verdict is not None else None

    def lost(self) -> Iterator[int]:
        """Offsets without a fate."""
        at = self.fate.find(Fate.NONE)
        while at >= 0:
            if self.redriven[at] == Fate.NONE:
                yield self.low + at
            at = self.fate.find(Fate.NONE, at + 1)

    def accounted_upto(self) -> int:
        """The first offset that has no fate, or the end."""
        return next(self.lost(), self.high)

    def outcomes(self, fate: Fate) -> int:
        """How many inputs ended so: an error that was redriven did as what it became."""
        return sum(1 for a, b in zip(self.fate, self.redriven) if (b or a) == fate)

    def count(self, fate: Fate, ranges: Iterable[tuple[int, int]]) -> int:
        """What workers wrote, as summaries tell of it."""
        return sum(self.fate.count(fate, a - self.low, b - self.low) for a, b in ranges)
