"""A pipeline that keeps every promise, in memory, for tests of the checker to break."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness.checker import summaries
from harness.checker.audit import Audit, Sample
from harness.checker.contract import Fate, Judgement, judge
from harness.checker.verdict import Question, Report, conclude
from harness.topics import Headers, Names, Record, Span

PARTITIONS = 3
EVERY = 20
NOW = "2024-10-25 22:14:20"
FATES = (Fate.PROCESSED, Fate.ERROR, Fate.CLEANED)


def event(rng: random.Random) -> dict[str, object]:
    return {
        "user_id": f"user-{rng.randrange(10**6):06}",
        "app_version": "2.3.0",
        "ip": f"70.{rng.randrange(256)}.62.{rng.randrange(256)}",
        "locale": rng.choice(["KS", "NM", "RU"]),
        "device_id": f"{rng.getrandbits(64):016x}",
        "timestamp": 1729894074 + rng.randrange(10**6),
        "device_type": rng.choice(["iOS", "android"]),
    }


def value_of(rng: random.Random, number: int) -> bytes | None:
    """Mostly good events; each seventh to the filter, each fifth with some fault."""
    fields = event(rng)
    if number % 7 == 0:
        fields["app_version"] = "2.2.9"
    if number % 5 == 0:
        del fields["device_type"]
    whole = json.dumps(fields).encode()
    odd = {11: None, 12: b"", 13: whole[:-5], 14: b"[]", 16: whole[:40] + b"\xff" + whole[40:]}
    return odd.get(number, whole)


@dataclass
class Model:
    inputs: dict[int, list[Record]] = field(default_factory=dict)
    outputs: dict[Fate, list[Record]] = field(default_factory=dict)
    summaries: list[Record] = field(default_factory=list)
    committed: dict[int, int] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    repeats_max: int | None = None
    stopped: bool = True
    topic: str = Names().input
    worker: str = "model-1"

    def verdict(self, full: bool = True) -> Report:
        spans = {p: Span(100, 100 + len(records)) for p, records in self.inputs.items()}
        audit = Audit(spans, dict.fromkeys(FATES, PARTITIONS))
        for records in self.inputs.values():
            for record in records if full else []:
                audit.add_input(record)
        for fate, records in self.outputs.items():
            for record in records:
                audit.add_output(fate, record)
        figures = summaries.check(audit, self.summaries, EVERY, self.stopped)
        question = Question(
            "",
            group="g",
            stopped=self.stopped,
            samples=self.samples,
            repeats_max=self.repeats_max,
        )
        return conclude(audit, question, self.committed, figures)

    # Ways to break it.

    def find(self, fate: Fate, nth: int = 3) -> int:
        """The index of an output with content that has neighbours in its partition."""
        found = enumerate(self.outputs[fate])
        return [i for i, r in found if r.partition == 1 and b'"ip"' in (r.value or b"")][nth]

    def change(self, fate: Fate, **fields: Any) -> None:
        at = self.find(fate)
        self.outputs[fate][at] = self.outputs[fate][at]._replace(**fields)

    def edit(self, fate: Fate, change: Callable[[bytes], bytes]) -> None:
        """Changes the value of one output."""
        before = self.outputs[fate][self.find(fate)].value or b""
        after = change(before)
        assert after != before, "the plant changed nothing"
        self.change(fate, value=after)

    def replace_header(self, fate: Fate, name: str, value: bytes | None) -> None:
        """Another value for one output's header; None takes it away."""
        headers = [h for h in self.outputs[fate][self.find(fate)].headers if h[0] != name]
        self.change(fate, headers=headers + ([] if value is None else [(name, value)]))

    def edit_summary(self, nth: int, change: Callable[[dict[str, Any]], None]) -> None:
        summary = json.loads(self.summaries[nth].value or b"")
        change(summary)
        self.summaries[nth] = self.summaries[nth]._replace(value=json.dumps(summary).encode())


def good() -> Model:
    rng = random.Random(7)
    model = Model(outputs={fate: [] for fate in FATES})
    for partition in range(PARTITIONS):
        records = []
        for number in range(60):
            key = None if number % 9 == 0 else f"key-{number}".encode()
            headers: Headers = [("trace", b"\0\xff")] if number % 4 == 0 else []
            at = 1730000000000 + number
            value = value_of(rng, number)
            records.append(Record(partition, 100 + number, key, value, headers, at))
        model.inputs[partition] = records
        model.committed[partition] = 100 + len(records)
        for record in records:
            write(model, record)
    model.summaries = summarise(model)
    return model


def write(model: Model, source: Record) -> None:
    """Appends what the input becomes."""
    verdict = judge(source.value)
    topic = model.outputs[verdict.fate]
    offset = sum(r.partition == source.partition for r in topic)
    origin = f"{model.topic}/{source.partition}/{source.offset}".encode()
    time = str(source.timestamp_ms).encode()
    headers: Headers = [
        ("turnstile-origin", origin),
        ("turnstile-origin-timestamp", time),
        *source.headers,
    ]
    if verdict.fate == Fate.ERROR:
        headers += [
            ("turnstile-reason", verdict.reason.encode()),
            ("turnstile-stage", b"validate"),
            ("turnstile-worker", model.worker.encode()),
            ("turnstile-attempts", b"1"),
        ]
    value = output_value(verdict)
    topic.append(source._replace(offset=offset, value=value, headers=headers))


def output_value(verdict: Judgement) -> bytes:
    if verdict.fate == Fate.PROCESSED:
        return verdict.value or b""
    middle = b'"message_content":' + verdict.content
    last = b'"timestamp":"' + NOW.encode() + b'"}'
    first = b'{"user_id":' + verdict.user_id
    if verdict.fate == Fate.CLEANED:
        return b",".join([first, middle, b'"clean_type":"filtered_app_version"', last])
    told = b'"error_type":"Some fault","reason":"' + verdict.reason.encode() + b'"'
    return b",".join([first, told, middle, last])


@dataclass
class _Window:
    counts: Counter[str] = field(default_factory=Counter)
    devices: Counter[str] = field(default_factory=Counter)
    locales: Counter[str] = field(default_factory=Counter)

    def add(self, verdict: Judgement) -> None:
        name = {f: n for n, f in summaries.OUTCOMES.items()}[verdict.fate]
        self.counts.update([name, "received_count"])
        if verdict.fate == Fate.PROCESSED:
            device_type, locale = verdict.counted
            self.devices[device_type] += 1
            self.locales[locale] += 1

    def fields(self) -> dict[str, object]:
        names = (*summaries.OUTCOMES, "received_count")
        return {
            **{name: self.counts[name] for name in names},
            "device_type_counts": dict(self.devices),
            "locale_counts": dict(self.locales),
        }


def summarise(model: Model) -> list[Record]:
    """As one worker would that reads one partition after the other."""
    total, window = _Window(), _Window()
    covers: dict[str, list[list[int]]] = {}
    told: list[Record] = []

    def publish() -> None:
        nonlocal window, covers
        summary = {**total.fields(), "worker": model.worker, "sequence": len(told) + 1}
        summary |= {"window": window.fields(), "covers": {Names().input: covers}, "timestamp": NOW}
        value = json.dumps(summary).encode()
        told.append(Record(0, len(told), model.worker.encode(), value, [], 0))
        window, covers = _Window(), {}

    for partition, records in model.inputs.items():
        for record in records:
            verdict = judge(record.value)
            total.add(verdict)
            window.add(verdict)
            low = covers.get(str(partition), [[record.offset]])[0][0]
            covers[str(partition)] = [[low, record.offset + 1]]
            if verdict.fate == Fate.PROCESSED and total.counts["processed_count"] % EVERY == 0:
                publish()
    publish()
    return told


def ends(model: Model) -> dict[tuple[Fate, int], int]:
    """Where the output partitions end now."""
    counts = Counter((fate, r.partition) for fate in FATES for r in model.outputs[fate])
    return dict(counts)
