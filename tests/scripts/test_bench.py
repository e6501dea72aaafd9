"""What the benchmark makes of its samples, and how it judges. Needs no Kafka."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

report = pytest.importorskip("bench_lib.report")
throughput = pytest.importorskip("bench_lib.throughput")
warm_up = pytest.importorskip("bench_lib.warm_up")
Candidate = pytest.importorskip("bench_lib.candidates").Candidate


def samples(*written: int) -> list[SimpleNamespace]:
    """One each quarter of a second."""
    return [SimpleNamespace(at=100 + n / 4, written=w) for n, w in enumerate(written)]


def test_full_rate_begins_with_the_first_half_second_that_holds_it() -> None:
    slow_at_first = samples(0, 10, 20, 30, 130, 230, 330)
    assert throughput.full_rate_after(slow_at_first, 360) == 0.75
    assert throughput.full_rate_after(slow_at_first, 40) == 0


def test_full_rate_that_is_never_reached_is_no_figure() -> None:
    assert throughput.full_rate_after(samples(0, 10, 20, 30), 41) is None


def run(candidate: str, number: int, **figures: float) -> dict[str, object]:
    return {"candidate": candidate, "round": number, **figures}


def test_a_bar_is_judged_by_the_median_of_the_ratios_within_rounds() -> None:
    runs = [run("copy", n, cpu_s_per_million=copy) for n, copy in enumerate((1.0, 2.0, 4.0))]
    runs += [run("w", n, cpu_s_per_million=own) for n, own in enumerate((1.4, 3.2, 4.0))]
    verdicts = report.judge(report.summarise(runs, ["copy", "w"]), "w")
    assert verdicts == [{"figure": "CPU s/million", "bar": "<= 1.5 x", "reached": 1.4, "met": True}]


@pytest.mark.parametrize(("percent", "met"), [(1.0, True), (1.01, False)])
def test_what_a_trickle_may_cost_is_judged_at_its_bound(percent: float, met: bool) -> None:
    runs = [run("copy", 1, trickle_percent=0.5), run("w", 1, trickle_percent=percent)]
    assert report.judge(report.summarise(runs, ["copy", "w"]), "w")[0]["met"] is met


def test_the_broker_is_warmed_up_by_one_of_each_kind_of_candidate() -> None:
    worker = Candidate("w", "turnstile")
    eos = worker.variant("eos delivery.guarantee=exactly-once")
    wanted = [Candidate("copy", "copy", is_copy=True), worker, worker.variant("x linger_ms=1")]
    names = [c.name for c in warm_up.one_of_each_kind(wanted)]
    assert names == ["copy", "w"]
    names = [c.name for c in warm_up.one_of_each_kind([*wanted, eos, eos.variant("again")])]
    assert names == ["copy", "w", "eos"]
