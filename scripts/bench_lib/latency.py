"""One run under a paced load: how long an output takes after the broker had its input.

Until the broker has it: both topics have LogAppendTime, so that is one clock's difference. Until a
reader of committed records has it: that reader's clock, on the same machine; of a few partitions,
so that reading costs little. Input and output are joined by the origin header.
"""

import json
import subprocess
import threading
import time
from array import array

from confluent_kafka import Consumer, Message, TopicPartition

from .candidates import Run

# The first connections and the producer's id are no steady state.
WARM_UP_S = 3
ASSIGN_TIMEOUT_S = 30
DRAIN_TIMEOUT_S = 60
PARTITIONS_READ = 2
# The load's own requests take from the cores that are measured: with 5 ms, at 150,000/s over 24
# partitions, 0.4 cores here and 0.2 or more of the broker's beyond what 20 ms take.
LOAD_LINGER_MS = 5
DENSE_LOAD_LINGER_MS = 20
DENSE_LOAD_RATE = 50_000


def measure(cluster, candidate, group, topics, load):
    """`load` is (command prefix of the generator, events per second, seconds)."""
    generator, rate, seconds = load
    with Run(candidate, cluster.bootstrap, group, topics) as run:
        await_assignment(run)
        # Reading costs too: not beside a dense load.
        reader = _Reader(cluster, topics.outputs(candidate)) if rate <= DENSE_LOAD_RATE else None
        before_s = run.cpu_seconds()
        generate(generator, cluster, topics.input, int(rate * seconds), rate)
        sent = cluster.written([topics.input], topics.partitions)
        await_outputs(cluster, run, topics, sent)
        cpu_s = run.cpu_seconds() - before_s
        received = reader.stop() if reader else []
        run.stop()
    appended = _appended(cluster, topics)
    latencies = _latencies(cluster, topics, topics.outputs(candidate), appended)
    readable = _readable(received, appended)
    return {
        "p50_ms": percentile(latencies, 0.5),
        "p99_ms": percentile(latencies, 0.99),
        "p999_ms": percentile(latencies, 0.999),
        "max_ms": latencies[-1],
        "readable_p50_ms": percentile(readable, 0.5) if readable else None,
        "readable_p99_ms": percentile(readable, 0.99) if readable else None,
        "records": len(latencies),
        "cpu_s_per_million": cpu_s / sent * 1e6,
    }


def percentile(ascending, share):
    return ascending[min(len(ascending) - 1, int(len(ascending) * share))]


def await_assignment(run):
    deadline = time.time() + ASSIGN_TIMEOUT_S
    while run.assigned_at() is None:
        run.check_alive()
        if time.time() > deadline:
            run.fail("got no partitions")
        time.sleep(0.1)
    time.sleep(1)


def generate(generator, cluster, topic, count, rate=0):
    """Sends events; 0: as fast as it can. Returns its own counts of them."""
    linger_ms = DENSE_LOAD_LINGER_MS if rate > DENSE_LOAD_RATE else LOAD_LINGER_MS
    done = subprocess.run(
        [
            *generator,
            "--brokers",
            cluster.bootstrap,
            "--topic",
            topic,
            "--count",
            str(count),
            "--seed",
            "7",
            "--rate",
            str(rate),
            "--set",
            f"producer.linger_ms={linger_ms}",
        ],
        check=True,
        capture_output=True,
        text=True,
        start_new_session=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def await_outputs(cluster, run, topics, expected):
    deadline = time.time() + DRAIN_TIMEOUT_S
    while cluster.written(topics.outputs(run.candidate), topics.partitions) < expected:
        run.check_alive()
        if time.time() > deadline:
            run.fail(f"did not write all of {expected} records")
        time.sleep(0.2)


class _Reader:
    """Notes when outputs become readable, on a thread of its own."""

    def __init__(self, cluster, outputs):
        self._received = []  # (origin, milliseconds)
        self._done = threading.Event()
        self._consumer = Consumer(
            {
                "bootstrap.servers": cluster.bootstrap,
                "group.id": "bench-latency",
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": "10",
            }
        )
        self._consumer.assign(
            [TopicPartition(t, p, 0) for t in outputs for p in range(PARTITIONS_READ)]
        )
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        messages: list[Message] = []
        # The last outputs may become readable a moment after they were written.
        while not self._done.is_set() or messages:
            messages = self._consumer.consume(500, 0.5 if self._done.is_set() else 0.005)
            now = time.time() * 1000
            self._received += [(_origin(m), now) for m in messages if m.error() is None]

    def stop(self):
        self._done.set()
        self._thread.join()
        self._consumer.close()
        return self._received


def _origin(message):
    """Partition and offset of the input."""
    _, partition, offset = dict(message.headers())["turnstile-origin"].rsplit(b"/", 2)
    return int(partition), int(offset)


def _appended(cluster, topics):
    """When the broker had each input, by partition and offset."""
    appended = [array("q") for _ in range(topics.partitions)]
    for message in records(cluster, [topics.input], topics.partitions):
        appended[message.partition()].append(message.timestamp()[1])
    return appended


def _counted_from(appended):
    return min(times[0] for times in appended if times) + WARM_UP_S * 1000


def _readable(received, appended):
    """In milliseconds, ascending, without the warm-up."""
    counted_from = _counted_from(appended)
    return sorted(
        now - appended[partition][offset]
        for (partition, offset), now in received
        if appended[partition][offset] >= counted_from
    )


def _latencies(cluster, topics, outputs, appended):
    """In milliseconds, ascending, without the warm-up and without repeats."""
    counted_from = _counted_from(appended)
    seen = [bytearray(len(times)) for times in appended]
    latencies = array("q")
    for message in records(cluster, outputs, topics.partitions):
        partition, offset = _origin(message)
        began = appended[partition][offset]
        if began >= counted_from and not seen[partition][offset]:
            latencies.append(message.timestamp()[1] - began)
        seen[partition][offset] = 1
    return sorted(latencies)


def records(cluster, names, partitions):
    """Every record of the topics up to their ends."""
    reader = Consumer(
        {
            "bootstrap.servers": cluster.bootstrap,
            "group.id": "bench-reader",
            "enable.partition.eof": "true",
            "check.crcs": "false",
        }
    )
    reader.assign([TopicPartition(t, p, 0) for t in names for p in range(partitions)])
    ended: set[tuple[str, int]] = set()
    try:
        while len(ended) < len(names) * partitions:
            for message in reader.consume(5000, 0.5):
                if message.error() is None:
                    yield message
                else:
                    ended.add((message.topic(), message.partition()))
    finally:
        reader.close()
