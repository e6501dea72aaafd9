"""Rule sets drawn from a seed: valid ones, with rules of every kind at paths of every kind."""

from __future__ import annotations

import json
import random
import tomllib

from harness.rules import paths
from harness.rules.paths import Step
from harness.rules.rulefile import LOGIN

NAMES = (
    *("a", "b", "c", "user_id", "ip", "time", "email", "client", "items", "data", "A", "ü", "a.b"),
    *("x[]", "**", '"', "back\\slash", "", "0", "a b"),
)
ADDRESS_METHODS = ("ipcrypt", "ipcrypt-pfx", "truncate-ip", "mask-ip")
WHOLE = ("pseudonym", "encrypt", "replace", "null", "drop")
INVALID = ("error", "pseudonym", "drop", "null", "keep")
UNITS = ("seconds", "milliseconds", "microseconds", "nanoseconds", "magnitude")
Rule = dict[str, object]
# Of keys and headers, whose bytes need be no JSON.
HEADER = "who"
OUTSIDE: tuple[Rule, ...] = (
    {"method": "keep"},
    {"method": "drop"},
    {"method": "pseudonym"},
    {"method": "pseudonym", "digits": 20, "scope": "path"},
    {"method": "mask", "keep_last": 2},
    {"method": "truncate-ip", "port": "drop"},
)


class RuleDraw:
    """One rule set: `fields` by path, and the file that says it."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.fields: dict[str, Rule] = {}
        self.steps: dict[str, tuple[Step, ...]] = {}
        self.over_login: dict[str, Rule] = {}  # What the file says of the login event's fields.
        self.preset = "login" if rng.random() < 0.1 else "none"
        if self.preset == "login":
            for text, rule in tomllib.loads(LOGIN)["fields"].items():
                self._draw_over_login(text, rule)
            return
        for _ in range(rng.randint(1, 9)):
            self._add(self._path())

    def _draw_over_login(self, text: str, rule: Rule) -> None:
        """The rule as it is, or with some attributes changed by the file."""
        rng = self.rng
        if rng.random() < 0.4:
            change: Rule = {"required": False}
            if rule["type"] == "string":
                change = rng.choice([change, {"method": "mask"}, {"method": "truncate-ip"}])
            elif rng.random() < 0.7:
                change = rng.choice([{"iso8601": True}, {"output": "rfc3339"}])
            self.over_login[text] = change
        self.fields[text] = rule | self.over_login.get(text, {})
        self.steps[text] = (("name", text),)

    def _path(self) -> tuple[Step, ...]:
        rng = self.rng
        if rng.random() < 0.12:
            return (("any", rng.choice(NAMES)),)
        steps: list[Step] = [("name", rng.choice(NAMES))]
        while rng.random() < 0.45 and len(steps) < 6:
            is_name = rng.random() < 0.6
            steps.append(("name", rng.choice(NAMES)) if is_name else ("element", ""))
        return tuple(steps)

    def _add(self, steps: tuple[Step, ...]) -> None:
        text = paths.text_of(steps)
        rule = self._rule(steps)
        if text in self.fields or self._is_in_the_way(steps, rule):
            return
        self.fields[text], self.steps[text] = rule, steps

    def _is_in_the_way(self, steps: tuple[Step, ...], rule: Rule) -> bool:
        """A rule below a value that is taken whole, or that is never an object, is refused."""
        for text, other in self.steps.items():
            if _is_in(steps, other) and _is_closed(self.fields[text]):
                return True
            if _is_in(other, steps) and _is_closed(rule):
                return True
        return False

    def _rule(self, steps: tuple[Step, ...]) -> Rule:
        rng = self.rng
        kind = rng.choices(
            ("any", "string", "integer", "number", "boolean", "object", "array", "time"),
            (40, 25, 3, 6, 2, 2, 2, 20),
        )[0]
        rule: Rule = {} if kind == "any" else {"type": kind}
        rule |= self._time() if kind == "time" else self._method(kind)
        is_plain = all(step[0] == "name" for step in steps)
        if is_plain and rng.random() < 0.2:
            rule["required"] = True
        if kind == "string" and rng.random() < 0.2:
            rule["allow_empty"] = False
        if kind in ("any", "string") and rng.random() < 0.15:
            rule["absent"] = ["-", "unknown"]
        takes_any = rule.get("canonical") not in ("uuid", "ip")
        takes_default = takes_any and rule.get("method", "keep") in ("keep", "pseudonym")
        if is_plain and kind == "string" and takes_default and rng.random() < 0.2:
            rule.pop("required", None)
            rule["default"] = rng.choice(["none", 'ü"\\'])
        return rule

    def _method(self, kind: str) -> Rule:
        rng = self.rng
        methods = {
            "any": ("keep", "mask", "round", *ADDRESS_METHODS, *WHOLE),
            "string": ("keep", "mask", "mask", *ADDRESS_METHODS, *ADDRESS_METHODS, *WHOLE),
            "integer": ("keep", "round", *WHOLE),
            "number": ("keep", "round", "round", *WHOLE),
        }.get(kind, ("keep", *WHOLE))
        name = rng.choice(methods)
        rule: Rule = {"method": name}
        if name == "pseudonym":
            rule |= self._pseudonym(kind)
        elif name == "mask":
            rule |= {"keep_first": rng.randint(0, 3), "keep_last": rng.randint(0, 4)}
            rule |= {"with": rng.choice(["*", "x", "•"])} if rng.random() < 0.3 else {}
        elif name == "replace":
            rule["value"] = rng.choice(["gone", 0, True, 'ü"\\', -1.5])
        elif name == "round":
            rule |= {"to": rng.choice([1, 5, 10, 1000])} if rng.random() < 0.7 else {}
        elif name in ADDRESS_METHODS:
            rule |= self._address(name)
        takes_some = name in ("mask", "round", *ADDRESS_METHODS) or "canonical" in rule
        if takes_some and rng.random() < 0.8:
            rule["invalid"] = rng.choice(INVALID)
        return rule

    def _pseudonym(self, kind: str) -> Rule:
        rng = self.rng
        rule: Rule = {}
        if rng.random() < 0.3:
            rule["digits"] = rng.choice([16, 20, 33, 64])
        if kind in ("any", "string") and rng.random() < 0.4:
            rule["canonical"] = rng.choice(["lower", "trim", "uuid", "ip"])
        if rng.random() < 0.2:
            rule["scope"] = "path"
        return rule

    def _address(self, name: str) -> Rule:
        rng = self.rng
        rule: Rule = {}
        if name == "truncate-ip" and rng.random() < 0.6:
            rule |= {"v4_bits": rng.randint(0, 32), "v6_bits": rng.randint(0, 128)}
        if rng.random() < 0.2:
            rule["list"] = ","
        if rng.random() < 0.6:
            rule["port"] = rng.choice(["keep", "drop", "error"])
        return rule

    def _time(self) -> Rule:
        rng = self.rng
        rule: Rule = {"units": rng.choice(UNITS)}
        for name in ("fraction", "iso8601"):
            if rng.random() < 0.6:
                rule[name] = True
        if rule.get("iso8601") and rng.random() < 0.4:
            rule["zone"] = "UTC"
        rule["output"] = rng.choice(["keep", "datetime", "rfc3339", "epoch_s", "epoch_ms"])
        if rule["output"] != "keep":
            rule["precision"] = rng.choice(["s", "ms", "us", "ns"])
            if rng.random() < 0.3:
                rule["truncate"] = rng.choice(["minute", "hour", "day", "month"])
        return rule

    # The file.

    def toml(self) -> str:
        rng = self.rng
        plain = [t for t, s in self.steps.items() if all(k == "name" for k, _ in s)]
        lines = ["[event]", f'preset = "{self.preset}"']
        ident = rng.choice(plain) if plain and rng.random() < 0.7 else ""
        if self.preset == "none":
            lines.append(f"id = {quoted(ident)}")
        lines.append(
            f"unknown = {quoted(rng.choice(['keep', 'keep', 'keep', 'drop', 'drop', 'error']))}"
        )
        lines += ["", "[fields]"]
        said_of = self.over_login if self.preset == "login" else self.fields
        for text, rule in said_of.items():
            is_short = list(rule) == ["method"] and rng.random() < 0.5
            said = quoted(str(rule["method"])) if is_short else inline(rule)
            lines.append(f"{quoted(text)} = {said}")
        if plain and rng.random() < 0.35:
            wanted = {rng.choice(plain): ["a", "2.3.*", "x y"] for _ in range(rng.randint(1, 2))}
            lines += ["", "[filter]", f"{rng.choice(['keep', 'drop'])} = {inline(dict(wanted))}"]
        for table in ("key", "headers"):
            if rng.random() < 0.3:
                rule = rng.choice(OUTSIDE)
                lines += ["", f"[{table}]"]
                table_of: Rule = {HEADER: rule} if table == "headers" else rule
                lines += [f"{quoted(name)} = {inline(value)}" for name, value in table_of.items()]
        return "\n".join(lines) + "\n"


def _is_below(inner: tuple[Step, ...], outer: tuple[Step, ...]) -> bool:
    return len(inner) > len(outer) and inner[: len(outer)] == outer


def _is_in(inner: tuple[Step, ...], outer: tuple[Step, ...]) -> bool:
    """Below it, or below a name that it holds for at any depth."""
    if outer[0][0] == "any":
        return ("name", outer[0][1]) in inner[:-1]
    return _is_below(inner, outer)


def _is_closed(rule: Rule) -> bool:
    whole = rule.get("method", "keep") != "keep"
    return whole or rule.get("type", "any") not in ("any", "object", "array")


def quoted(text: str) -> str:
    """A basic string of TOML."""
    return json.dumps(text, ensure_ascii=False)


def inline(value: object) -> str:
    """As TOML writes it on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{quoted(k)} = {inline(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
