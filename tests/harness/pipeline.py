"""One test's topics, group and processes, and the checker's verdict on them."""

from __future__ import annotations

import dataclasses
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaException, Producer, TopicPartition

from harness import topics
from harness.checker import verdict
from harness.checker.audit import Sample
from harness.checker.verdict import Question, Report
from harness.cluster import ROOT, Cluster
from harness.topics import Names
from harness.waiting import until
from harness.worker import Generator, Worker

BUILD = ROOT / os.environ.get("BUILD_DIR", "build")
PROGRAM = BUILD / "turnstile"
SAMPLE_EVERY_S = 1.0


class Pipeline:
    def __init__(self, cluster: Cluster, name: str, logs: Path) -> None:
        self.cluster = cluster
        self.names = Names().with_prefix(f"{name}.")
        self.group = name
        self.partitions = 0
        self.workers_bootstrap = cluster.bootstrap  # Another way for them: through a proxy.
        self._logs = logs
        self._workers: dict[str, Worker] = {}
        self._generators: list[Generator] = []
        self._sampler: Sampler | None = None

    def create_topics(self, partitions: int, **of_topic: dict[str, str]) -> None:
        """`of_topic`: settings of a topic by its role, e.g. errors={"max.message.bytes": …}."""
        self.partitions = partitions
        self.cluster.create(self.names, partitions, **of_topic)

    # Processes.

    def command(self, *sets: str) -> list[str]:
        """`turnstile run` for this pipeline, with further `--set` options."""
        assert PROGRAM.exists(), f"{PROGRAM} is not built"
        command = [str(PROGRAM), "run", "--brokers", self.workers_bootstrap, "--group", self.group]
        roles = dataclasses.asdict(self.names)
        for option in (*(f"topics.{role}={topic}" for role, topic in roles.items()), *sets):
            command += ["--set", option]
        return command

    def worker(self, name: str = "w1", *sets: str, rules: Path | None = None) -> Worker:
        """A worker that is not started yet. `rules`: a further file of its configuration."""
        command = self.command(f"workers.id={name}", *sets)
        command += ["-c", str(rules)] if rules else []
        worker = Worker(command, self._logs / f"{name}.log")
        self._workers[name] = worker
        return worker

    @property
    def workers(self) -> list[Worker]:
        return [worker for worker in self._workers.values() if worker.started]

    def generate(
        self, count: int, *, rate: int = 0, mix: str = "seed", seed: int = 1, preset: str = ""
    ) -> Generator:
        command = [str(PROGRAM), "generate", "--brokers", self.cluster.bootstrap]
        command += ["--topic", self.names.input, "--count", str(count), "--seed", str(seed)]
        # A paced load shall not keep the broker busy with requests of one event each.
        command += ["--preset", preset] if preset else ["--mix", mix]
        command += ["--set", "producer.linger_ms=5"]
        command += ["--rate", str(rate)] if rate else []
        log = self._logs / f"generate-{len(self._generators) + 1}.log"
        self._generators.append(Generator(command, log))
        return self._generators[-1]

    def produce(
        self,
        records: Sequence[tuple[int, bytes | None]],
        key: bytes | None = None,
        timestamp_ms: int = 0,
        **properties: Any,
    ) -> None:
        """Writes inputs: partition and value; `timestamp_ms` of each record, 0: now."""
        given: dict[str, Any] = {
            "bootstrap.servers": self.cluster.bootstrap,
            "acks": "all",
            **properties,
        }
        producer = Producer(given)
        failed: list[str] = []

        def told(error: object, _: object) -> None:
            if error is not None:
                failed.append(str(error))

        for partition, value in records:
            producer.produce(
                self.names.input,
                value,
                key,
                partition=partition,
                on_delivery=told,
                timestamp=timestamp_ms,
            )
            producer.poll(0)
        assert producer.flush(30.0) == 0 and not failed, failed

    def end(self) -> None:
        """Ends every process of the test that is still there."""
        if self._sampler is not None:
            self._sampler.stop()
        for generator in self._generators:
            generator.kill()
        for worker in self._workers.values():
            worker.kill()

    # What the topics say.

    def input_ends(self) -> dict[int, int]:
        return self.cluster.ends(self.names.input)

    def committed(self) -> dict[int, int]:
        brokers, names = self.cluster.bootstrap, self.names
        return topics.committed(brokers, self.group, names.input, self.partitions)

    def commit(self, offsets: dict[int, int]) -> None:
        """Commits for the group, which must have no member now."""
        consumer = topics.client(self.cluster.bootstrap, self.group)
        try:
            places = [TopicPartition(self.names.input, p, offset) for p, offset in offsets.items()]
            consumer.commit(offsets=places, asynchronous=False)
        finally:
            consumer.close()

    def wait_until_all_is_committed(self, timeout_s: float = 60.0) -> None:
        """Until the committed offsets have reached the ends of the input."""
        ends: dict[int, int] = {}
        found: dict[int, int] = {}

        def reached() -> bool:
            # Ends anew each time: a leader that has just come back tells an earlier one at first.
            nonlocal ends, found
            ends = {p: end for p, end in self.input_ends().items() if end > 0}
            found = self.committed()
            return found == ends or not any(w.running for w in self._workers.values())

        try:
            until(reached, timeout_s, "all input is committed", every_s=0.2)
        except TimeoutError:
            pass
        if found != ends:
            behind = {p: (found.get(p), end) for p, end in ends.items() if found.get(p) != end}
            tails = "\n".join(f"{w.name}: {w.tail}" for w in self._workers.values())
            raise TimeoutError(f"after {timeout_s:g} s committed, end: {behind}\n{tails}")

    def wait_until_some_is_committed(self, count: int, timeout_s: float = 30.0) -> None:
        until(lambda: sum(self.committed().values()) >= count, timeout_s, f"{count} committed")

    def sample_commits(self) -> Sampler:
        """From now on commits are held against what is written at the time."""
        self._sampler = Sampler(self.cluster.bootstrap, self.group, self.names)
        return self._sampler

    def question(self) -> Question:
        samples = self._sampler.stop() if self._sampler is not None else []
        return Question(self.cluster.bootstrap, self.names, group=self.group, samples=samples)

    def finish(self, *workers: Worker, timeout_s: float = 60.0, **asked: Any) -> Report:
        """All is committed, the workers end well, and the checker finds no fault."""
        self.wait_until_all_is_committed(timeout_s)
        codes = {worker.name: worker.stop() for worker in workers}
        assert not any(codes.values()), codes
        report = self.check(**asked)
        assert report.passed, report
        return report

    def check(self, *, full: bool = True, stopped: bool = True, **more: Any) -> Report:
        """The checker's verdict. `stopped`: all workers ended cleanly."""
        question = dataclasses.replace(self.question(), full=full, stopped=stopped, **more)
        report = verdict.check(question)
        (self._logs / "verdict.txt").write_text(f"{report}\n")
        return report


class Sampler:
    """Takes samples of committed offsets beside the run, on a thread of its own."""

    def __init__(self, brokers: str, group: str, names: Names) -> None:
        self._asked = (brokers, group, names)
        self._samples: list[Sample] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._done.wait(SAMPLE_EVERY_S):
            try:
                self._samples.append(verdict.sample(*self._asked))
            except (KafkaException, LookupError):
                continue  # The broker is down: a later sample will do.

    def stop(self) -> list[Sample]:
        self._done.set()
        self._thread.join()
        return self._samples
