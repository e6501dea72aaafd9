"""The peers of the benchmark: pinned, readable, and fairly reckoned with. Needs no network."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "bench" / "peers"
peers = pytest.importorskip("bench_lib.peers")
jobs = pytest.importorskip("bench_lib.peer_jobs")

EXACT = re.compile(r"\d+(\.\d+)+(-\d+\.\d+)?")


def pom() -> ElementTree.Element:
    return ElementTree.parse(PEERS / "pom.xml").getroot()


def test_every_version_of_the_jvm_peers_is_an_exact_one_in_the_poms_properties() -> None:
    properties = pom().find("{*}properties")
    assert properties is not None
    pinned = {p.tag.split("}")[1]: p.text or "" for p in properties if p.tag.endswith(".version")}
    assert pinned
    for name, version in pinned.items():
        assert EXACT.fullmatch(version), f"{name} is {version}"
    used = [v.text or "" for v in pom().findall(".//{*}version")][
        1:
    ]  # The first is the project's own.
    assert used and all(re.fullmatch(r"\$\{[\w.-]+\.version\}", version) for version in used), used


def test_bentos_version_is_pinned_with_the_sums_of_all_it_needs() -> None:
    version = peers.versions(ROOT)["Bento"]
    assert EXACT.fullmatch(version)
    sums = (PEERS / "bento" / "go.sum").read_text()
    assert f"github.com/warpstreamlabs/bento v{version} h1:" in sums


def test_no_version_stands_a_second_time_in_what_describes_the_peers() -> None:
    for version in peers.versions(ROOT).values():
        for path in (PEERS / "README.md", PEERS / "build", ROOT / "scripts" / "bench_lib/peers.py"):
            assert version not in path.read_text(), f"{path} repeats {version}"


@pytest.mark.parametrize("job", jobs.JOBS.values(), ids=jobs.JOBS)
def test_bentos_configuration_is_yaml_with_one_mutation_between_kafka_and_kafka(job: Any) -> None:
    text = (PEERS / "bento" / job.bento).read_text()
    job = yaml.safe_load(re.sub(r"\$\{THREADS:(\d+)\}", r"\1", text))
    assert job["input"]["kafka_franz"]["batching"]["count"] > 1
    assert job["output"]["kafka_franz"]["compression"] == "${CODEC}"
    assert [next(iter(step)) for step in job["pipeline"]["processors"]] == ["mutation", "catch"]


@pytest.mark.parametrize("source", ["StreamsPeer.java", "FlinkPeer.java"])
def test_the_producers_of_the_jvm_peers_are_set_as_the_copys_is(source: str) -> None:
    text = (PEERS / "java" / source).read_text().replace("_", ".").lower()
    for setting, value in (
        ("acks", '"all"'),
        ("compression.type", "job.codec"),
        ("linger.ms", "5"),
    ):
        assert re.search(rf'{setting}(\.config\))?"?, "?{value}', text), f"{setting} of {source}"


def test_each_peer_is_told_all_topics_and_the_codec() -> None:
    from bench_lib.candidates import Topics

    for peer in peers.all_peers(ROOT, "lz4"):
        assert peer.environment["CODEC"] == "lz4"
        command = peer.command("localhost:1", "g", Topics("in", "out", 3))
        assert command[0] == "env"
        for word in ("BROKERS=localhost:1", "GROUP=g", "INPUT=in", "PROCESSED=out-processed",
                     "ERRORS=out-errors", "CLEANED=out-cleaned"):  # fmt: skip
            assert word in command, peer.name


def test_copy_and_worker_write_with_the_peers_codec() -> None:
    copy, worker = peers.ours(ROOT, "lz4")
    assert copy.is_copy and "--codec=lz4" in copy.arguments
    assert worker.arguments == ["--set", "producer.compression=lz4"]


def test_each_peer_is_told_the_job_and_the_worker_its_rules() -> None:
    for peer in peers.all_peers(ROOT, "lz4", jobs.NESTED):
        told = [*peer.environment.items(), *peer.arguments]
        assert ("JOB", "nested") in told or str(PEERS / "bento" / "nested.yaml") in told
    _, worker, without = peers.ours(ROOT, "lz4", jobs.NESTED)
    assert worker.arguments[-2:] == ["-c", str(PEERS / "nested.toml")]
    assert without.name == jobs.NO_RULES and without.arguments[-1] == "event.preset=none"


def test_the_nested_job_has_ten_rules_which_its_events_add_to() -> None:
    rules = tomllib.loads((PEERS / "nested.toml").read_text())["fields"]
    added = tomllib.loads((PEERS / "nested-events.toml").read_text())["fields"]
    assert len(rules) == 10
    assert all(set(added[path]) == {"required"} for path in rules if path in added)
    java = (PEERS / "java" / "NestedTransform.java").read_text()
    assert re.findall(r'\.with\("([^"]+)"', java) == list(rules)


def test_values_are_the_same_where_they_are_the_same_json() -> None:
    wanted = {"t/0/1": b'{"a":1,"b":[null]}', "t/0/2": b"{}"}
    assert peers.differing({"t/0/1": b'{"b": [null], "a": 1}'}, wanted) is None
    assert "t/0/1 became" in peers.differing({"t/0/1": b'{"a":1}'}, wanted)
    assert "t/0/3 is no" in peers.differing({"t/0/3": b"{}"}, wanted)


def run_of(candidate: str, number: int, records_s: float, cpu: float) -> dict[str, Any]:
    return {"candidate": candidate, "round": number, "warm_records_s": records_s,
            "warm_cpu_s_per_million": cpu}  # fmt: skip


def test_the_first_half_of_a_backlog_counts_as_warm_up() -> None:
    samples = [[0.0, 10, 5.0], [4.0, 100, 9.0], [6.0, 150, 9.5], [8.0, 300, 10.0]]
    assert peers.warm({"samples": samples, "written": 300}) == {
        "warm_records_s": 150 / 2,
        "warm_cpu_s_per_million": pytest.approx(0.5 / 150 * 1e6),
    }


def test_ratios_are_medians_over_the_rounds_that_have_both() -> None:
    runs = [run_of("turnstile", n, 300, 4) for n in (1, 2, 3, 4)]
    flink = ((1, 100, 8), (2, 150, 12), (3, 75, 40))
    runs += [run_of("flink", n, rate, cpu) for n, rate, cpu in flink]
    assert peers.times(runs, "flink", jobs.PER_S) == pytest.approx(3)
    assert peers.times(runs, "flink", jobs.PER_CPU) == pytest.approx(3)
    assert peers.times(runs, "bento", jobs.PER_CPU) is None


def test_kafka_streams_counts_in_its_better_mode() -> None:
    runs = [run_of("turnstile", 1, 300, 4), run_of("kafka-streams", 1, 100, 16),
            run_of("kafka-streams-eos", 1, 200, 10)]  # fmt: skip
    verdicts = {v["figure"]: v for v in peers.judge(runs)}
    assert verdicts[jobs.PER_CPU]["peer"] == "kafka-streams-eos"
    assert verdicts[jobs.PER_CPU]["reached"] == 2.5 and not verdicts[jobs.PER_CPU]["met"]
    assert verdicts[jobs.PER_S]["reached"] == 1.5 and not verdicts[jobs.PER_S]["met"]


def test_rules_may_cost_the_nested_job_so_much_cpu_and_no_more() -> None:
    runs = [run_of("turnstile", 1, 300, 5.2), run_of("turnstile-no-rules", 1, 300, 4)]
    (verdict,) = peers.judge(runs, jobs.NESTED)
    assert verdict["reached"] == 1.3 and verdict["met"]
    runs[0]["warm_cpu_s_per_million"] = 5.3
    assert not peers.judge(runs, jobs.NESTED)[0]["met"]
    assert ["turnstile-no-rules", jobs.CPU, "<= 1.3 x", "1.32 x", "NOT MET"] in peers.tables(
        runs, ["turnstile", "turnstile-no-rules"], jobs.NESTED
    )[1]


def test_a_section_is_replaced_between_its_marks_only() -> None:
    page = "a\n<!-- peers: begin -->\nold\n<!-- peers: end -->\nb\n"
    changed = peers.replace_section(page, "peers", "new\n")
    assert changed == page.replace("old", "new")
    with pytest.raises(ValueError, match="lacks"):
        peers.replace_section("no marks", "peers", "new\n")


def test_the_page_has_the_marks() -> None:
    page = (ROOT / "docs" / "benchmarks.md").read_text()
    for job in jobs.JOBS.values():
        assert peers.replace_section(page, job.mark, "x\n") != page
