"""Work for the broker before anything is measured.

Java compiles while it runs: for its first millions of records a broker takes up to three times the
CPU it takes later, on the same cores as whoever is measured meanwhile.
"""

import time

from . import latency, throughput
from .candidates import Topics

EVENTS = 1_500_000
TIMES = 3


def one_of_each_kind(candidates):
    """The first of those that ask the same of a broker."""
    kinds = {}
    for candidate in candidates:
        kinds.setdefault((candidate.is_copy, candidate.is_transactional), candidate)
    return list(kinds.values())


def warm_up(cluster, candidates, generator, partitions):
    """Some runs of each kind of candidate, of which nothing is kept."""
    prefix = f"warm-up-{int(time.time())}"
    source = f"{prefix}-backlog"
    with cluster.holding({source: partitions}):
        latency.generate(generator, cluster, source, EVENTS)
        for number in range(TIMES):
            for candidate in one_of_each_kind(candidates):
                topics = Topics(source, f"{prefix}-{candidate.name}-{number}", partitions)
                with cluster.holding(topics.to_create(candidate)):
                    throughput.measure(cluster, candidate, topics.prefix, topics, EVENTS)
