"""Paths of the second implementation: what they are, what they lead to, which one holds."""

from __future__ import annotations

import pytest
from harness.rules import paths
from harness.rules.paths import BadPath, Step

A, B, EACH = ("name", "a"), ("name", "b"), ("element", "")


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("a", (A,)),
        ("a.b", (A, B)),
        ("a[].b", (A, EACH, B)),
        ("a[][]", (A, EACH, EACH)),
        ("**.b", (("any", "b"),)),
        ('"a.b".b', (("name", "a.b"), B)),
        ('"a\\"[]"[]', (("name", 'a"[]'), EACH)),
        ('""', (("name", ""),)),
        ('"$".a', (("name", "$"), A)),
        ('"/a"', (("name", "/a"),)),
        ("a./b", (A, ("name", "/b"))),
    ],
)
def test_a_path_is_read_as_its_steps_and_written_back(text: str, steps: tuple[Step, ...]) -> None:
    assert paths.parse(text).steps == steps
    assert paths.text_of(steps) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", ".a", "a.", "a..b", "a[", "a[0]", "[]", "a*", "**", "**.", "**.a.b", '"a', "a]"),
        *("$.a", "$[0]", "$..a", "/a", "/a/b", "/"),
    ],
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(BadPath):
        paths.parse(text)


def test_a_path_holds_at_its_place_only_and_any_depth_at_every_one() -> None:
    assert paths.parse("a[].b").holds_at((A, EACH, B))
    assert not paths.parse("a[].b").holds_at((A, EACH, EACH, B))
    assert paths.parse("**.b").holds_at((B,)) and paths.parse("**.b").holds_at((A, EACH, B))
    assert not paths.parse("**.b").holds_at((B, EACH))


def test_an_exact_path_holds_before_one_of_any_depth() -> None:
    assert paths.parse("a.b").specificity > paths.parse("**.b").specificity
    assert paths.parse("a[].b").specificity > paths.parse("**.b").specificity
