"""The same job in Kafka Streams, Flink and Bento (bench/peers), and what is said about them.

A peer gets its topics by environment variables and is measured as the worker is. A JVM compiles
while it runs, so the figures that count are those of the later part of the backlog.
"""

import json
import re
import time
from dataclasses import dataclass
from statistics import median

from . import latency
from .candidates import OUTPUTS, Candidate, Run
from .peer_jobs import (
    AT_MOST,
    BENTO,
    FLINK,
    LOGIN,
    NO_RULES,
    PER_CPU,
    PER_S,
    STREAMS,
    STREAMS_EOS,
    WORKER,
)
from .report import COPY

# Of what all write. The bars are those of the first.
CODECS = ("snappy", "lz4", "none")

# Left out as warm-up: this share of the backlog.
WARM_UP = 1 / 2

# Heap and collector as bench/peers/README.md reasons. Flink's state backend and closures look into
# java.base even where nothing is serialised.
JVM = (
    "-XX:+UseParallelGC",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
    "--add-opens=java.base/java.util=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
)
HEAP = {STREAMS: "384m", FLINK: "512m"}
SIGTERM_OF_A_JVM = 143

CHECK_TIMEOUT_S = 90


@dataclass
class Peer(Candidate):
    def command(self, brokers, group, topics):
        told = {"BROKERS": brokers, "GROUP": group, "INPUT": topics.input}
        told |= {name.upper(): topics.output(name) for name in OUTPUTS}
        return [
            "env",
            *(f"{key}={value}" for key, value in told.items()),
            self.binary,
            *self.arguments,
        ]


def ours(build, codec, job=LOGIN):
    """The copy, the worker, and where the job says so the worker without rules."""
    program, words = str(build / "turnstile"), ["--set", f"producer.compression={codec}"]
    candidates = [
        Candidate(
            COPY, str(build / "bench" / "copy"), is_copy=True, arguments=[f"--codec={codec}"]
        ),
        Candidate(WORKER, program, arguments=[*words, *job.rules]),
    ]
    if job.has_no_rules:
        words = [*words, "--set", "event.preset=none"]
        candidates.append(Candidate(NO_RULES, program, arguments=words))
    return candidates


def all_peers(root, codec, job=LOGIN):
    """As bench/peers/build has built them."""
    built = root / "build" / "peers"
    jvm = ["-cp", f"{built}/jvm/classes:{built}/jvm/libs/*", *JVM]

    def on_jvm(name, main, heap, **environment):
        return Peer(
            name,
            "java",
            arguments=[f"-Xms{heap}", f"-Xmx{heap}", *jvm, main],
            environment={"CODEC": codec, "JOB": job.name, **environment},
            exit_codes=(0, SIGTERM_OF_A_JVM),
        )

    return [
        on_jvm(STREAMS, "StreamsPeer", HEAP[STREAMS]),
        on_jvm(STREAMS_EOS, "StreamsPeer", HEAP[STREAMS], GUARANTEE="exactly-once"),
        on_jvm(FLINK, "FlinkPeer", HEAP[FLINK]),
        Peer(
            BENTO,
            str(built / "bento"),
            arguments=["-c", str(root / "bench" / "peers" / "bento" / job.bento)],
            environment={"CODEC": codec, "GOGC": "400"},
        ),
    ]


def versions(root):
    """From the two files that pin them."""
    pom = (root / "bench" / "peers" / "pom.xml").read_text()
    pinned = dict(re.findall(r"<([\w-]+)\.version>([^<]+)</", pom))
    module = (root / "bench" / "peers" / "bento" / "go.mod").read_text()
    bento = re.search(r"^require \S+/bento v(\S+)$", module, re.MULTILINE)
    assert bento is not None
    return {"Kafka Streams": pinned["kafka"], "Flink": pinned["flink"], "Bento": bento[1]}


# --- Does it do the job?


class Check:
    """Of what candidates made of the same input: the number of records in each output topic, as the
    generator counts it, their partitions, each input once, and the processed values, as JSON those
    of the first that was asked."""

    def __init__(self, cluster, sent):
        self._cluster = cluster
        self._sent = sent
        self._values = None

    def __call__(self, candidate, group, topics):
        """None, or what differs."""
        wanted = {
            topics.output("processed"): self._sent["processed"],
            topics.output("cleaned"): self._sent["filtered"],
            topics.output("errors"): sum(self._sent["errors"].values()),
        }
        deadline = time.time() + CHECK_TIMEOUT_S
        with Run(candidate, self._cluster.bootstrap, group, topics) as run:
            while True:
                found, values, fault = self._look(topics, list(wanted))
                if fault or found == wanted or time.time() > deadline:
                    break
                run.check_alive()
                time.sleep(0.5)
            run.stop()
        if fault or found != wanted:
            return fault or f"{found} instead of {wanted}"
        self._values = self._values or values
        return differing(values, self._values)

    def _look(self, topics, outputs):
        found = dict.fromkeys(outputs, 0)
        origins = set()
        values: dict[str, bytes] = {}
        for message in latency.records(self._cluster, outputs, topics.partitions):
            origin = dict(message.headers())["turnstile-origin"].decode()
            if origin in origins:
                return found, values, f"{origin} is there twice"
            if origin.split("/")[-2] != str(message.partition()):
                return found, values, f"{origin} went to partition {message.partition()}"
            origins.add(origin)
            found[message.topic()] += 1
            if message.topic() == topics.output("processed"):
                values[origin] = message.value()
        return found, values, None


def differing(values, wanted):
    """The first of the values, by origin, that is not the same JSON; None: none."""
    for origin, value in values.items():
        if origin not in wanted:
            return f"{origin} is no processed record"
        if json.loads(value) != json.loads(wanted[origin]):
            return f"{origin} became {value.decode()} instead of {wanted[origin].decode()}"
    return None


# --- What is said about it

# (key, title, how it is written)
FIGURES = (
    ("warm_records_s", "records/s", "{:,.0f}"),
    ("warm_cpu_s_per_million", "CPU s/million", "{:.2f}"),
    ("records_s", "records/s, warm-up included", "{:,.0f}"),
    ("cpu_s_per_million", "CPU s/million, warm-up included", "{:.2f}"),
    ("broker_cpu_s_per_million", "broker CPU s/million", "{:.2f}"),
    ("rss_mib", "RSS max MiB", "{:.0f}"),
    ("others_cores", "other cores busy", "{:.2f}"),
)
PANELS = (
    ("records per second", ("warm_records_s",), "{:,.0f}"),
    ("CPU seconds per million records", ("warm_cpu_s_per_million",), "{:.2f}"),
    ("resident memory, MiB at most", ("rss_mib",), "{:.0f}"),
)


def warm(result):
    """The figures of a run once its first part is left out."""
    samples = result["samples"]
    first = next(s for s in samples if s[1] >= WARM_UP * result["written"])
    seconds, records, cpu_s = (last - begin for last, begin in zip(samples[-1], first))
    if records <= 0:
        return {}
    return {"warm_records_s": records / seconds, "warm_cpu_s_per_million": cpu_s / records * 1e6}


def summarise(runs, names):
    """Per candidate: the median of each figure."""
    summary = {}
    for name in names:
        of_name = [run for run in runs if run["candidate"] == name]
        values = {
            key: [run[key] for run in of_name if run.get(key) is not None] for key, *_ in FIGURES
        }
        summary[name] = {"median": {key: median(v) for key, v in values.items() if v}}
    return summary


def times(runs, other, what):
    """How many times the other's figure the worker's is: the median of the rounds with both."""
    key = "warm_records_s" if what == PER_S else "warm_cpu_s_per_million"
    ours, theirs = (
        {run["round"]: run[key] for run in runs if run["candidate"] == name and run.get(key)}
        for name in (WORKER, other)
    )
    ratios = [
        theirs[r] / ours[r] if what == PER_CPU else ours[r] / theirs[r] for r in ours if r in theirs
    ]
    return median(ratios) if ratios else None


def judge(runs, job=LOGIN):
    verdicts = []
    for others, what, bar in job.bars:
        reached = {other: times(runs, other, what) for other in others}
        reached = {other: value for other, value in reached.items() if value is not None}
        if reached:
            other, value = min(reached.items(), key=lambda item: item[1])
            verdicts.append(
                {
                    "peer": other,
                    "figure": what,
                    "bar": bar,
                    "reached": round(value, 2),
                    "met": value <= bar if what in AT_MOST else value >= bar,
                }
            )
    return verdicts


def tables(runs, names, job=LOGIN):
    """The figures, and how they stand to the bars."""
    summary = summarise(runs, names)
    figures = [["", *names]]
    for key, title, form in FIGURES:
        cells = [summary[name]["median"].get(key) for name in names]
        figures.append([title, *("-" if c is None else form.format(c) for c in cells)])
    for what in (PER_CPU, PER_S):
        ours = (WORKER, NO_RULES, COPY)
        ratios = [None if name in ours else times(runs, name, what) for name in names]
        figures.append(
            [f"{what}: turnstile's / its", *("" if r is None else f"{r:.2f} x" for r in ratios)]
        )
    bars = [["turnstile against", "in", "bar", "reached", ""]]
    bars += [
        [
            v["peer"],
            v["figure"],
            f"{'<=' if v['figure'] in AT_MOST else '>='} {v['bar']:g} x",
            f"{v['reached']:.2f} x",
            "met" if v["met"] else "NOT MET",
        ]
        for v in judge(runs, job)
    ]
    return figures, bars


def replace_section(page, mark, text):
    """Between the comments `mark: begin` and `mark: end` of a page."""
    begin, end = f"<!-- {mark}: begin -->\n", f"<!-- {mark}: end -->"
    before, found, rest = page.partition(begin)
    if not found or end not in rest:
        raise ValueError(f"the page lacks {begin.strip()} or {end}")
    return f"{before}{begin}{text}{end}{rest.partition(end)[2]}"
