"""Events drawn for a rule set: what its rules look for, in every form, among everything else."""

from __future__ import annotations

import json
import random

from harness.rules.drawing import ADDRESS_METHODS, NAMES, Rule, RuleDraw
from harness.rules.paths import Step

ADDRESSES = (
    *("203.0.113.7", "203.0.113.7:54321", " 203.0.113.7 ", "::ffff:203.0.113.7", "2001:db8::1"),
    *("2001:DB8::1", "2001:0db8:0000:0000:0000:0000:0000:0001", "[2001:db8::1]:443", "::", "::1"),
    *("2001:db8::1#443", "2001:db8::1 port 443", "203.0.113.7, 70.41.3.18", "fe80::1%eth0"),
    *("0.0.0.0", "255.255.255.255", "2001:db8:0:0:1:0:0:1", "64:ff9b::192.0.2.33", "::1.2.3.4"),
    *("[2001:db8::1]", "10.0.0.1:0", "10.0.0.1:65535", "::FFFF:C000:0201"),
)
NO_ADDRESSES = (
    *("", "-", "unknown", "1.2.3", "01.2.3.4", "1.2.3.4.5", "256.1.1.1", "1.2.3.4:", "::g", ":::"),
    *(
        "1.2.3.4:65536",
        "[::1",
        "::1]",
        "signin.amazonaws.com",
        "0x7f.1",
        "1.2.3.4x",
        "2001:db8::1%",
    ),
    *("1.2.3.4%eth0", "[1.2.3.4]:5", "203.0.113.7,,70.41.3.18", "1.2.3.4, x"),
)
GOOD_NUMBERS = ("0", "7", "42", "1729894074", "99", "1234567")
GOOD_TIMES = (
    "2024-10-25T22:07:54.123Z",
    "2024-10-25T22:07+02:00",
    "2024-02-29t23:59:59,999999999Z",
)
TIMES = (
    *("2024-10-25T22:07Z", "2024-10-25T22:07+02:00", "2024-10-25T22:07:54.123Z"),
    *("2024-10-25 22:07:54", "2024-10-25t22:07:54,5z", "2024-02-29T23:59:59.999999999-0530"),
    *(
        "2024-10-25T22:07:54+02",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "1969-12-31T23:59:59Z",
    ),
    *("2023-02-29T00:00:00Z", "2024-10-25T24:00:00Z", "2024-10-25T22:07:60Z", "2024-10-25", "now"),
    *("2024-10-25T22:07:54.1234567890123Z", "1970-01-01T00:00:00+00:01", "2024-10-25T22:07:54"),
    *(
        "2024-10-25T22:07:54.Z",
        "1/9/2007 9:41:00 AM",
        "1729894074",
        "1729894074.5",
        "1729894074123",
    ),
)
NUMBERS = (
    *("0", "1", "-1", "-0", "1729894074", "1729894074.5", "1729894074123", "1684862313000000000"),
    *("1e3", "1.0", "-7.25", "12345678901234567890123456789012345678901", "0.1", "253402300799"),
    *("253402300800", "99", "-15", "1729894074123456", "1E+2", "5e-1"),
)
NO_EVENTS = (
    *(b"[]", b'"x"', b"7", b"null", b"{", b"{}", b'{"a":01}', b'{"a":"\xff"}', b'{"a":1}}'),
    *(b'{"a":"\\ud800"}', b'{"\\udc00":1}', b'{"a":1,}', b"\xef\xbb\xbf{}", b'{"a":NaN}'),
    b'{"a":1e999}',
)
UUIDS = (
    *("B5372DB0-C21E-11E4-8DFC-AA07A5B093DB", "b5372db0-c21e-11e4-8dfc-aa07a5b093db"),
    *("00000000-0000-0000-0000-000000000000", "b5372db0c21e11e48dfcaa07a5b093db", "b5372db0"),
)
STRINGS = (
    *("", "a", "x y", "2.3.0", "2.3.17", "-", "unknown", "ada@example.org", "ü€😀", 'q"\\', " t\t"),
    *("Ada Example", "\u0000\u001f", "/", "ABCdef", "none"),
)


class EventDraw:
    def __init__(self, rng: random.Random, rules: RuleDraw) -> None:
        self.rng = rng
        self._rules = rules

    def record(self) -> bytes:
        """A value on one line: mostly an event, now and then nothing of the kind."""
        rng = self.rng
        chance = rng.random()
        if chance < 0.02:
            return rng.choice(NO_EVENTS)
        if chance < 0.03:
            deep = rng.choice([31, 32, 33])
            return b'{"a":' + b"[" * (deep - 1) + b"]" * (deep - 1) + b"}"
        if chance < 0.032:  # One member of each name, and there are many names.
            many = ",".join(f'"n{number}":{number}' for number in range(300))
            return b'{"a":"' + b"x" * 50_000 + b'",' + many.encode() + b"}"
        return self._object((), 0, rng.randint(0, 5)).encode()

    def _object(self, place: tuple[Step, ...], depth: int, others: int) -> str:
        rng = self.rng
        wanted = [step[1] for step in self._steps_below(place) if step[0] == "name"]
        names = [name for name in dict.fromkeys(wanted) if rng.random() < 0.95]
        names += [s[0][1] for s in self._anywhere() if rng.random() < 0.3]
        names += rng.sample(NAMES, others)
        if depth > 0 and names and rng.random() < 0.15:
            names.append(rng.choice(names))  # A second one, which gets the same.
        elif depth == 0 and rng.random() > 0.01:
            names = list(dict.fromkeys(names))
        rng.shuffle(names)
        members = []
        for name in names:
            value = self._value((*place, ("name", name)), depth + 1)
            members.append(f"{self._string(name)}{self._blank()}:{self._blank()}{value}")
        return "{" + self._blank() + f"{self._blank()},{self._blank()}".join(members) + "}"

    def _anywhere(self) -> list[tuple[Step, ...]]:
        return [steps for steps in self._rules.steps.values() if steps[0][0] == "any"]

    def _steps_below(self, place: tuple[Step, ...]) -> list[Step]:
        size = len(place)
        found = [s for s in self._rules.steps.values() if s[:size] == place and len(s) > size]
        return [steps[size] for steps in found if steps[size][0] != "any"]

    def _rule_at(self, place: tuple[Step, ...]) -> Rule | None:
        for text, steps in self._rules.steps.items():
            if steps == place or (steps[0][0] == "any" and steps[0][1] == place[-1][1]):
                return self._rules.fields[text]
        return None

    def _value(self, place: tuple[Step, ...], depth: int) -> str:
        rng = self.rng
        below = self._steps_below(place)
        if below and rng.random() < 0.9:
            is_object = any(step[0] == "name" for step in below)
            is_array = any(step[0] == "element" for step in below)
            if is_object and not (is_array and rng.random() < 0.5):
                return self._object(place, depth, rng.randint(0, 2))
            items = [
                self._value((*place, ("element", "")), depth + 1) for _ in range(rng.randint(0, 3))
            ]
            return "[" + f"{self._blank()},".join(items) + "]"
        rule = self._rule_at(place)
        if rule is not None and rng.random() < 0.97:
            return self._fitting(rule)
        return self._anything(depth)

    def _fitting(self, rule: Rule) -> str:
        rng = self.rng
        method, kind = rule.get("method", "keep"), rule.get("type", "any")
        if method in ADDRESS_METHODS or rule.get("canonical") == "ip":
            return self._string(rng.choice(ADDRESSES if rng.random() < 0.9 else NO_ADDRESSES))
        if rule.get("canonical") == "uuid":
            return self._string(rng.choice(UUIDS))
        if kind == "time":
            return self._time(rule)
        if method == "round" or kind in ("number", "integer"):
            return rng.choice(GOOD_NUMBERS if rng.random() < 0.6 else NUMBERS)
        if kind == "boolean":
            return rng.choice(["true", "false"])
        if kind == "object":
            return self._object((("name", "nowhere"),), 2, rng.randint(0, 2))
        if kind == "array":
            return "[" + ",".join(self._anything(2) for _ in range(rng.randint(0, 3))) + "]"
        if kind == "string":
            return self._string(rng.choice(STRINGS if rng.random() < 0.6 else ("2.3.0",)))
        return self._anything(2)

    def _time(self, rule: Rule) -> str:
        rng = self.rng
        if rng.random() < 0.1:
            return rng.choice([rng.choice(NUMBERS), self._string(rng.choice(TIMES))])
        if rule.get("iso8601") and rng.random() < 0.6:
            return self._string(rng.choice(GOOD_TIMES))
        number = rng.choice(GOOD_NUMBERS)
        return number if rng.random() < 0.7 else self._string(number)

    def _anything(self, depth: int) -> str:
        rng = self.rng
        kind = rng.choice(["string", "string", "number", "literal", "object", "array"])
        if kind == "number":
            return rng.choice(NUMBERS)
        if kind == "literal":
            return rng.choice(["null", "true", "false"])
        if kind == "object" and depth < 5:
            return self._object((("name", "nowhere"), ("name", "else")), depth, rng.randint(0, 2))
        if kind == "array" and depth < 5:
            return "[" + ",".join(self._anything(depth + 1) for _ in range(rng.randint(0, 3))) + "]"
        return self._string(rng.choice((*STRINGS, *ADDRESSES[:3], *TIMES[:2])))

    def _string(self, text: str) -> str:
        """A token that says so; now and then with escapes that need not be."""
        chance = self.rng.random()
        if chance < 0.1 and text:
            at = self.rng.randrange(len(text))
            head, tail = json.dumps(text[:at])[1:-1], json.dumps(text[at + 1 :])[1:-1]
            unit = text[at].encode("utf-16-be").hex()
            escaped = "".join(f"\\u{unit[i : i + 4]}" for i in range(0, len(unit), 4))
            return f'"{head}{escaped}{tail}"'
        return json.dumps(text, ensure_ascii=chance < 0.3)

    def _blank(self) -> str:
        return self.rng.choice(["", "", "", " ", "\t", "  "])
