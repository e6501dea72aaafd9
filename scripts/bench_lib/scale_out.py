"""One way to share partitions: workers join, leave and are restarted under load."""

import time
from dataclasses import dataclass

from harness.cluster import ROOT
from harness.pipeline import Pipeline
from harness.silence import Silence
from harness.waiting import until

HEAD = (
    "| way | librdkafka | one joins | one leaves | all restarted, one by one | repeats |\n"
    "|---|---|---|---|---|---|"
)
SETTLED_S = 60.0
QUIET_S = 2.0  # After each change: what it caused is over.
LOAD_S = 600  # More than all takes; it is ended.


@dataclass(frozen=True)
class Way:
    options: tuple[str, ...] = ()
    static: bool = False
    newer: bool = False  # Than the system's librdkafka.


STRATEGY = "kafka.consumer.partition.assignment.strategy=cooperative-sticky"
WAYS = {
    "eager": Way(),
    "cooperative-sticky": Way((STRATEGY,), newer=True),
    "static": Way(static=True),
    "consumer": Way(("kafka.consumer.group.protocol=consumer",), newer=True),
    "consumer-static": Way(("kafka.consumer.group.protocol=consumer",), static=True, newer=True),
}


class Scene:
    def __init__(self, cluster, name, logs, given):
        self._way = WAYS[name]
        self._name = name
        self._given = given
        logs.mkdir(parents=True)
        self._pipeline = Pipeline(cluster, name, logs)
        self._workers = [self._worker(i) for i in range(given.workers + 1)]

    def _worker(self, i):
        options = [f"delivery.guarantee={self._given.guarantee}", *self._way.options]
        if self._way.static:
            options.append(f"kafka.consumer.group.instance.id=w{i}")
        worker = self._pipeline.worker(f"w{i}", *options)
        if self._way.newer:
            library = [str(ROOT / "scripts/with-librdkafka"), self._given.librdkafka]
            worker.command = library + worker.command
        return worker

    def measure(self):
        """A row of the table."""
        try:
            return self._measure()
        finally:
            self._pipeline.end()
            self._pipeline.cluster.delete(self._pipeline.names)

    def _measure(self):
        pipeline, given = self._pipeline, self._given
        pipeline.create_topics(given.partitions)
        *members, last = self._workers
        for worker in members:
            worker.start()
        self._wait_until_shared(members)
        load = pipeline.generate(given.rate * LOAD_S, rate=given.rate)
        pipeline.wait_until_some_is_committed(given.rate)
        silence = Silence(pipeline.cluster.bootstrap, pipeline.names.processed, given.partitions)
        self._settle(silence)

        last.start()
        self._wait_until_shared(self._workers)
        joins = self._settle(silence)

        last.stop()
        self._wait_until_shared(members, expelled=self._way.static)
        leaves = self._settle(silence)

        restarts = 0.0
        for worker in members:
            worker.stop()
            worker.start()
            self._wait_until_shared(members)
            restarts = max(restarts, self._settle(silence))

        silence.stop()
        load.kill()
        pipeline.wait_until_all_is_committed()
        for worker in members:
            worker.stop()
        report = pipeline.check(full=False)
        if not report.passed:
            raise SystemExit(f"{self._name}: {report}")
        library = given.librdkafka if self._way.newer else "system's"
        cells = [self._name, library, f"{joins:.1f} s", f"{leaves:.1f} s", f"{restarts:.1f} s"]
        return "| " + " | ".join([*cells, str(report.repeats)]) + " |"

    def _wait_until_shared(self, workers, expelled=False):
        """`expelled`: of a static member that has left the group hears by its session's end."""
        count = self._given.partitions
        until(
            lambda: (
                sum(worker.owned for worker in workers) == count
                and all(worker.owned > 0 for worker in workers)
            ),
            SETTLED_S * (2 if expelled else 1),
            f"{len(workers)} workers share {count} partitions",
        )

    def _settle(self, silence):
        time.sleep(QUIET_S)
        return silence.take()
