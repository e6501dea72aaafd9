"""One leg: workers under a paced load, one kind of fault by its schedule, quiet, the verdict."""

from __future__ import annotations

import random
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from harness import topics
from harness.cluster import Cluster
from harness.pipeline import Pipeline
from harness.waiting import until

from chaos.catalogue import options_of
from chaos.fault import AT_LEAST_ONCE, EXACTLY_ONCE, Fault
from chaos.judge import judges, objections
from chaos.network import Proxy
from chaos.results import Result
from chaos.schedule import Schedule, Step
from chaos.stage import ASSIGNED_S, Stage, possible_repeats
from chaos.witness import Witness

PARTITIONS = 6
RATE = 1_000
PASSED_LEAST = 100
LASTING_S = 3.0  # A fault that lasts so long must let records pass before it is healed.
RECOVERY_S = 60.0
PATIENCE_S = 180.0  # When a leg that does not recover is given up.
FLOWING_S = 60.0
STEADY_S = 4.0
STEADY_SHARES = (0.5, 1.5)  # Of the rate: less is an outage, more is catching up with one.
STEADY_BEHIND_S = 1.0  # What a cold cluster leaves uncommitted for long is not the fault's.
LAST_SLOT_S = 5.0  # The load ends soon after the last fault, so that recovery can be told.
TRANSACTIONS_END_S = 60.0


class Skipped(Exception):
    """The fault cannot be done here."""


class Leg:
    def __init__(
        self,
        cluster: Cluster,
        kind: type[Fault],
        schedule: Schedule,
        result: Result,
        logs: Path,
        proxy: Proxy | None = None,
        sets: tuple[str, ...] = (),
    ) -> None:
        self._kind = kind
        self._schedule = schedule
        self._result = result
        shutil.rmtree(logs, ignore_errors=True)
        logs.mkdir(parents=True)
        pipeline = Pipeline(cluster, f"chaos-{kind.name}-{schedule.seed}", logs)
        if kind.proxied:
            assert proxy is not None
            pipeline.workers_bootstrap = proxy.bootstrap
        self._stage = Stage(
            cluster, pipeline, logs, result.guarantee, static=kind.static, proxy=proxy
        )
        self._stage.options = (*options_of(kind, self._stage), *sets)
        self._healed_at = 0.0
        self._storm_began = float("inf")
        self._faults: list[Fault] = []
        self._told: list[str] = []

    def run(self) -> Result:
        """Whatever goes wrong is in the result. Raises Skipped only."""
        reason = self._kind.unavailable(self._stage)
        if reason:
            raise Skipped(reason)
        try:
            self._begin()
            for number, step in enumerate(self._schedule.steps, start=1):
                self._inject(step, last=number == len(self._schedule.steps))
            self._quiet()
            self._judge()
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            self._fail(f"{type(error).__name__}: {str(error).splitlines()[0]}")
        finally:
            self._end()
        return self._result

    def _fail(self, what: str) -> None:
        self._result.failures.append(what)

    def _begin(self) -> None:
        stage, names = self._stage, self._stage.pipeline.names
        stage.pipeline.create_topics(PARTITIONS)
        for _ in range(self._kind.workers):
            stage.add_worker().start()
        until(
            lambda: sum(worker.owned for worker in stage.workers) == PARTITIONS,
            ASSIGNED_S,
            "all partitions are assigned",
        )
        watched = [names.processed, names.errors, names.cleaned]
        stage.witness = Witness(stage.cluster.bootstrap, watched, PARTITIONS)
        if stage.guarantee == AT_LEAST_ONCE:
            stage.pipeline.sample_commits()
        enough = int(RATE * (self._schedule.seconds * 10 + 3600))
        stage.load = stage.pipeline.generate(enough, rate=RATE, seed=self._schedule.seed)

    def _inject(self, step: Step, last: bool) -> None:
        stage, result = self._stage, self._result
        if self._kind.may_end:
            result.revived += stage.revive()
        until(stage.flowing, FLOWING_S, "records flow before the fault")
        if not self._kind.is_storm():
            self._await_steady()
        fault = self._kind(stage, random.Random(step.seed))
        self._faults.append(fault)
        began = time.monotonic()
        fault.inject()
        sleep_until(began + step.lasts_s)
        told_by = time.monotonic()
        fault.heal()
        self._healed_at = time.monotonic()
        sleep_until(began + (min(step.slot_s, LAST_SLOT_S) if last else step.slot_s))
        if step.lasts_s < LASTING_S:
            told_by = time.monotonic()
        self._told.append(fault.hit())
        result.injected += 1
        assert stage.load is not None and stage.load.running, "the load ended by itself"
        # Many in quick succession count as one fault.
        if self._kind.is_storm():
            self._storm_began = min(self._storm_began, began)
            if last:
                self._count_passed(self._storm_began, told_by)
        elif self._kind.majority:
            self._count_passed(began, told_by)

    def _await_steady(self) -> None:
        """So that what an outage repeats is held against what passed between two of them."""
        assert self._stage.witness is not None
        witness, pipeline = self._stage.witness, self._stage.pipeline

        def steady() -> bool:
            now = time.monotonic()
            low, high = (share * RATE * STEADY_S for share in STEADY_SHARES)
            if not low <= witness.count(now - STEADY_S, now) <= high:
                return False
            behind = sum(pipeline.input_ends().values()) - sum(pipeline.committed().values())
            return behind <= RATE * STEADY_BEHIND_S

        try:
            until(steady, FLOWING_S, "records flow steadily", every_s=0.3)
        except TimeoutError:
            pass  # A machine too busy for the rate is no reason not to go on.

    def _count_passed(self, began: float, told_by: float) -> None:
        assert self._stage.witness is not None
        passed = self._stage.witness.count(began, told_by)
        least = self._result.passed_least
        self._result.passed_least = passed if least is None else min(least, passed)
        if passed < PASSED_LEAST:
            self._fail(f"{passed} records passed during injection {self._result.injected}")

    def _quiet(self) -> None:
        """No load, no faults: all of it is committed soon, and all workers end well."""
        stage = self._stage
        assert stage.load is not None
        stage.load.kill()
        if self._kind.may_end:
            self._result.revived += stage.revive()
        stage.pipeline.wait_until_all_is_committed(PATIENCE_S)
        recovery_s = time.monotonic() - self._healed_at
        self._result.recovery_s = round(recovery_s, 1)
        if recovery_s > RECOVERY_S:
            self._fail(f"lag returned to 0 after {recovery_s:.0f} s")
        told = [earlier or fault.hit() for earlier, fault in zip(self._told, self._faults)]
        self._result.evidence = [text for text in told if text]
        self._result.hits = len(self._result.evidence)
        if self._result.hits == 0:
            self._fail("no injection hit a pipeline at work")
        for worker in stage.workers:
            code = worker.stop() if worker.running else worker.wait()
            if code != 0 and not (self._kind.may_end and code > 0):
                self._fail(f"{worker.name} ended with {code}")

    def _judge(self) -> None:
        pipeline, result = self._stage.pipeline, self._result
        repeats_max = self._kind.repeats_share_max
        if result.guarantee == EXACTLY_ONCE:
            repeats_max = 0.0
            until(self._nothing_open, TRANSACTIONS_END_S, "no transaction is open", every_s=0.5)
        for number, judge in enumerate(judges()):
            opinion = judge(pipeline)
            result.judges.append(opinion.by)
            result.failures += objections(opinion, repeats_max)
            (self._stage.logs / f"{opinion.by}.txt").write_text(opinion.text + "\n")
            if number == 0:
                result.inputs, result.lost = opinion.inputs, opinion.lost
                result.repeated = opinion.repeated
        if self._kind.counts_repeats:
            counted = sum(possible_repeats(worker.lines) for worker in self._stage.workers)
            if counted < result.repeated:
                self._fail(
                    f"{result.repeated} repeated, the workers counted {counted} possible ones"
                )

    def _nothing_open(self) -> bool:
        """The last stable offsets are the ends."""
        names = self._stage.pipeline.names
        found = []
        for level in ("read_committed", "read_uncommitted"):
            consumer = topics.client(self._stage.cluster.bootstrap, **{"isolation.level": level})
            try:
                watched = (names.processed, names.errors, names.cleaned, names.summary)
                found.append([topics.ends(consumer, topic) for topic in watched])
            finally:
                consumer.close()
        return found[0] == found[1]

    def _end(self) -> None:
        """Everything this leg made goes, but the logs of one that failed."""
        stage = self._stage
        steps: list[Callable[[], object]] = [stage.pipeline.end]
        if stage.witness is not None:
            steps.append(stage.witness.stop)
        steps += [
            lambda: self._kind.clear(stage),
            lambda: stage.cluster.delete(stage.pipeline.names),
        ]
        for step in steps:
            try:
                step()
            except Exception as error:
                self._fail(f"cleaning up: {type(error).__name__}: {error}")
        if not self._result.failures:
            shutil.rmtree(stage.logs, ignore_errors=True)


def sleep_until(moment: float) -> None:
    left = moment - time.monotonic()
    if left > 0:
        time.sleep(left)
