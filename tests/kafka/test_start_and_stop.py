"""How a worker begins and ends: signals, brokers and topics that are not there, exit codes."""

from __future__ import annotations

import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from harness.pipeline import PROGRAM, Pipeline
from harness.waiting import until
from harness.worker import Worker, environment

EX_USAGE = 64
EX_UNAVAILABLE = 69
EX_FENCED = 76
EX_CONFIG = 78
CLOSED = "127.0.0.1:1"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_an_idle_worker_stops_with_everything_committed(
    pipeline: Pipeline, number: signal.Signals
) -> None:
    pipeline.create_topics(4)
    worker = pipeline.worker().start()
    pipeline.generate(10_000).finish()
    pipeline.wait_until_all_is_committed()
    assert worker.stop(number) == 0
    report = pipeline.check(repeats_max=0)
    assert report.passed, report
    assert pipeline.committed() == pipeline.input_ends()


def test_a_stop_under_load_finishes_and_commits_what_was_begun(pipeline: Pipeline) -> None:
    pipeline.create_topics(4)
    first = pipeline.worker("first").start()
    load = pipeline.generate(40_000, rate=8_000)
    pipeline.wait_until_some_is_committed(4_000)
    assert first.stop() == 0
    assert load.running, "nothing was in flight"
    load.finish()
    second = pipeline.worker("second").start()
    # What the first one had written and not committed, the second would have repeated.
    pipeline.finish(second, repeats_max=0)


def test_a_second_signal_ends_it_at_once_and_commits_nothing_wrong(pipeline: Pipeline) -> None:
    pipeline.create_topics(4)
    worker = pipeline.worker().start()
    load = pipeline.generate(100_000, rate=10_000)
    pipeline.wait_until_some_is_committed(10_000)
    with pipeline.cluster.frozen():  # So that the first stop has to wait.
        mark = worker.mark
        worker.send(signal.SIGTERM)
        worker.wait_for("worker stops", since=mark)
        # One right after the first counts as its echo: like a person, it is sent until it works.
        until(lambda: ends_after_a_signal(worker), 2, "it ends", every_s=0.2)
        assert worker.wait(1) == 128 + signal.SIGTERM
    load.finish()
    successor = pipeline.worker("w2").start()
    pipeline.finish(successor, timeout_s=90, full=False, stopped=False)


def ends_after_a_signal(worker: Worker) -> bool:
    if worker.running:
        worker.send(signal.SIGTERM)
    return not worker.running


def test_a_stop_while_the_broker_is_gone_ends_within_its_time(pipeline: Pipeline) -> None:
    pipeline.create_topics(4)
    worker = pipeline.worker("w1", "shutdown.timeout_ms=10000").start()
    pipeline.generate(10_000).finish()
    pipeline.wait_until_all_is_committed()
    with pipeline.cluster.down():
        worker.stop(timeout_s=15)
    report = pipeline.check(stopped=False, repeats_max=0)
    assert report.passed, report


def test_a_worker_waits_for_a_broker_that_comes_later(pipeline: Pipeline) -> None:
    pipeline.create_topics(4)
    pipeline.generate(1_000).finish()
    with pipeline.cluster.down():
        worker = pipeline.worker().start()
        said = worker.wait_for("waiting for brokers")
        again = worker.wait_for("waiting for brokers", since=worker.mark)
        assert pipeline.cluster.bootstrap in said["brokers"]
        assert int(again["next_try_ms"]) > int(said["next_try_ms"]), "no back-off"
    pipeline.finish(worker, repeats_max=0)


def test_missing_topics_are_named_and_waited_for(pipeline: Pipeline) -> None:
    pipeline.create_topics(3)
    missing = {pipeline.names.errors, pipeline.names.summary}
    for topic in missing:
        pipeline.cluster.delete_topic(topic)
    pipeline.generate(1_000).finish()
    worker = pipeline.worker().start()
    said = worker.wait_for("waiting for topics")
    assert set(said["missing"].split(",")) == missing
    pipeline.cluster.create_topics({pipeline.names.errors: 3})
    pipeline.cluster.create_topics({pipeline.names.summary: 1})
    pipeline.wait_until_all_is_committed()
    assert worker.stop() == 0
    assert pipeline.check(repeats_max=0).passed


def test_missing_topics_are_created_where_the_option_says_so(pipeline: Pipeline) -> None:
    pipeline.partitions = 3
    pipeline.cluster.create_topics({pipeline.names.input: 3})
    pipeline.generate(1_000).finish()
    worker = pipeline.worker("w1", "topics.create=true").start()
    worker.wait_for("topics created")
    pipeline.finish(worker, repeats_max=0)
    assert len(pipeline.cluster.ends(pipeline.names.processed)) == 3


# Without a broker.


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROGRAM), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment(),
        text=True,
        timeout=60,
        check=False,
    )


def test_a_command_line_that_cannot_be_understood_ends_with_64() -> None:
    wrong: list[list[str]] = [["run", "--bogus"], ["bogus"], [], ["generate", "--count", "many"]]
    for arguments in wrong:
        done = run(*arguments)
        assert done.returncode == EX_USAGE, (arguments, done)
        assert done.stderr


def test_a_bad_configuration_ends_with_78_and_a_line_for_each_fault() -> None:
    faults = ["filter.nonsense=1", "producer.linger_ms=-1", "topics.input=a b"]
    sets = [argument for fault in faults for argument in ("--set", fault)]
    done = run("run", "--brokers", CLOSED, *sets)
    assert done.returncode == EX_CONFIG, done
    for fault in faults:
        option = fault.split("=")[0]
        assert sum(option in line for line in done.stderr.splitlines()) == 1, done.stderr


def test_options_that_the_engine_must_own_are_refused_by_name(tmp_path: Path) -> None:
    config = tmp_path / "turnstile.toml"
    config.write_text('[kafka.producer]\n"acks" = "1"\n')
    done = run("run", "-c", str(config), "--set", "kafka.consumer.enable.auto.commit=true")
    assert done.returncode == EX_CONFIG, done
    assert "acks" in done.stderr and "enable.auto.commit" in done.stderr


def test_commands_that_need_a_broker_end_with_69_without_one() -> None:
    commands = [["check", "--connect"], ["generate", "--count", "1"], ["watch", "t"]]
    with ThreadPoolExecutor() as pool:  # Each has to wait for its time to be over.
        ended = pool.map(lambda command: run(*command, "--brokers", CLOSED), commands)
    for done in ended:
        assert done.returncode == EX_UNAVAILABLE, done


def test_a_static_member_whose_name_another_one_takes_leaves_at_once_with_code_76(
    pipeline: Pipeline,
) -> None:
    pipeline.create_topics(4)
    same_name = "kafka.consumer.group.instance.id=same"
    first = pipeline.worker("first", same_name).start()
    load = pipeline.generate(20_000, rate=2_000)
    pipeline.wait_until_some_is_committed(2_000)
    second = pipeline.worker("second", same_name).start()
    second.wait_for("partitions assigned", owned=4)
    assert first.wait(10) == EX_FENCED, first.tail
    load.finish()
    pipeline.finish(second, full=False, stopped=False)
