"""The schedule follows from the seed alone, and keeps each kind's bounds."""

from __future__ import annotations

import pytest

from chaos.catalogue import FAULTS, fitting
from chaos.fault import AT_LEAST_ONCE, EXACTLY_ONCE
from chaos.schedule import draw, rounds


@pytest.mark.parametrize("name", FAULTS)
def test_the_same_seed_gives_the_same_schedule_and_another_one_another(name: str) -> None:
    kind = FAULTS[name]
    assert draw(kind, 7, 60.0) == draw(kind, 7, 60.0)
    assert draw(kind, 7, 60.0).steps != draw(kind, 8, 60.0).steps


@pytest.mark.parametrize("name", FAULTS)
def test_every_injection_is_healed_before_the_next(name: str) -> None:
    kind = FAULTS[name]
    for step in draw(kind, 3, 200.0).steps:
        assert kind.lasts_s[0] <= step.lasts_s <= kind.lasts_s[1]
        assert step.lasts_s <= step.slot_s <= max(kind.slot_s[1], step.lasts_s)


@pytest.mark.parametrize("name", FAULTS)
def test_a_leg_is_as_long_as_asked_and_has_one_injection_at_least(name: str) -> None:
    kind = FAULTS[name]
    assert len(draw(kind, 1, 0.0).steps) == 1
    long = draw(kind, 1, 600.0)
    assert 600.0 - kind.slot_s[1] <= long.seconds <= 600.0


@pytest.mark.parametrize("name", FAULTS)
def test_only_storms_inject_more_than_once_in_five_seconds(name: str) -> None:
    """Where the share of repeats is bounded, and by more than nothing, it is for this rate."""
    kind = FAULTS[name]
    if kind.repeats_share_max:
        assert all(step.slot_s >= 5.0 for step in draw(kind, 5, 300.0).steps)


def test_a_round_has_each_fault_once_in_an_order_of_its_seed() -> None:
    kinds = fitting(3, AT_LEAST_ONCE)
    first, again, other = rounds(kinds, 1), rounds(kinds, 1), rounds(kinds, 2)
    assert first == again
    assert {kind for kind, _ in first} == set(kinds) and len(first) == len(kinds)
    assert [kind for kind, _ in first] != [kind for kind, _ in other]


def test_a_single_fault_begins_with_the_seed_that_was_given() -> None:
    assert rounds([FAULTS["worker-kill"]], 7) == [(FAULTS["worker-kill"], 7)]


def test_what_needs_transactions_or_three_brokers_is_left_out_without() -> None:
    def names(brokers: int, guarantee: str) -> set[str]:
        return {kind.name for kind in fitting(brokers, guarantee)}

    assert "crash-mid-transaction" in names(1, EXACTLY_ONCE) - names(1, AT_LEAST_ONCE)
    assert "broker-kill" in names(3, AT_LEAST_ONCE) - names(1, AT_LEAST_ONCE)
    assert "only-broker-kill" in names(1, AT_LEAST_ONCE) - names(3, AT_LEAST_ONCE)
