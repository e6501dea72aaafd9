"""The HTTP endpoint by TLS: with curl, with Python's ssl, and with those who mean it no good."""

from __future__ import annotations

import http.client
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from harness.pipeline import Pipeline
from harness.secured import Certificates, free_port
from harness.waiting import until
from harness.worker import Worker

BAD = b"no JSON"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates") / "made")


def ask(port: int, path: str, certificates: Certificates) -> tuple[int, str]:
    context = ssl.create_default_context(cafile=certificates.path("ca.pem"))
    connection = http.client.HTTPSConnection("localhost", port, timeout=10, context=context)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def is_ready(port: int, certificates: Certificates) -> bool:
    try:
        return ask(port, "/readyz", certificates)[0] == 200
    except OSError:
        return False


def options(
    port: int, certificates: Certificates, cert: str = "good.pem", key: str = "good.key"
) -> list[str]:
    return [
        f"http.listen=127.0.0.1:{port}",
        f"http.tls_cert_file={certificates.path(cert)}",
        f"http.tls_key_file={certificates.path(key)}",
    ]


@contextmanager
def serving(pipeline: Pipeline, certificates: Certificates) -> Iterator[tuple[Worker, int]]:
    port = free_port()
    worker = pipeline.worker("w1", *options(port, certificates)).start()
    until(lambda: is_ready(port, certificates), 30, "the worker is ready")
    yield worker, port


def curl(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["curl", "--silent", "--max-time", "10", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_figures_are_served_by_tls_to_those_who_trust_the_authority(
    pipeline: Pipeline, certificates: Certificates
) -> None:
    pipeline.create_topics(2)
    with serving(pipeline, certificates) as (worker, port):
        ca = certificates.path("ca.pem")
        for version in ("--tls-max 1.2", "--tlsv1.3"):
            told = curl("--cacert", ca, *version.split(), f"https://localhost:{port}/metrics")
            assert 'turnstile_state{state="running"} 1' in told.stdout
        assert "</html>" in curl("--cacert", ca, f"https://localhost:{port}/").stdout
        stranger = certificates.path("stranger.pem")
        assert curl("--cacert", stranger, f"https://localhost:{port}/").returncode == 60
        old = curl("--cacert", ca, "--tls-max", "1.1", f"https://localhost:{port}/livez")
        assert old.returncode == 35
        plain = curl(f"http://127.0.0.1:{port}/metrics")
        assert plain.stdout == "this port speaks TLS: https://\n"
        assert worker.stop() == 0


def test_half_handshakes_and_slow_clients_hold_up_neither_a_scrape_nor_events(
    pipeline: Pipeline, certificates: Certificates
) -> None:
    pipeline.create_topics(2)
    with serving(pipeline, certificates) as (worker, port):
        hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
        silent = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(200)]
        for client in silent[:150]:
            client.sendall(hello)
        context = ssl.create_default_context(cafile=certificates.path("ca.pem"))
        slow = [
            context.wrap_socket(
                socket.create_connection(("127.0.0.1", port), timeout=20),
                server_hostname="localhost",
            )
            for _ in range(30)
        ]
        for half in slow:
            half.sendall(b"GET /metrics HT")
        before = time.monotonic()
        pipeline.produce([(p, BAD) for p in range(2)] * 500)
        assert ask(port, "/metrics", certificates)[0] == 200
        assert time.monotonic() - before < 3
        pipeline.wait_until_all_is_committed()
        # Each has its time from its beginning, a handshake included.
        begun = time.monotonic()
        last = socket.create_connection(("127.0.0.1", port), timeout=20)
        last.sendall(hello)
        assert last.recv(100) == b""
        assert 3 < time.monotonic() - begun < 8
        for client in (*silent, *slow, last):
            client.close()
        assert worker.stop() == 0


FAULTS = {
    ("good.pem", "strange.key"): "http.tls_key_file",
    ("good.pem", "gone.key"): "http.tls_key_file",
    ("gone.pem", "good.key"): "http.tls_cert_file",
    ("good.key", "good.key"): "http.tls_cert_file",
    ("good.pem", "good.pem"): "http.tls_key_file",
    ("good.pem", "locked.key"): "http.tls_key_file",
}


def test_a_certificate_that_does_not_do_is_refused_at_the_start(
    pipeline: Pipeline, certificates: Certificates
) -> None:
    lock = "openssl ec -aes128 -passout pass:secret-word -in good.key -out locked.key"
    folder = Path(certificates.path("."))
    subprocess.run(lock.split(), cwd=folder, check=True, capture_output=True)
    for number, ((cert, key), option) in enumerate(FAULTS.items()):
        sets = options(free_port(), certificates, cert, key)
        worker = pipeline.worker(f"w{number}", *sets).start()
        line = worker.wait_for("configuration refused")
        assert line["option"] == option, line
        assert certificates.path(cert if option.endswith("cert_file") else key) in line["error"]
        assert worker.wait() == 78


def test_an_expired_certificate_is_told_and_half_a_pair_refused(
    pipeline: Pipeline, certificates: Certificates
) -> None:
    pipeline.create_topics(1)
    sets = options(free_port(), certificates, "expired.pem", "expired.key")
    worker = pipeline.worker("w1", *sets).start()
    worker.wait_for("configuration", detail="http.tls_cert_file: the certificate has expired")
    assert worker.stop() == 0
    half = pipeline.worker("w2", *sets[:2]).start()
    assert half.wait() == 78
