"""What is kept: conditions on values as they came in."""

from __future__ import annotations

import json

from harness.rules.rulefile import Condition, RuleSet
from harness.rules.tree import Node, Object, Scalar
from harness.rules.visits import Place, children


def taken_by(rules: RuleSet, event: Object) -> str:
    """The path of the first condition that takes the event out; empty: it is kept."""
    for condition in rules.keep:
        if not _matches(condition, event):
            return condition.path.text
    for condition in rules.drop:
        if _matches(condition, event):
            return condition.path.text
    return ""


def _matches(condition: Condition, node: Node, place: Place = ()) -> bool:
    for inner, value in children(place, node):
        if condition.path.holds_at(inner) and any(_equals(v, value) for v in condition.values):
            return True
        if condition.path.passes(inner) and _matches(condition, value, inner):
            return True
    return False


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
