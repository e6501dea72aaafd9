"""`turnstile health`, and with it the image's health check, of a worker that waits for brokers."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from harness.pipeline import PROGRAM
from harness.secured import Certificates, free_port
from harness.worker import Worker, environment

CLOSED = "127.0.0.1:1"
DOCKERFILE = Path(__file__).resolve().parents[2] / "deploy/Dockerfile"
BY_TLS = pytest.mark.parametrize("by_tls", [False, True])


@contextmanager
def waiting(folder: Path, listen: str, *, by_tls: bool) -> Iterator[Worker]:
    command = [str(PROGRAM), "run", "--brokers", CLOSED, "--set", f"http.listen={listen}"]
    if by_tls:
        made = Certificates(folder / "certificates")
        # Expired, so that it counts nowhere but for its bytes: a health check is no client.
        command += ["--set", f"http.tls_cert_file={made.path('expired.pem')}"]
        command += ["--set", f"http.tls_key_file={made.path('expired.key')}"]
    worker = Worker(command, folder / "worker.log").start()
    try:
        worker.wait_for("waiting for brokers")
        yield worker
    finally:
        worker.kill()


def health(listen: str, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROGRAM), "health", "--set", f"http.listen={listen}", *more],
        capture_output=True,
        text=True,
        timeout=30,
        env=environment(),
        check=False,
    )


@BY_TLS
def test_health_shows_the_checks_and_says_by_its_exit_code_whether_they_hold(
    tmp_path: Path, by_tls: bool
) -> None:
    listen = f"127.0.0.1:{free_port()}"
    with waiting(tmp_path, listen, by_tls=by_tls):
        live = health(listen)
        assert (live.returncode, live.stderr) == (0, "")
        assert live.stdout
        ready = health(listen, "--ready")
        assert (ready.returncode, ready.stderr) == (1, "")
        assert ready.stdout != live.stdout
    gone = health(listen)
    assert (gone.returncode, gone.stdout) == (69, "")
    assert gone.stderr == f"turnstile: http.listen: {listen}: Connection refused\n"


@BY_TLS
def test_the_health_check_of_the_image_asks_by_tls_where_the_port_speaks_it(
    tmp_path: Path, by_tls: bool
) -> None:
    [command] = re.findall(r"^HEALTHCHECK .*CMD (\[.*\])$", DOCKERFILE.read_text(), re.MULTILINE)
    port = free_port()
    with waiting(tmp_path, f"127.0.0.1:{port}", by_tls=by_tls):
        # All that it knows of the container's options.
        given = {"PATH": str(PROGRAM.parent), "TURNSTILE_HTTP_LISTEN": f"127.0.0.1:{port}"}
        done = subprocess.run(
            json.loads(command), env=given, capture_output=True, timeout=10, check=False
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("everywhere", ["0.0.0.0", "[::]"])
def test_a_worker_that_listens_everywhere_is_asked_on_loopback(
    tmp_path: Path, everywhere: str
) -> None:
    listen = f"{everywhere}:{free_port()}"
    with waiting(tmp_path, listen, by_tls=False):
        done = health(listen)
        assert done.returncode == 0, done.stderr


def test_without_an_endpoint_there_is_nobody_to_ask() -> None:
    done = health("")
    assert done.returncode == 78
    assert done.stderr == "turnstile: http.listen: not set, so there is nobody to ask\n"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not answer as a worker does"),
        (b"", "does not answer"),
        (b"HTTP/1.1 2", "does not answer as a worker does"),
        (b"HTTP/1.1 200 OK\r\n\r\n\x1b[2J", None),
        (b"HTTP/1.1 404 Not Found\r\n\r\nx", "/livez is answered with 404"),
        (b"HTTP/1.1 503 No\r\n\r\n" + b"x" * 1_000_000, None),
    ],
    ids=["another protocol", "nothing", "half", "control characters", "no such path", "too much"],
)
def test_what_another_program_says_at_the_port_is_no_health(said: bytes, told: str | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            client, _ = server.accept()
            with client:
                client.recv(4096)
                try:
                    client.sendall(said)
                except OSError:
                    return  # It has heard enough.

        server.settimeout(20)
        thread = threading.Thread(target=answer)
        thread.start()
        done = health(f"127.0.0.1:{server.getsockname()[1]}")
        thread.join()
    assert "\x1b" not in done.stdout
    assert len(done.stdout) < 70_000
    if told:
        assert done.stderr.endswith(f"{told}\n") and done.returncode in (1, 69)
    else:
        assert done.returncode == (0 if b" 200 " in said else 1)
