"""The Kafka that is measured on: one that is named, or one of our own as it is delivered."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

from harness.administrator import Administrator
from harness.cluster import Cluster

# Deleted topics must leave the disk before the next run fills it again. Kafka reserves 10 MiB for
# each index of a new partition, which the kernel zeroes as far as it reads ahead: a cost of topics
# being new, not of what is written to them.
TOPIC_CONFIG = {
    "message.timestamp.type": "LogAppendTime",
    "file.delete.delay.ms": "1000",
    "segment.index.bytes": "524288",
}


@contextmanager
def kafka(brokers=None):
    """That at `brokers`; without, one on free ports whose data goes with the block."""
    if brokers:
        named = Administrator(brokers)
        yield named
        named.close()
        return
    with tempfile.TemporaryDirectory(prefix="turnstile-bench-", ignore_cleanup_errors=True) as home:
        cluster = Cluster(Path(home) / "kafka", as_delivered=True)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.wipe()


def version(root):
    """Of the Kafka that scripts/kafka starts."""
    if os.environ.get("KAFKA_HOME"):
        return Path(os.environ["KAFKA_HOME"]).name
    pom = (root / "scripts" / "kafka-pom.xml").read_text()
    return pom.partition("<kafka.version>")[2].partition("<")[0]
