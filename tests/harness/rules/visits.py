"""Which rule holds for which value of one event: a walk over the tree, in the event's order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.rules.methods import MethodRule
from harness.rules.paths import Step
from harness.rules.rulefile import FieldRule, RuleSet
from harness.rules.times import read
from harness.rules.tree import Array, Node, Object, Scalar

Place = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    place: Place
    node: Node
    rule: FieldRule | None
    is_known: bool  # A rule names it, or something around it, or it is on the way to one.


def rule_at(rules: RuleSet, place: Place) -> FieldRule | None:
    """The most specific rule that leads there."""
    found = [rule for rule in rules.fields if rule.path.holds_at(place)]
    return max(found, key=lambda rule: rule.path.specificity) if found else None


def is_on_the_way(rules: RuleSet, place: Place, node: Node) -> bool:
    return not isinstance(node, Scalar) and any(r.path.passes(place) for r in rules.fields)


def is_taken_whole(rule: FieldRule | None, node: Node) -> bool:
    """Nothing inside of the value has a rule of its own any more."""
    if rule is None:
        return False
    method = rule.method
    if method.invalid == "keep" and not isinstance(node, Scalar) and not takes_all(method):
        return False  # The method cannot take it, and it stays.
    return method.method != "keep"


def takes_all(method: MethodRule) -> bool:
    if method.method == "pseudonym":
        return method.canonical not in ("ip", "uuid")
    return method.method in ("keep", "encrypt", "replace", "null", "drop")


def children(place: Place, node: Node) -> Iterator[tuple[Place, Node]]:
    if isinstance(node, Object):
        for member in node.members:
            yield (*place, ("name", member.name)), member.value
    elif isinstance(node, Array):
        for item in node.items:
            yield (*place, ("element", "")), item


def walk(
    rules: RuleSet, node: Node, place: Place = (), is_covered: bool = False
) -> Iterator[Visit]:
    """Each value that a rule may hold for."""
    for inner, value in children(place, node):
        rule = rule_at(rules, inner)
        named = is_covered or rule is not None
        yield Visit(inner, value, rule, named or is_on_the_way(rules, inner, value))
        if not is_taken_whole(rule, value):
            yield from walk(rules, value, inner, named)


def is_absent(rule: FieldRule, node: Node) -> bool:
    if not isinstance(node, Scalar) or node.kind not in ("null", "string"):
        return False
    if node.kind == "null":
        return True
    return (node.text == "" and not rule.allow_empty) or node.text in rule.absent


def is_of_its_type(rule: FieldRule, node: Node) -> bool:
    if rule.type in ("any", "time"):
        return True
    if rule.type == "integer":
        return node.kind == "number" and node.compact().lstrip(b"-").isdigit()
    return node.kind == rule.type


def is_a_time(rule: FieldRule, node: Node) -> bool:
    return rule.type != "time" or read(node, rule.time) is not None
