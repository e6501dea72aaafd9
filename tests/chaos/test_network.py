"""The proxy does to connections what the faults of the network promise."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from harness.waiting import until

from chaos.broker_faults import java_hash
from chaos.network import TO_BROKER, TO_WORKER, Proxy

LONG_S = 10.0


class Echo:
    """A server that sends back what it gets, and remembers it."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self.got = b""
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(1000):
                    self.got += data
                    connection.sendall(data)
            except OSError:
                pass

    def stop(self) -> None:
        self._server.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def echo() -> Iterator[Echo]:
    made = Echo()
    yield made
    made.stop()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[Proxy]:
    made = Proxy([(free_port(), echo.port)])
    yield made
    made.stop()


@pytest.fixture
def connection(proxy: Proxy) -> Iterator[socket.socket]:
    """One that has carried something already."""
    host, port = proxy.bootstrap.split(":")
    with socket.create_connection((host, int(port)), LONG_S) as made:
        made.sendall(b"hello")
        assert made.recv(5, socket.MSG_WAITALL) == b"hello"
        proxy.reset_figures()
        yield made


def test_a_delay_holds_each_direction_up_by_as_much(
    proxy: Proxy, connection: socket.socket
) -> None:
    proxy.delay(0.1)
    began = time.monotonic()
    connection.sendall(b"late")
    assert connection.recv(4, socket.MSG_WAITALL) == b"late"
    assert time.monotonic() - began >= 0.2
    assert proxy.figures.delayed_chunks == 2


def test_what_is_cut_towards_the_broker_does_not_arrive_until_it_is_healed(
    proxy: Proxy, connection: socket.socket, echo: Echo
) -> None:
    proxy.hold(TO_BROKER)
    connection.sendall(b"cut")
    until(lambda: proxy.figures.held_bytes == 3, LONG_S, "the proxy holds it")
    assert echo.got == b"hello"
    proxy.heal()
    assert connection.recv(3, socket.MSG_WAITALL) == b"cut"


def test_what_is_cut_towards_the_worker_reaches_the_broker(
    proxy: Proxy, connection: socket.socket, echo: Echo
) -> None:
    proxy.hold(TO_WORKER)
    connection.sendall(b"deaf")
    until(lambda: proxy.figures.held_bytes == 4, LONG_S, "the proxy holds the answer")
    assert echo.got == b"hellodeaf"
    proxy.heal()
    assert connection.recv(4, socket.MSG_WAITALL) == b"deaf"


def test_a_reset_is_no_goodbye(proxy: Proxy, connection: socket.socket) -> None:
    proxy.reset()
    with pytest.raises(ConnectionResetError):
        connection.recv(1)
    assert proxy.figures.resets == 1


def test_a_broker_that_is_away_refuses_through_the_proxy_too(proxy: Proxy, echo: Echo) -> None:
    away = Proxy([(free_port(), free_port())])
    try:
        host, port = away.bootstrap.split(":")
        with (
            pytest.raises(ConnectionResetError),
            socket.create_connection((host, int(port)), LONG_S) as made,
        ):
            made.recv(1)
    finally:
        away.stop()


def test_the_hash_that_finds_a_coordinator_is_javas() -> None:
    # As String.hashCode() has it, without its sign.
    assert java_hash("") == 0
    assert (
        java_hash("turnstile")
        == sum(ord(c) * 31**n for n, c in enumerate(reversed("turnstile"))) % 2**32 % 2**31
    )
    assert java_hash("polygenelubricants") == 0  # It is the most negative number.
