"""The two jobs that worker and peers are compared in (bench/peers), and the bars of each."""

from dataclasses import dataclass
from pathlib import Path

WORKER = "turnstile"
NO_RULES = "turnstile-no-rules"
STREAMS, STREAMS_EOS = "kafka-streams", "kafka-streams-eos"
FLINK, BENTO = "flink", "bento"
PEERS = (STREAMS, STREAMS_EOS, FLINK, BENTO)

# How many times the other's the worker's figure is.
PER_CPU, PER_S = "records per CPU second", "records per second"
CPU = "CPU with rules / without"
AT_MOST = (CPU,)


@dataclass(frozen=True)
class Job:
    name: str
    events: int  # Of a backlog.
    sort: str  # Of its events, as the page says.
    generate: tuple[str, ...]  # Arguments of `turnstile generate`.
    rules: tuple[str, ...]  # Of `turnstile run`; none: those of the login event.
    has_no_rules: bool  # Whether the worker runs without rules, too.
    bento: str
    mark: str  # Of the section of docs/benchmarks.md.
    picture: str  # In docs/; none where empty.
    # ((Others, of which the worst for us counts), figure, bar)
    bars: tuple[tuple[tuple[str, ...], str, float], ...]
    # Events that no rule can take, beside the generated ones while it is checked.
    bad: tuple[bytes, ...] = ()


LOGIN = Job(
    name="login",
    events=4_000_000,
    sort="seed",
    generate=("--mix", "seed"),
    rules=(),
    has_no_rules=False,
    bento="bento.yaml",
    mark="peers",
    picture="benchmarks-peers.svg",
    # Kafka Streams counts in its better mode.
    bars=(
        ((STREAMS, STREAMS_EOS), PER_CPU, 3.0),
        ((FLINK,), PER_CPU, 3.0),
        ((BENTO,), PER_CPU, 7.0),
        ((STREAMS, STREAMS_EOS), PER_S, 1.7),
    ),
)

_HERE = Path(__file__).resolve().parents[2] / "bench" / "peers"
_RULES = ("-c", str(_HERE / "nested.toml"))
_REST = b'"client":{"ipAddress":"192.0.2.1"},"published":"2024-10-25T22:07:54Z"}'
NESTED = Job(
    name="nested",
    events=2_000_000,  # A JVM still becomes faster in its first million.
    sort="nested, 1.1 KB each",
    generate=(*_RULES, "-c", str(_HERE / "nested-events.toml")),
    rules=_RULES,
    has_no_rules=True,
    bento="nested.yaml",
    mark="peers-nested",
    picture="",
    bars=(
        ((STREAMS, STREAMS_EOS), PER_CPU, 2.5),
        ((BENTO,), PER_CPU, 7.0),
        ((NO_RULES,), CPU, 1.3),
    ),
    bad=(
        b"",
        b'{"actor":{"id":"a"',
        b"[]",
        b"{" + _REST,
        b'{"actor":{"id":""},' + _REST,
        b'{"actor":{"id":7},' + _REST,
        b'{"actor":{"id":"a","alternateId":7},' + _REST,
        b'{"actor":{"id":"a"},"published":"2024-10-25T22:07:54Z"}',
        b'{"actor":{"id":"a"},"client":{"ipAddress":"192.0.2"},"published":"2024-10-25T22:07:54Z"}',
        b'{"actor":{"id":"a"},"client":{"ipAddress":"192.0.2.1"},"published":"yesterday"}',
    ),
)
JOBS = {job.name: job for job in (LOGIN, NESTED)}
