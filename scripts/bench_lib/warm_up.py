"""Work for the broker before anything is measured.

Java compiles while it runs: for its first millions of records a broker takes up to three times the
CPU it takes later, on the same cores as whoever is measured meanwhile.
"""

import time

from . import latency, throughput
from .candidates import Candidate, Topics
from .kafka import TOPIC_CONFIG

EVENTS = 1_500_000
TIMES = 3


def one_of_each_kind(candidates):
    """The first of those that ask the same of a broker."""
    kinds: dict[tuple[bool, bool], Candidate] = {}
    for candidate in candidates:
        kinds.setdefault((candidate.is_copy, candidate.is_transactional), candidate)
    return list(kinds.values())


def warm_up(cluster, candidates, generator, partitions):
    """Some runs of each kind of candidate, of which nothing is kept."""
    prefix = f"warm-up-{int(time.time())}"
    source = f"{prefix}-backlog"
    with cluster.holding({source: partitions}, TOPIC_CONFIG):
        latency.generate(generator, cluster, source, EVENTS)
        for number in range(TIMES):
            for candidate in one_of_each_kind(candidates):
                name = f"{prefix}-{candidate.name}-{number}"
                topics = Topics(source, name, partitions)
                with cluster.holding(topics.to_create(candidate), TOPIC_CONFIG):
                    throughput.measure(cluster, candidate, name, topics, EVENTS)
