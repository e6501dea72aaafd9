"""Results accumulate over invocations; the table adds them up and hides nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chaos import results
from chaos.judge import Opinion, objections
from chaos.results import Result


def a_result(**more: Any) -> Result:
    told: dict[str, Any] = {
        "fault": "worker-kill",
        "guarantee": "at-least-once",
        "brokers": 1,
        "seed": 7,
        "command": "scripts/chaos --seed 7",
        "program": "p",
    }
    return Result(**(told | more))


def cells(table: str, number: int) -> list[str]:
    return [cell.strip() for cell in table.splitlines()[number + 2].strip("|").split("|")]


def test_what_is_appended_is_found_again_in_its_order(tmp_path: Path) -> None:
    table = tmp_path / "there" / "results.jsonl"
    assert results.load(table) == []
    wanted = [a_result(seed=1, failures=["1 lost"]), a_result(seed=2, recovery_s=1.5)]
    for result in wanted:
        results.append(table, result)
    assert results.load(table) == wanted


def test_runs_of_a_fault_are_added_up_and_the_worst_is_told() -> None:
    found = [
        a_result(injected=3, hits=2, inputs=600, repeated=4, passed_least=900, recovery_s=2.0),
        a_result(injected=5, hits=5, inputs=400, repeated=1, passed_least=700, recovery_s=9.0),
    ]
    assert cells(results.markdown(found), 0) == [
        *("worker-kill", "at-least-once", "1", "2", "0", "8", "7", "1000", "0"),
        *("5 (0.50%)", "700", "9.0"),
    ]


def test_guarantees_and_sizes_of_cluster_have_rows_of_their_own() -> None:
    found = [a_result(), a_result(guarantee="exactly-once"), a_result(brokers=3)]
    table = results.markdown(found)
    assert [cells(table, n)[1:3] for n in range(3)] == [
        ["at-least-once", "1"],
        ["at-least-once", "3"],
        ["exactly-once", "1"],
    ]


def test_a_failed_leg_is_counted_and_named_with_its_command() -> None:
    table = results.markdown([a_result(), a_result(failures=["checker: 2 lost"], lost=2)])
    assert cells(table, 0)[4] == "1"
    assert table.endswith("- `scripts/chaos --seed 7`: checker: 2 lost")


# The verdict.


def test_one_lost_record_is_an_objection_whatever_is_allowed() -> None:
    assert objections(Opinion("checker", 1000, 1, 0), None) == ["checker: 1 lost"]


def test_repeats_are_an_objection_only_above_their_share() -> None:
    assert objections(Opinion("audit", 1000, 0, 10), 0.01) == []
    assert objections(Opinion("audit", 1000, 0, 11), 0.01) == [
        "audit: 11 of 1000 repeated, 1% allowed"
    ]
    assert objections(Opinion("audit", 1000, 0, 900), None) == []


def test_one_repeat_is_too_many_where_none_is_allowed() -> None:
    assert objections(Opinion("audit", 10**9, 0, 1), 0.0) != []


def test_faults_of_other_kinds_are_objections() -> None:
    opinion = Opinion("checker", 10, 0, 0, {"order": 2, "commit_ahead": 1})
    assert objections(opinion, None) == ["checker: 1 commit_ahead", "checker: 2 order"]


def test_a_run_without_input_proves_nothing() -> None:
    assert objections(Opinion("checker", 0, 0, 0), None) == ["checker: there was nothing to judge"]
