"""What is kept: conditions on values as they came in."""

from __future__ import annotations

import json
from collections.abc import Iterator

from harness.rules.rulefile import Condition, RuleSet
from harness.rules.tree import Node, Object, Scalar
from harness.rules.visits import Place, children, is_absent, rule_at


def taken_by(rules: RuleSet, event: Object) -> str:
    """The path of the first condition that takes the event out; empty: it is kept."""
    for condition in rules.keep:
        if not _matches(rules, condition, event):
            return condition.path.text
    for condition in rules.drop:
        if _matches(rules, condition, event):
            return condition.path.text
    return ""


def _matches(rules: RuleSet, condition: Condition, event: Object) -> bool:
    """One value is enough; where the path is absent its default stands for it."""
    values = list(_values(condition, event))
    default = next((r.default for r in rules.fields if r.path == condition.path), None)
    if not values and default is not None:
        return any(_equals(v, Scalar(default)) for v in condition.values)
    for place, node in values:
        rule = rule_at(rules, place)
        found: Node | None = node
        if rule is not None and is_absent(rule, node):
            found = Scalar(rule.default) if rule.default is not None else None
        if found is not None and any(_equals(v, found) for v in condition.values):
            return True
    return False


def _values(condition: Condition, node: Node, place: Place = ()) -> Iterator[tuple[Place, Node]]:
    for inner, value in children(place, node):
        if condition.path.holds_at(inner):
            yield inner, value
        if condition.path.passes(inner):
            yield from _values(condition, value, inner)


def _equals(wanted: object, node: Node) -> bool:
    if not isinstance(node, Scalar):
        return False
    if not isinstance(wanted, str):
        return node.token == json.dumps(wanted).encode()
    if node.kind != "string":
        return False
    if wanted.endswith("*"):
        return node.text.startswith(wanted[:-1])
    return node.text == wanted
