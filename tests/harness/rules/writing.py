"""The event as it may be written: in an output, a filtered record, or an error record's content."""

from __future__ import annotations

from dataclasses import dataclass

from harness.rules import methods, times
from harness.rules.methods import DROPPED, Invalid, Keys
from harness.rules.rulefile import FieldRule, RuleSet
from harness.rules.tree import Array, Node, Object, Scalar
from harness.rules.visits import (
    Place,
    is_absent,
    is_of_its_type,
    is_on_the_way,
    is_taken_whole,
    rule_at,
)

OUTPUT, FILTERED, ERROR = "output", "filtered", "error"


@dataclass(frozen=True)
class Writer:
    """Of an error only what rules name is repeated, and nothing that no rule could treat.

    A time stays as it was received but in an output, unless some of it is not to be known.
    """

    rules: RuleSet
    keys: Keys
    form: str = OUTPUT

    @property
    def is_output(self) -> bool:
        return self.form == OUTPUT

    @property
    def of_an_error(self) -> bool:
        return self.form == ERROR

    def event(self, event: Object) -> bytes:
        return self._object(event, (), False)

    def one(self, node: Node, place: Place) -> bytes:
        """A value by its own rule; DROPPED where nothing of it may be written."""
        return self._value(node, place, False)

    def _value(self, node: Node, place: Place, is_covered: bool) -> bytes:
        rule = rule_at(self.rules, place)
        if rule is None and not is_covered and not is_on_the_way(self.rules, place, node):
            return node.compact() if self._keeps_unknown() else DROPPED
        if rule is not None:
            if self.of_an_error and not self._may_be_repeated(rule, node):
                return DROPPED
            if is_absent(rule, node):
                return self._absent(rule, node, place)
            if is_taken_whole(rule, node) or rule.type == "time":
                return self._treated(rule, node, place)
        covered = is_covered or rule is not None
        if isinstance(node, Object):
            return self._object(node, place, covered)
        if isinstance(node, Array):
            return self._array(node, place, covered)
        return node.compact()

    def _keeps_unknown(self) -> bool:
        if self.of_an_error and self.rules.errors_unknown != "keep":
            return False
        return self.rules.unknown != "drop"

    def _may_be_repeated(self, rule: FieldRule, node: Node) -> bool:
        if node.kind == "null":
            return True
        if rule.type == "time":
            number = isinstance(node, Scalar) and node.kind == "number"
            return number or times.is_some_time(node, rule.time)
        return is_of_its_type(rule, node)

    def _absent(self, rule: FieldRule, node: Node, place: Place) -> bytes:
        if rule.default is not None and self.is_output:
            return self._treated(rule, Scalar(rule.default), place)
        if rule.method.method in ("drop", "null", "replace"):
            return self._treated(rule, node, place)
        return node.compact()

    def _treated(self, rule: FieldRule, node: Node, place: Place) -> bytes:
        if rule.type == "time" and rule.method.method == "keep":
            if not self.is_output and not rule.time.truncate:
                return node.compact()
            if times.read(node, rule.time) is None:
                return DROPPED
            return times.written(node, rule.time)
        try:
            return methods.apply(rule.method, node, rule.path.text, self.keys)
        except Invalid:
            if self.of_an_error:
                return DROPPED
            raise

    def _object(self, node: Object, place: Place, is_covered: bool) -> bytes:
        written = []
        for member in node.members:
            token = self._value(member.value, (*place, ("name", member.name)), is_covered)
            if token != DROPPED:
                written.append(member.key + b":" + token)
        if self.is_output:
            written += self._defaults(node, place)
        return b"{" + b",".join(written) + b"}"

    def _defaults(self, node: Object, place: Place) -> list[bytes]:
        """Of the members that are missing, in the order of the rules."""
        there = {member.name for member in node.members}
        found = []
        for rule in self.rules.fields:
            kind, name = rule.path.steps[-1]
            at = rule.path.steps[:-1] == place and kind == "name" and name not in there
            if rule.default is not None and at:
                token = self._treated(rule, Scalar(rule.default), (*place, (kind, name)))
                if token != DROPPED:
                    found.append(methods.token_of(name) + b":" + token)
        return found

    def _array(self, node: Array, place: Place, is_covered: bool) -> bytes:
        tokens = [self._value(i, (*place, ("element", "")), is_covered) for i in node.items]
        return b"[" + b",".join(token for token in tokens if token != DROPPED) + b"]"
