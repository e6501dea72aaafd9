"""A worker's HTTP endpoint, asked as Prometheus and a supervisor ask it."""

from __future__ import annotations

import http.client
import re

SERIES = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$")
Answer = tuple[int, str]


def ask(port: int, path: str, method: str = "GET", **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def status_of(port: int, path: str) -> int:
    """0: nobody listens."""
    try:
        return ask(port, path)[0]
    except OSError:
        return 0


def metrics(port: int) -> dict[str, float]:
    """By the series as it is written."""
    code, text = ask(port, "/metrics")
    assert code == 200
    series = [SERIES.match(line) for line in text.splitlines() if not line.startswith("#")]
    assert all(series), text
    return {one.group(0).rsplit(" ", 1)[0]: float(one.group(3)) for one in series if one}
