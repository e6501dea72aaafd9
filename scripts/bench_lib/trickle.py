"""One run with a record a second: what a candidate costs that has next to nothing to do."""

import time

from . import latency, machine
from .candidates import Run

SECONDS = 20


def measure(cluster, candidate, group, topics, generator):
    """In percent of one core; the broker's beside it."""
    with Run(candidate, cluster.bootstrap, group, topics) as run:
        latency.await_assignment(run)
        # The first record opens connections.
        latency.generate(generator, cluster, topics.input, 1)
        latency.await_outputs(cluster, run, topics, 1)
        began = time.time()
        process_before_s, broker_before_s = run.cpu_seconds(), machine.cpu_seconds(cluster.pid)
        latency.generate(generator, cluster, topics.input, SECONDS, 1)
        seconds = time.time() - began
        process_s = run.cpu_seconds() - process_before_s
        broker_s = machine.cpu_seconds(cluster.pid) - broker_before_s
        latency.await_outputs(cluster, run, topics, SECONDS + 1)
        run.stop()
    return {
        "trickle_percent": 100 * process_s / seconds,
        "broker_trickle_percent": 100 * broker_s / seconds if cluster.pid else None,
    }
