"""Do the summaries add up, and do they agree with the records they say they cover?"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from harness.checker.audit import Audit
from harness.checker.contract import COUNTED, Fate
from harness.checker.ledger import Ledger
from harness.topics import Record

OUTCOMES = {
    "processed_count": Fate.PROCESSED,
    "filtered_record_count": Fate.CLEANED,
    "error_count": Fate.ERROR,
}
COUNTED_GROUPS = tuple(f"{name}_counts" for name in COUNTED)
OTHER = "(other)"

Summary = dict[str, Any]
Pairs = list[tuple[int, int]]
Ranges = dict[int, Pairs]


def check(
    audit: Audit, records: Iterable[Record], every: int, all_stopped_cleanly: bool
) -> dict[str, int]:
    """Adds what is wrong to the audit's faults and returns figures about the summaries.

    What a summary lets fall after a kill is no fault: it is the figure `uncovered`, unless every
    worker stopped cleanly. What was written twice may be counted twice: `covered_again`.
    """
    by_worker: dict[str, list[Summary]] = defaultdict(list)
    for record in records:
        summary = _parsed(audit, record)
        if summary is not None:
            by_worker[summary["worker"]].append(summary)
    everywhere: Ranges = defaultdict(list)
    for worker, summaries in by_worker.items():
        _check_worker(audit, worker, summaries, every)
        for summary in summaries:
            for partition, ranges in _covers(audit, summary).items():
                everywhere[partition] += ranges
    again = sum(_check_overlap(audit, p, everywhere[p]) for p in audit.ledgers)
    uncovered = sum(_uncovered(ledger, everywhere[p]) for p, ledger in audit.ledgers.items())
    if uncovered and all_stopped_cleanly:
        audit.faults.add("uncovered", f"{uncovered} inputs", uncovered)
    return {
        "workers": len(by_worker),
        "summaries": sum(map(len, by_worker.values())),
        "uncovered": uncovered,
        "covered_again": again,
    }


def _parsed(audit: Audit, record: Record) -> Summary | None:
    try:
        summary = json.loads(record.value or b"")
        whole = all(
            isinstance(part[name], int)
            for part in (summary, summary["window"])
            for name in (*OUTCOMES, "received_count")
        )
        whole = whole and isinstance(summary["sequence"], int) and record.key is not None
        whole = whole and summary["worker"].encode() == record.key
        _covers(audit, summary)
    except (ValueError, KeyError, TypeError, AttributeError):
        whole = False
    if not whole:
        where = f"summary {record.partition}/{record.offset}"
        audit.faults.add("summary_total", f"{where} is no summary")
        return None
    return dict(summary)


def _covers(audit: Audit, summary: Summary) -> Ranges:
    of_topic = summary["covers"].get(audit.names.input, {})
    return {int(p): [(int(a), int(b)) for a, b in pairs] for p, pairs in of_topic.items()}


def _check_worker(audit: Audit, worker: str, summaries: list[Summary], every: int) -> None:
    totals: Counter[str] = Counter()
    for number, summary in enumerate(summaries, start=1):
        where = f"{worker} #{summary['sequence']}"
        if summary["sequence"] != number:
            audit.faults.add("summary_sequence", f"{where} is the {number}th")
        due = number * every
        # The last one comes with a clean stop, at any count up to the next that was due.
        allowed = range(due - every if number == len(summaries) else due, due + 1)
        if summary["processed_count"] not in allowed:
            audit.faults.add("summary_moment", f"{where}: {summary['processed_count']} processed")
        totals += _flat(summary["window"])
        if _flat(summary) != totals:
            audit.faults.add("summary_total", f"{where}: totals differ from the windows' sum")
        _check_window(audit, where, summary)


def _flat(counts: Summary) -> Counter[str]:
    """All counts of a summary or window under one name each; zeros are left out."""
    flat = Counter({name: counts[name] for name in (*OUTCOMES, "received_count")})
    for group in (name for name in counts if name.endswith("_counts")):
        for value, count in counts[group].items():
            flat[f"{group}/{value}"] = count
    return +flat


def _check_window(audit: Audit, where: str, summary: Summary) -> None:
    window, covers = summary["window"], _covers(audit, summary)
    unknown = {p: r for p, r in covers.items() if not _within(audit.ledgers.get(p), r)}
    if unknown:
        audit.faults.add("summary_window", f"{where} covers what is no input: {unknown}")
        return
    for name, fate in OUTCOMES.items():
        found = sum(audit.ledgers[p].count(fate, ranges) for p, ranges in covers.items())
        if found != window[name]:
            audit.faults.add("summary_window", f"{where}: {name} {window[name]}, covers {found}")
    if window["received_count"] != sum(window[name] for name in OUTCOMES):
        audit.faults.add("summary_window", f"{where}: received_count")
    if audit.rules.event is not None:
        return  # What is counted is the rules' affair, and an event may lack it.
    for group in COUNTED_GROUPS:
        if sum(window[group].values()) != window["processed_count"]:
            audit.faults.add("summary_window", f"{where}: {group} do not add up")
    if all(audit.ledgers[p].inputs for p in covers):
        _check_values(audit, where, window, covers)


def _check_values(audit: Audit, where: str, window: Summary, covers: Ranges) -> None:
    """Needs the inputs. A worker may count rare values as `(other)`."""
    expected: dict[str, Counter[str]] = {name: Counter() for name in COUNTED_GROUPS}
    for partition, ranges in covers.items():
        for values in _processed_in(audit.ledgers[partition], ranges):
            for group, value in zip(COUNTED_GROUPS, values):
                expected[group][value] += 1
    for group, counts in expected.items():
        if OTHER in window[group]:
            wrong = any(n > counts[v] for v, n in window[group].items() if v != OTHER)
        else:
            wrong = counts != Counter(window[group])
        if wrong:
            audit.faults.add("summary_window", f"{where}: {group} are not the records'")


def _processed_in(ledger: Ledger, ranges: Pairs) -> Iterable[tuple[str, ...]]:
    for low, high in ranges:
        for at in range(low - ledger.low, high - ledger.low):
            verdict = ledger.verdicts[at]
            if verdict is not None and ledger.fate[at] == Fate.PROCESSED:
                yield verdict.counted


def _within(ledger: Ledger | None, ranges: Pairs) -> bool:
    return ledger is not None and all(ledger.low <= a < b <= ledger.high for a, b in ranges)


def overlaps(ranges: Pairs) -> list[tuple[int, int, int]]:
    """Where the half-open ranges overlap: low, high, and how many of them do."""
    edges = sorted({edge for pair in ranges for edge in pair})
    times = [0] * len(edges)
    for low, high in ranges:
        for at in range(bisect_left(edges, low), bisect_left(edges, high)):
            times[at] += 1
    return [(a, b, n) for a, b, n in zip(edges, edges[1:], times) if n > 1]


def _check_overlap(audit: Audit, partition: int, ranges: Pairs) -> int:
    """Counts what is covered again. Nothing may be covered more often than it was written."""
    again = 0
    ledger = audit.ledgers[partition]
    for low, high, times in overlaps(ranges):
        again += (times - 1) * (high - low)
        if not _within(ledger, [(low, high)]) or ledger.fewest_copies(low, high) < times:
            where = f"partition {partition}: {low} to {high} counted {times} times"
            audit.faults.add("summary_overlap", where)
    return again


def _uncovered(ledger: Ledger, ranges: Pairs) -> int:
    covered = bytearray(ledger.high - ledger.low)
    for low, high in ranges:
        low, high = max(low, ledger.low), min(high, ledger.high)
        if low < high:
            covered[low - ledger.low : high - ledger.low] = b"\1" * (high - low)
    return covered.count(0)
