"""Says whether a pipeline's topics keep the promise: each input ended in exactly one place.

Reads topics and committed offsets alone; knows nothing of the worker. `tests/kafka/checker.py` is
the program.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness import topics
from harness.checker import summaries
from harness.checker.audit import Audit, Sample
from harness.checker.contract import Fate, Rules
from harness.checker.ledger import FAULTS
from harness.rules import rulefile
from harness.topics import Names


@dataclass
class Question:
    """What to check. `stopped`: all workers ended cleanly, so everything must be committed."""

    brokers: str
    names: Names = Names()
    group: str = ""
    rules: Rules = Rules()
    full: bool = False
    stopped: bool = False
    every: int = 1000
    repeats_max: int | None = None
    samples: list[Sample] = field(default_factory=list)
    record_bytes_max: dict[Fate, int] = field(default_factory=dict)


@dataclass
class Report:
    inputs: int
    counts: dict[str, int]
    reasons: dict[str, int]
    repeats: int
    redriven: int
    faults: dict[str, int]
    examples: dict[str, list[str]]
    summaries: dict[str, int]

    @property
    def passed(self) -> bool:
        return not self.faults

    def __str__(self) -> str:
        lines = [
            f"inputs      {self.inputs}",
            *(f"{fate:<12}{count}" for fate, count in self.counts.items()),
            f"repeats     {self.repeats} ({self.repeats / max(self.inputs, 1):.3%})",
            f"redriven    {self.redriven}",
            "reasons     " + ", ".join(f"{r} {n}" for r, n in sorted(self.reasons.items())),
            "summaries   " + ", ".join(f"{name} {n}" for name, n in self.summaries.items()),
        ]
        for kind, count in sorted(self.faults.items()):
            lines.append(f"FAULT {kind}: {count} ({FAULTS[kind]})")
            lines += [f"      {example}" for example in self.examples[kind]]
        lines.append("no fault" if self.passed else f"{sum(self.faults.values())} faults")
        return "\n".join(lines)


def output_topics(names: Names) -> dict[Fate, str]:
    return {
        Fate.PROCESSED: names.processed,
        Fate.ERROR: names.errors,
        Fate.CLEANED: names.cleaned,
    }


def check(question: Question) -> Report:
    """Reads everything and gives the verdict."""
    names = question.names
    client = topics.client(question.brokers)
    try:
        # Committed offsets first: whatever they cover must be in the spans that are taken after.
        count = topics.partition_count(client, names.input)
        committed = {}
        if question.group:
            committed = topics.committed(question.brokers, question.group, names.input, count)
        outputs = {fate: topics.spans(client, t) for fate, t in output_topics(names).items()}
        told = topics.spans(client, names.summary)
        inputs = topics.spans(client, names.input)
    finally:
        client.close()
    partitions = {fate: len(spans) for fate, spans in outputs.items()}
    audit = Audit(inputs, partitions, names, question.rules, question.record_bytes_max)
    if question.full:
        for record in topics.read(question.brokers, names.input, inputs):
            audit.add_input(record)
    # Errors last: only then is it known which of them were redriven.
    for fate, spans in sorted(outputs.items(), key=lambda item: item[0] == Fate.ERROR):
        for record in topics.read(question.brokers, output_topics(names)[fate], spans):
            audit.add_output(fate, record)
    summary_records = topics.read(question.brokers, names.summary, told)
    figures = summaries.check(audit, summary_records, question.every, question.stopped)
    return conclude(audit, question, committed, figures)


def conclude(
    audit: Audit, question: Question, committed: dict[int, int], figures: dict[str, int]
) -> Report:
    """The faults that show only once everything was read, and the figures."""
    audit.check_loss()
    if question.group:
        audit.check_commits(committed, question.stopped)
    audit.check_samples(question.samples)
    allowed = question.repeats_max
    if allowed is not None and audit.repeats > allowed:
        audit.faults.add("repeated", f"{audit.repeats} repeats, {allowed} allowed")
    return Report(
        inputs=audit.inputs,
        counts=audit.counts(),
        reasons=dict(audit.reasons),
        repeats=audit.repeats,
        redriven=audit.redriven,
        faults=dict(audit.faults.counts),
        examples=audit.faults.examples,
        summaries=figures,
    )


def sample(brokers: str, group: str, names: Names) -> Sample:
    """Committed offsets, then the ends of the output partitions: to be called during a run."""
    # A transaction's end comes to the offsets first, and to each output partition a moment later.
    client = topics.client(brokers, **{"isolation.level": "read_uncommitted"})
    try:
        count = topics.partition_count(client, names.input)
        committed = topics.committed(brokers, group, names.input, count)
        with ThreadPoolExecutor(3) as pool:
            found = pool.map(lambda t: topics.ends(client, t), output_topics(names).values())
        ends = {
            (fate, partition): end
            for fate, of_topic in zip(output_topics(names), found)
            for partition, end in of_topic.items()
        }
    finally:
        client.close()
    return Sample(committed, ends)


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--brokers", required=True, metavar="HOST:PORT,…")
    parser.add_argument("--group", default="", help="check its committed offsets too")
    parser.add_argument("--prefix", default="", help="before the default topic names")
    for name in dataclasses.fields(Names):
        parser.add_argument(f"--{name.name}", metavar="TOPIC", help=f"default: {name.default}")
    parser.add_argument("--app-version", action="append", help="kept by the filter (2.3.0)")
    parser.add_argument("--hmac-key-file", type=Path)
    parser.add_argument("--rules", type=Path, help="the workers' configuration, for other events")
    parser.add_argument("--every", type=int, default=1000, help="processed events a summary")
    parser.add_argument("--repeats-max", type=int, help="more repeats are a fault")
    parser.add_argument("--full", action="store_true", help="compare every output with its input")
    parser.add_argument("--stopped", action="store_true", help="all workers stopped cleanly")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args(argv)


def _key(file: Path) -> bytes:
    """Of a text without what stands around it, else all bytes."""
    key = file.read_bytes()
    try:
        text = key.decode()
    except UnicodeDecodeError:
        return key
    if any(c < " " and c not in "\t\r\n" for c in text):
        return key
    return key.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r\n")


def main(argv: list[str]) -> int:
    given = _arguments(argv)
    names = Names().with_prefix(given.prefix)
    chosen = {f.name: getattr(given, f.name) for f in dataclasses.fields(Names)}
    rules = Rules(
        app_versions=tuple(given.app_version or Rules().app_versions),
        hmac_key=_key(given.hmac_key_file) if given.hmac_key_file else None,
        event=rulefile.load(given.rules.read_text()) if given.rules else None,
    )
    report = check(
        Question(
            given.brokers,
            dataclasses.replace(names, **{n: t for n, t in chosen.items() if t}),
            group=given.group,
            rules=rules,
            full=given.full,
            stopped=given.stopped,
            every=given.every,
            repeats_max=given.repeats_max,
        )
    )
    as_json: dict[str, Any] = {"passed": report.passed, **dataclasses.asdict(report)}
    print(json.dumps(as_json) if given.json else report)
    return 0 if report.passed else 1
