"""One run over a backlog: records per second, CPU, memory, time to the first output."""

import time

from . import machine
from .candidates import Run

WATCH_S = 0.15
# Until the first output, whose time is a figure of its own.
WATCH_CLOSELY_S = 0.02
STALL_S = 60
# Full rate is nine tenths of the whole run's, over this time.
FULL_RATE_SHARE = 0.9
FULL_RATE_WINDOW_S = 0.5


class Sample:
    """What was written so far, and what it cost whom."""

    def __init__(self, cluster, run, written):
        self.at = time.time()
        self.written = written
        self.process_s = run.cpu_seconds()
        self.broker_s = machine.cpu_seconds(cluster.pid)
        self.bench_s = time.process_time()
        self.busy_s = machine.busy_seconds()


def measure(cluster, candidate, group, topics, expected):
    with Run(candidate, cluster.bootstrap, group, topics) as run:
        samples = _watch(cluster, run, topics, expected)
        rss_mib = run.rss_max_mib()
        assigned_at = run.assigned_at()
        run.stop()
    first, last = samples[0], samples[-1]
    records = last.written - first.written
    seconds = last.at - first.at
    others_s = (
        (last.busy_s - first.busy_s)
        - (last.process_s - first.process_s)
        - (last.broker_s - first.broker_s)
        - (last.bench_s - first.bench_s)
    )
    millions = records / 1e6
    return {
        "records_s": records / seconds,
        "wall_s": seconds,
        "cpu_s_per_million": (last.process_s - first.process_s) / millions,
        "broker_cpu_s_per_million": (last.broker_s - first.broker_s) / millions
        if cluster.pid
        else None,
        "rss_mib": rss_mib,
        "full_rate_s": full_rate_after(samples, FULL_RATE_SHARE * records / seconds),
        "first_output_s": max(0.0, first.at - assigned_at) if assigned_at else None,
        "others_cores": others_s / seconds if cluster.pid else None,
        "written": last.written,
        "expected": expected,
        "samples": [[round(s.at - first.at, 3), s.written, round(s.process_s, 2)] for s in samples],
    }


def full_rate_after(samples, records_s):
    """Seconds from the first output to the window in which so much was written; None: in none."""
    for i, first in enumerate(samples):
        last = next((s for s in samples[i:] if s.at - first.at >= FULL_RATE_WINDOW_S), None)
        if last and (last.written - first.written) / (last.at - first.at) >= records_s:
            return first.at - samples[0].at
    return None


def _watch(cluster, run, topics, expected):
    """From the first output to the last."""
    outputs = topics.outputs(run.candidate)
    samples: list[Sample] = []
    written, moved_at = 0, time.time()
    while written < expected:
        time.sleep(WATCH_S if samples else WATCH_CLOSELY_S)
        run.check_alive()
        now = cluster.written(outputs, topics.partitions)
        if now > written:
            written, moved_at = now, time.time()
            samples.append(Sample(cluster, run, written))
        elif time.time() - moved_at > STALL_S:
            run.fail(f"wrote {written} of {expected} records, then nothing for {STALL_S} s")
    return samples
