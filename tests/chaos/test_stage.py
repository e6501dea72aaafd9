"""What workers say of possible repeats is added up over actors, processes and restarts."""

from __future__ import annotations

from chaos.stage import possible_repeats


def line(actor: str, counted: int, **more: str) -> dict[str, str]:
    return {"event": "metrics", "actor": actor, "possible_repeats": str(counted), **more}


def test_the_last_word_of_each_actor_counts_and_a_restart_begins_anew() -> None:
    starts = {"event": "worker starts"}
    lines = [
        starts,
        line("group_consumer", 3),
        line("producer", 1, index="0"),
        line("producer", 2, index="1"),
        line("group_consumer", 5),
        starts,
        line("group_consumer", 0),
        line("producer", 4, index="0"),
    ]
    assert possible_repeats(lines) == 5 + 1 + 2 + 4
    assert possible_repeats([]) == 0
