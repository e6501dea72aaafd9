"""A file of rules as values: [event], [fields], [filter], [headers], [key] of the configuration."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from harness.rules import paths
from harness.rules.methods import MethodRule
from harness.rules.paths import Path
from harness.rules.times import TimeRule


@dataclass(frozen=True)
class FieldRule:
    path: Path
    type: str = "any"
    required: bool = False
    allow_empty: bool = True
    default: bytes | None = None
    absent: tuple[str, ...] = ()
    time: TimeRule = TimeRule()
    method: MethodRule = MethodRule()


@dataclass(frozen=True)
class Condition:
    path: Path
    values: tuple[object, ...]


@dataclass(frozen=True)
class RuleSet:
    preset: str = "login"
    id: Path | None = None
    unknown: str = "keep"
    tombstones: str = "error"
    framing: str = "none"
    fields: tuple[FieldRule, ...] = ()
    keep: tuple[Condition, ...] = ()
    drop: tuple[Condition, ...] = ()
    headers: Mapping[str, MethodRule] = field(default_factory=dict)
    key: MethodRule = MethodRule()
    errors_unknown: str = "drop"
    value_bytes_max: int = 1048576


OF_A_TIME = ("units", "fraction", "iso8601", "zone", "output", "precision", "truncate")
OF_A_METHOD = (
    *("method", "invalid", "digits", "canonical", "scope", "v4_bits", "v6_bits", "keep_first"),
    *("keep_last", "with", "to", "value", "list", "port"),
)
LOGIN = """
[event]
id = "user_id"

[fields]
user_id     = { type = "string", required = true, allow_empty = false }
ip          = { type = "string", required = true, method = "pseudonym" }
device_id   = { type = "string", required = true, method = "pseudonym" }
app_version = { type = "string", required = true }
device_type = { type = "string", required = true }
timestamp   = { type = "time", required = true, units = "seconds", output = "datetime" }
locale      = { type = "string", required = true }

[filter]
keep = { app_version = ["2.3.0"] }
"""


def load(text: str) -> RuleSet:
    given = tomllib.loads(text)
    event = given.get("event", {})
    if event.get("preset", "login") == "login":
        given = _merged(tomllib.loads(LOGIN), given)
        event = given["event"]
    filters = given.get("filter", {})
    ident = event.get("id", "")
    return RuleSet(
        preset=event.get("preset", "login"),
        id=paths.parse(ident) if ident else None,
        unknown=event.get("unknown", "keep"),
        tombstones=event.get("tombstones", "error"),
        framing=event.get("framing", "none"),
        fields=tuple(_field(path, rule) for path, rule in given.get("fields", {}).items()),
        keep=_conditions(filters.get("keep", {})),
        drop=_conditions(filters.get("drop", {})),
        headers={name: method(rule) for name, rule in given.get("headers", {}).items()},
        key=method(given.get("key", "keep")),
        errors_unknown=given.get("errors", {}).get("unknown", "drop"),
        value_bytes_max=given.get("input", {}).get("value_bytes_max", 1048576),
    )


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Table by table; a field's rule attribute by attribute, a filter's conditions by path."""
    made = {**base, **over}
    made["event"] = {**base.get("event", {}), **over.get("event", {})}
    made["filter"] = dict(over.get("filter", {}))
    for name, conditions in base.get("filter", {}).items():
        own = made["filter"].get(name)
        made["filter"][name] = {} if own == {} else {**conditions, **(own or {})}
    made["fields"] = dict(base["fields"])
    for path, rule in over.get("fields", {}).items():
        made["fields"][path] = _over(made["fields"].get(path, {}), _table(rule))
    return made


def _over(before: Mapping[str, Any], rule: dict[str, Any]) -> dict[str, Any]:
    """Another method, or another type, forgets what was said for the one before."""
    kept = dict(before)
    if rule.get("method", kept.get("method")) != kept.get("method"):
        kept = {name: value for name, value in kept.items() if name not in OF_A_METHOD}
    if rule.get("type", kept.get("type")) != kept.get("type"):
        kept = {name: value for name, value in kept.items() if name not in OF_A_TIME}
    return kept | rule


def _table(given: Any) -> dict[str, Any]:
    """A string is short for its method."""
    return {"method": given} if isinstance(given, str) else dict(given)


def _field(path: str, given: Any) -> FieldRule:
    rule = _table(given)
    default = rule.get("default")
    return FieldRule(
        paths.parse(path),
        type=rule.get("type", "any"),
        required=rule.get("required", False),
        allow_empty=rule.get("allow_empty", True),
        default=None if default is None else scalar(default),
        absent=tuple(rule.get("absent", ())),
        time=_time(rule),
        method=method(rule),
    )


def _time(rule: Mapping[str, Any]) -> TimeRule:
    names = {f.name for f in dataclasses.fields(TimeRule)} - {"zone_utc"}
    given = {name: rule[name] for name in names if name in rule}
    return TimeRule(**given, zone_utc=rule.get("zone") == "UTC")


def method(given: Any) -> MethodRule:
    renamed = {"with": "with_", "list": "list_"}
    names = {f.name for f in dataclasses.fields(MethodRule)}
    found = {renamed.get(name, name): value for name, value in _table(given).items()}
    found = {name: value for name, value in found.items() if name in names}
    if "value" in found:
        found["value"] = scalar(found["value"])
    if "to" in found:
        found["to"] = Fraction(str(found["to"]))
    return MethodRule(**found)


def scalar(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _conditions(given: Mapping[str, Any]) -> tuple[Condition, ...]:
    return tuple(
        Condition(paths.parse(path), tuple(values if isinstance(values, list) else [values]))
        for path, values in given.items()
    )
