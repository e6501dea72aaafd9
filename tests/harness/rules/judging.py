"""What one record becomes under a rule set, by the order of checks of the data contract."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from harness import jsontext
from harness.rules import filters, methods, tree
from harness.rules.methods import DROPPED, Invalid, Keys, MethodRule
from harness.rules.paths import text_of
from harness.rules.rulefile import FieldRule, RuleSet
from harness.rules.tree import Node, Object, Scalar
from harness.rules.visits import (
    Visit,
    is_a_time,
    is_absent,
    is_of_its_type,
    is_taken_whole,
    walk,
)
from harness.rules.writing import ERROR, FILTERED, Writer

UNKNOWN_ID = b'"Unknown"'
NO_IDS = (DROPPED, b"null", b'""')
FRAME_BYTES = 5


@dataclass(frozen=True)
class Outcome:
    outcome: str  # processed, filtered or error.
    reason: str = ""
    paths: tuple[str, ...] = ()  # What the fault's text names.
    value: bytes | None = b""  # Of a processed record.
    content: bytes = b"{}"
    user_id: bytes = UNKNOWN_ID
    clean_type: str = ""


@dataclass(frozen=True)
class Fault:
    reason: str
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judge:
    rules: RuleSet
    keys: Keys = field(default_factory=Keys)

    def judge(self, value: bytes | None) -> Outcome:
        if value is None:
            if self.rules.tombstones == "pass":
                return Outcome("processed", value=None)
            return Outcome("error", "tombstone")
        if not value:
            return Outcome("error", "empty_value")
        if len(value) > self.rules.value_bytes_max:
            return Outcome("error", "too_large")
        frame = b""
        if self.rules.framing == "confluent":
            frame, value = value[:FRAME_BYTES], value[FRAME_BYTES:]
            if len(frame) < FRAME_BYTES or frame[:1] != b"\0":
                return Outcome("error", "bad_frame")
        try:
            document = jsontext.read(value)
        except jsontext.Refused as refused:
            return Outcome("error", refused.reason)
        event = tree.parse(document.compact)
        if not isinstance(event, Object):
            return Outcome("error", "not_an_object")
        if len({member.name for member in event.members}) != len(event.members):
            return Outcome("error", "duplicate_key")
        return self._judge_event(event, frame)

    def key(self, key: bytes | None) -> bytes | None:
        return _outside(self.rules.key, key, "key", self.keys)

    def header(self, name: str, value: bytes | None) -> bytes | None:
        rule = self.rules.headers.get(name, MethodRule())
        return _outside(rule, value, f"headers.{name}", self.keys)

    def _judge_event(self, event: Object, frame: bytes) -> Outcome:
        fault = self._fault_of(event)
        if fault is not None:
            writer = Writer(self.rules, self.keys, ERROR)
            content, user = writer.event(event), self._user_id(event, writer)
            return Outcome("error", fault.reason, fault.paths, content=content, user_id=user)
        taken = filters.taken_by(self.rules, event)
        if taken:
            writer = Writer(self.rules, self.keys, FILTERED)
            content, user = writer.event(event), self._user_id(event, writer)
            clean_type = f"filtered_{taken}"
            return Outcome("filtered", content=content, user_id=user, clean_type=clean_type)
        return Outcome("processed", value=frame + Writer(self.rules, self.keys).event(event))

    def _fault_of(self, event: Object) -> Fault | None:
        visits = list(walk(self.rules, event))
        checks: Sequence[Callable[[Object, list[Visit]], Fault | None]] = (
            self._missing,
            self._unknown,
            self._wrong_type,
            self._bad_time,
            self._bad_value,
        )
        found = (check(event, visits) for check in checks)
        return next((fault for fault in found if fault is not None), None)

    def _missing(self, event: Object, visits: list[Visit]) -> Fault | None:
        there = {v.rule.path for v in visits if v.rule and not is_absent(v.rule, v.node)}
        required = [r.path for r in self.rules.fields if r.required and r.default is None]
        missing = [path for path in required if path not in there]
        missing.sort(key=lambda path: path != self.rules.id)
        if self.rules.preset == "login" and missing[:1] == [self.rules.id]:
            return Fault("missing_fields", (missing[0].text,))  # Whose check comes first.
        return Fault("missing_fields", tuple(p.text for p in missing)) if missing else None

    def _unknown(self, event: Object, visits: list[Visit]) -> Fault | None:
        if self.rules.unknown != "error":
            return None
        unknown = [text_of(v.place) for v in visits if not v.is_known]
        return Fault("unknown_field", tuple(unknown[:1])) if unknown else None

    def _wrong_type(self, event: Object, visits: list[Visit]) -> Fault | None:
        def is_wrong(v: Visit) -> bool:
            there = v.rule is not None and not is_absent(v.rule, v.node)
            return there and v.rule is not None and not is_of_its_type(v.rule, v.node)

        return _fault("wrong_type", visits, is_wrong)

    def _bad_time(self, event: Object, visits: list[Visit]) -> Fault | None:
        def is_bad(v: Visit) -> bool:
            there = v.rule is not None and not is_absent(v.rule, v.node)
            return there and v.rule is not None and not is_a_time(v.rule, v.node)

        return _fault("bad_timestamp", visits, is_bad)

    def _bad_value(self, event: Object, visits: list[Visit]) -> Fault | None:
        def is_bad(v: Visit) -> bool:
            if v.rule is None or not is_taken_whole(v.rule, v.node) or is_absent(v.rule, v.node):
                return False
            try:
                methods.apply(v.rule.method, v.node, v.rule.path.text, self.keys)
            except Invalid:
                return True
            return False

        return _fault("bad_value", visits, is_bad)

    def _user_id(self, event: Object, writer: Writer) -> bytes:
        """The event's id as its own rule leaves it, of whatever type it should be.

        Of an error nothing stands there that was not tried: no object, no time to be truncated.
        """
        path = self.rules.id
        found = [v for v in walk(self.rules, event) if path is not None and path.holds_at(v.place)]
        is_written = writer.form == FILTERED
        token = self._written_id(found, writer) if is_written else self._tried_id(found)
        return UNKNOWN_ID if token in NO_IDS or token[:1] in (b"{", b"[") else token

    @staticmethod
    def _written_id(found: list[Visit], writer: Writer) -> bytes:
        """The first that is written, where an object has the id more than once."""
        for visit in found:
            with contextlib.suppress(Invalid):
                token = writer.one(visit.node, visit.place)
                if token != DROPPED:
                    return token
        return DROPPED

    def _tried_id(self, found: list[Visit]) -> bytes:
        if not found:
            return DROPPED
        node, rule = found[0].node, found[0].rule
        if not isinstance(node, Scalar) or (rule and _hides_the_id(rule, node)):
            return DROPPED
        try:
            method = rule.method if rule else MethodRule()
            return methods.apply(method, node, rule.path.text if rule else "", self.keys)
        except Invalid:
            return DROPPED


def _hides_the_id(rule: FieldRule, node: Node) -> bool:
    return is_absent(rule, node) or (rule.type == "time" and bool(rule.time.truncate))


def _fault(reason: str, visits: list[Visit], is_wrong: Callable[[Visit], bool]) -> Fault | None:
    found = [v.rule.path.text for v in visits if v.rule is not None and is_wrong(v)]
    return Fault(reason, tuple(dict.fromkeys(found))) if found else None


def _outside(rule: MethodRule, value: bytes | None, name: str, keys: Keys) -> bytes | None:
    """Of a key or a header: what its method makes of its bytes, without JSON's quotes."""
    if value is None or rule.method == "drop":
        return None
    if rule.method == "keep":
        return value
    if rule.method == "pseudonym":
        return methods.digest(rule, value, name, keys)
    token = methods.apply(rule, Scalar(methods.token_of(value.decode())), name, keys)
    return jsontext.unescape(token).encode() if token[:1] == b'"' else token


def treated_texts(rules: RuleSet, value: bytes | None, found: Outcome) -> tuple[bytes, ...]:
    """Raw strings that a rule treats, without those that the rest of the output says as well."""
    try:
        event = tree.parse(jsontext.read(_without_frame(rules, value or b"")).compact)
    except jsontext.Refused:
        return ()
    forms: set[bytes] = set()
    for visit in walk(rules, event):
        if visit.rule is None or visit.rule.method.method == "keep":
            continue
        if isinstance(visit.node, Scalar) and visit.node.kind == "string":
            forms |= {visit.node.token[1:-1], visit.node.text.encode()}
    written = (found.value or b"") + found.content + found.user_id
    return tuple(form for form in forms if len(form) > 5 and form not in written)


def _without_frame(rules: RuleSet, value: bytes) -> bytes:
    return value[FRAME_BYTES:] if rules.framing == "confluent" else value
