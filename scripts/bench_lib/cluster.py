"""The broker under test and its topics: a Kafka of our own by scripts/kafka, or one that is named.

Offsets of all partitions are asked by one request each, so that watching costs the broker nothing
that shows.
"""

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

OFFSET_END = -1
LEADERS_TIMEOUT_S = 30
ASK_AGAIN_S = 0.1
# What a partition answers that is too new to have a leader.
WITHOUT_LEADER = {KafkaError.LEADER_NOT_AVAILABLE, KafkaError.NOT_LEADER_FOR_PARTITION,
                  KafkaError.UNKNOWN_TOPIC_OR_PART}
# Deleted topics must leave the disk before the next run fills it again. Kafka reserves 10 MiB for
# each index of a new partition, which the kernel zeroes as far as it reads ahead: a cost of topics
# being new, not of what is written to them.
TOPIC_CONFIG = {"message.timestamp.type": "LogAppendTime", "file.delete.delay.ms": "1000",
                "segment.index.bytes": "524288"}


def patiently(ask):
    """What `ask` returns: where thousands of partitions are new, one may be without its leader."""
    deadline = time.time() + LEADERS_TIMEOUT_S
    while True:
        try:
            return ask()
        except KafkaException as failed:
            if failed.args[0].code() not in WITHOUT_LEADER or time.time() > deadline:
                raise
        time.sleep(ASK_AGAIN_S)


class Cluster:
    """Answers for one Kafka. `pid` is its broker's, or None where it is not ours."""

    def __init__(self, brokers, pid=None):
        self.brokers = brokers
        self.pid = pid
        # Errors come as exceptions; its log would only interrupt the progress.
        client = {"bootstrap.servers": brokers, "log_level": 0}
        self._admin = AdminClient(client)
        self._watcher = Consumer({**client, "group.id": "bench-watcher"})

    def create(self, partitions_by_topic):
        replicas = -1  # The broker's default.
        new = [NewTopic(name, partitions, replicas, config=TOPIC_CONFIG)
               for name, partitions in partitions_by_topic.items()]
        for created in self._admin.create_topics(new).values():
            created.result(30)
        for name, partitions in partitions_by_topic.items():
            self._await_leaders(name, partitions)

    def _await_leaders(self, topic, partitions):
        """Until every partition answers: a new topic is known some time before that."""
        # Else the client believes for a while that there is no such topic.
        deadline = time.time() + LEADERS_TIMEOUT_S
        while len(patiently(lambda: self._watcher.list_topics(topic, 10))
                  .topics[topic].partitions) != partitions:
            if time.time() > deadline:
                raise TimeoutError(f"{topic} did not get its {partitions} partitions")
            time.sleep(ASK_AGAIN_S)
        self.end_offsets([topic], partitions)

    def delete(self, topics):
        for deleted in self._admin.delete_topics(list(topics)).values():
            try:
                deleted.result(30)
            except KafkaException:
                pass  # It goes with the cluster.

    @contextmanager
    def holding(self, partitions_by_topic):
        """These topics, as long as the block runs."""
        self.create(partitions_by_topic)
        try:
            yield
        finally:
            self.delete(partitions_by_topic)

    def end_offsets(self, topics, partitions):
        """The sum over all partitions of `topics`, which all have `partitions`."""
        wanted = [TopicPartition(t, p, OFFSET_END) for t in topics for p in range(partitions)]
        found = patiently(lambda: self._watcher.offsets_for_times(wanted, 10))
        return sum(max(one.offset, 0) for one in found)

    def close(self):
        self._watcher.close()


class OwnKafka:
    """A broker on free ports whose data goes when it is closed."""

    def __init__(self, root):
        self._script = str(root / "scripts" / "kafka")
        self._home = Path(tempfile.mkdtemp(prefix="turnstile-bench-"))
        self._data = self._home / "kafka"

    def start(self):
        started = self._call("start", "1", stdout=subprocess.PIPE)
        pid = int((self._data / "1" / "pid").read_text().split()[0])
        return Cluster(started.stdout.strip().splitlines()[-1], pid)

    def close(self):
        try:
            self._call("wipe")
        finally:
            shutil.rmtree(self._home, ignore_errors=True)

    def _call(self, *command, stdout=None):
        # A session of its own: Ctrl-C must not end the script that cleans up.
        return subprocess.run([self._script, "--data", str(self._data), *command], check=True,
                              stdout=stdout, text=True, start_new_session=True)


def kafka_version(root):
    pom = (root / "scripts" / "kafka-pom.xml").read_text()
    if os.environ.get("KAFKA_HOME"):
        return Path(os.environ["KAFKA_HOME"]).name
    return pom.partition("<kafka.version>")[2].partition("<")[0]
