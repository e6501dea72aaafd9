"""SIGHUP and changed files: the worker restarts in place with what the files hold now."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from harness.endpoint import metrics, status_of
from harness.pipeline import PROGRAM, Pipeline
from harness.secured import free_port
from harness.silence import Silence
from harness.waiting import until
from harness.worker import Worker

CLOSED = "127.0.0.1:1"
SILENCE_MAX_S = 2.0
RATE = 3_000


def reload(worker: Worker) -> None:
    """Until the program that starts in its place has said so."""
    mark = worker.mark
    worker.send(signal.SIGHUP)
    worker.wait_for("worker starts", since=mark)


@pytest.mark.parametrize("guarantee", ["at-least-once", "exactly-once"])
def test_a_reload_under_load_loses_and_repeats_nothing(
    pipeline: Pipeline, guarantee: str, tell: Callable[..., None]
) -> None:
    pipeline.create_topics(4)
    static = "kafka.consumer.group.instance.id=one"
    worker = pipeline.worker("w1", static, f"delivery.guarantee={guarantee}").start()
    pid = worker.pid
    worker.wait_for("partitions assigned", owned=4)
    load = pipeline.generate(RATE * 600, rate=RATE)
    pipeline.wait_until_some_is_committed(RATE)
    silence = Silence(pipeline.cluster.bootstrap, pipeline.names.processed, 4)
    for _ in range(2):
        mark = worker.mark
        reload(worker)
        worker.wait_for("partitions assigned", since=mark, owned=4)
        pipeline.wait_until_some_is_committed(sum(pipeline.committed().values()) + RATE)
    longest = silence.stop()
    tell(longest_silence_s=round(longest, 2))
    assert load.running
    load.kill()
    assert worker.pid == pid
    pipeline.finish(worker, repeats_max=0)
    assert longest < SILENCE_MAX_S


def test_a_fault_is_told_and_the_worker_goes_on_until_it_is_mended(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    pipeline.create_topics(2)
    ports = [free_port(), free_port()]
    config = tmp_path / "turnstile.toml"
    config.write_text(f'[http]\nlisten = "127.0.0.1:{ports[0]}"\n')
    worker = pipeline.worker("w1")
    worker.command += ["-c", str(config)]
    worker.start()
    until(lambda: status_of(ports[0], "/readyz") == 200, 30, "the worker is ready")
    key = tmp_path / "key"
    key.write_text("too short")
    config.write_text(f'privacy.hmac_key_file = "{key}"\nhttp.listen = "127.0.0.1:{ports[1]}"\n')
    worker.send(signal.SIGHUP)
    said = worker.wait_for("reload refused, the worker goes on as it was")
    assert "privacy.hmac_key_file" in said["error"] and said["cause"] == "SIGHUP"
    assert metrics(ports[0])['turnstile_reloads_total{result="refused"}'] == 1
    assert status_of(ports[0], "/readyz") == 200
    key.write_text("0" * 64 + "\n")
    key.chmod(0o600)
    reload(worker)
    until(lambda: status_of(ports[1], "/readyz") == 200, 30, "it is ready at its new port")
    assert status_of(ports[0], "/readyz") == 0
    seen = metrics(ports[1])
    assert seen['turnstile_reloads_total{result="refused"}'] == 1
    assert seen['turnstile_reloads_total{result="done"}'] == 1
    assert worker.stop() == 0


def is_pending(process: int, number: signal.Signals) -> bool:
    status = Path(f"/proc/{process}/status").read_text()
    [shared] = [line.split()[1] for line in status.splitlines() if line.startswith("ShdPnd:")]
    return bool(int(shared, 16) >> (number - 1) & 1)


def test_a_stop_while_a_reload_drains_wins(pipeline: Pipeline) -> None:
    pipeline.create_topics(2)
    worker = pipeline.worker().start()
    load = pipeline.generate(20_000, rate=4_000)
    pipeline.wait_until_some_is_committed(4_000)
    with pipeline.cluster.frozen():  # So that the drain has to wait.
        mark = worker.mark
        worker.send(signal.SIGHUP)
        worker.wait_for("worker stops", since=mark, cause="reload")
        worker.send(signal.SIGTERM)
        until(lambda: not is_pending(worker.pid, signal.SIGTERM), 10, "the worker takes it")
    assert worker.wait() == 0
    assert worker.said("worker starts", since=mark) is None
    load.finish()
    pipeline.finish(pipeline.worker("w2").start(), full=False)


# Without a broker: a worker that waits for one reloads too.


@contextmanager
def waiting_worker(
    folder: Path, program: Path = PROGRAM, text: str = ""
) -> Iterator[tuple[Worker, Path]]:
    config = folder / "turnstile.toml"
    config.write_text(text)
    command = [str(program), "run", "--brokers", CLOSED, "-c", str(config)]
    worker = Worker(command, folder / "worker.log").start()
    try:
        worker.wait_for("waiting for brokers")
        yield worker, config
    finally:
        worker.kill()


def test_a_replaced_program_is_the_one_that_starts(tmp_path: Path) -> None:
    program = tmp_path / "turnstile"
    program.symlink_to(PROGRAM)  # The version of the day.
    with waiting_worker(tmp_path, program) as (worker, _):
        ran = tmp_path / "ran"
        newer = tmp_path / "newer"
        newer.write_text(f'#!/bin/sh\necho "$1 $$" >> {ran}\nexec {PROGRAM} "$@"\n')
        newer.chmod(0o755)
        newer.replace(program)
        reload(worker)
        checked, runs = ran.read_text().splitlines()
        assert checked.startswith("check ") and runs == f"run {worker.pid}"
        assert worker.stop() == 0


def test_a_program_that_cannot_start_is_a_fault(tmp_path: Path) -> None:
    program = tmp_path / "turnstile"
    program.symlink_to(PROGRAM)
    with waiting_worker(tmp_path, program) as (worker, _):
        broken = tmp_path / "broken"
        broken.write_text("#!/bin/sh\necho 'cannot open shared object file' >&2\nexit 127\n")
        broken.chmod(0o755)
        broken.replace(program)
        worker.send(signal.SIGHUP)
        said = worker.wait_for("reload refused, the worker goes on as it was")
        assert said["error"] == "cannot open shared object file"
        assert worker.stop() == 0


def test_a_port_that_is_taken_is_a_fault_and_that_of_the_worker_itself_is_not(
    tmp_path: Path,
) -> None:
    def listen(address: str) -> str:
        return f'http.listen = "{address}"\n'

    own, other = free_port(), free_port()
    with (
        socket.create_server(("127.0.0.1", other)) as taken,
        waiting_worker(tmp_path, text=listen(f"127.0.0.1:{own}")) as (worker, config),
    ):
        refused = "reload refused, the worker goes on as it was"
        for address, why in [
            (f"127.0.0.1:{other}", "Address already in use"),
            (f"192.0.2.1:{own}", "Cannot assign requested address"),
        ]:
            mark = worker.mark
            config.write_text(listen(address))
            worker.send(signal.SIGHUP)
            said = worker.wait_for(refused, since=mark)
            assert said["error"] == f"http.listen: cannot listen at {address}: {why}"
            assert status_of(own, "/livez") == 200
        taken.close()
        config.write_text(listen(f"127.0.0.1:{other}"))
        reload(worker)
        until(lambda: status_of(other, "/livez") == 200, 10, "it listens at its new port")
        config.write_text(listen(f"0.0.0.0:{other}"))
        reload(worker)
        until(lambda: status_of(other, "/livez") == 200, 10, "it listens everywhere")
        assert worker.stop() == 0


def test_a_reload_keeps_process_arguments_and_open_files(tmp_path: Path) -> None:
    with waiting_worker(tmp_path, text='log.level = "debug"\n') as (worker, _):

        def facts() -> tuple[str, str, int]:
            of = Path(f"/proc/{worker.pid}")
            files = len(list((of / "fd").iterdir()))
            return (of / "cmdline").read_text(), str((of / "cwd").readlink()), files

        before = facts()
        for _ in range(3):
            mark = worker.mark
            reload(worker)
            worker.wait_for("waiting for brokers", since=mark)
        # A socket on its way to the broker that is not there comes and goes.
        until(lambda: facts() == before, 10, "arguments, folder and open files are as before")
        assert worker.stop() == 0


def test_signals_that_come_while_it_restarts_are_not_lost(tmp_path: Path) -> None:
    with waiting_worker(tmp_path) as (worker, _):
        for delay_ms in range(0, 60, 20):
            mark = worker.mark
            worker.send(signal.SIGHUP)
            worker.wait_for("worker stopped", since=mark)
            time.sleep(delay_ms / 1000)
            worker.send(signal.SIGHUP)
            worker.wait_for("worker starts", since=mark)
        mark = worker.mark
        worker.send(signal.SIGHUP)
        worker.wait_for("worker stopped", since=mark)
        assert worker.stop() == 0


def test_a_changed_file_reloads_where_files_are_watched(tmp_path: Path) -> None:
    with waiting_worker(tmp_path, text="reload.watch_s = 1\n") as (worker, config):
        mark = worker.mark
        config.write_text("reload.watch_s = 1\nproducer.linger_ms = 7\n")
        said = worker.wait_for("reload begins, the worker restarts in place", since=mark)
        assert said["cause"] == f"changed: {config}"
        assert "producer.linger_ms=7" in worker.wait_for("worker starts", since=mark)["options"]
        mark = worker.mark
        config.write_text("reload.watch_s = none\n")
        worker.wait_for("reload refused, the worker goes on as it was", since=mark)
        assert worker.stop() == 0


def test_a_swapped_link_on_the_way_to_a_file_is_a_change(tmp_path: Path) -> None:
    """Kubernetes: FILE leads by ..data to a folder of the day, and ..data is replaced."""
    for day, linger in (("..1", 5), ("..2", 6)):
        (tmp_path / day).mkdir()
        (tmp_path / day / "more.toml").write_text(f"producer.linger_ms = {linger}\n")
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "more.toml").symlink_to("..data/more.toml")
    with waiting_worker(tmp_path, text="reload.watch_s = 1\n") as (worker, _):
        assert worker.stop() == 0
        worker.command += ["-c", str(tmp_path / "more.toml")]
        mark = worker.mark
        worker.start()
        worker.wait_for("waiting for brokers", since=mark)
        mark = worker.mark
        (tmp_path / "..new").symlink_to("..2")
        (tmp_path / "..new").replace(tmp_path / "..data")
        assert "producer.linger_ms=6" in worker.wait_for("worker starts", since=mark)["options"]
        assert worker.stop() == 0


def test_a_terminal_that_is_gone_ends_the_worker(tmp_path: Path) -> None:
    """A terminal's own SIGHUP is no wish to reload."""
    child, terminal = os.forkpty()
    if child == 0:
        log = os.open(tmp_path / "log", os.O_CREAT | os.O_WRONLY, 0o600)
        os.dup2(log, 2)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # The tests may run under nohup.
        os.execv(PROGRAM, [str(PROGRAM), "run", "--brokers", CLOSED])
    said = tmp_path / "log"
    until(lambda: said.exists() and "waiting for brokers" in said.read_text(), 20, "it runs")
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    assert os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0
