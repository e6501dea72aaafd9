"""Times as events have them, and as outputs say them. Seconds are exact fractions throughout."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from harness.rules.tree import Node, Scalar

SECONDS_MAX = 253402300799  # The last second of the year 9999.
PER_SECOND = {"seconds": 1, "milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}
DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

DECIMAL = re.compile(r"[0-9]+(?P<fraction>\.[0-9]+)?")
NUMBER = re.compile(r"[0-9]+(?P<fraction>(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)")
WRITTEN = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ](?P<minute>[0-9]{2}:[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?"
    r"(?P<zone>[Zz]|(?P<sign>[+-])(?P<hours>[0-9]{2})(?::?(?P<minutes>[0-9]{2}))?)?"
)


@dataclass(frozen=True)
class TimeRule:
    units: str = "seconds"
    fraction: bool = False
    iso8601: bool = False
    zone_utc: bool = False
    output: str = "keep"
    precision: str = "s"
    truncate: str = ""

    @property
    def changes(self) -> bool:
        return self.output != "keep" or bool(self.truncate)


def is_some_time(node: Node, rule: TimeRule) -> bool:
    """By this rule, or by one that takes more: what may be repeated as it is."""
    return read(node, replace(rule, units="magnitude", fraction=True, iso8601=True)) is not None


def read(node: Node, rule: TimeRule) -> Fraction | None:
    """Seconds since the epoch; None where the value is no time by the rule."""
    if not isinstance(node, Scalar) or node.kind not in ("number", "string"):
        return None
    text = node.text if node.kind == "string" else node.token.decode()
    form = DECIMAL if node.kind == "string" else NUMBER
    seconds = _of_number(form.fullmatch(text), rule)
    if seconds is None and node.kind == "string" and rule.iso8601:
        seconds = _of_text(text, rule)
    return seconds if seconds is not None and 0 <= seconds < SECONDS_MAX + 1 else None


def _of_number(found: re.Match[str] | None, rule: TimeRule) -> Fraction | None:
    if found is None or (found["fraction"] and not rule.fraction):
        return None
    value = Fraction(found.group())
    units = rule.units if rule.units != "magnitude" else _by_magnitude(value)
    return value / PER_SECOND[units]


def _by_magnitude(value: Fraction) -> str:
    """What is valid as seconds stays seconds, and so on."""
    for units, per_second in PER_SECOND.items():
        if value // per_second <= SECONDS_MAX:
            return units
    return "nanoseconds"


def _of_text(text: str, rule: TimeRule) -> Fraction | None:
    found = WRITTEN.fullmatch(text)
    if found is None or (found["zone"] is None and not rule.zone_utc):
        return None
    hours, minutes = int(found["hours"] or 0), int(found["minutes"] or 0)
    if hours > 23 or minutes > 59:
        return None
    try:
        whole = f"{found['date']}T{found['minute']}:{found['second'] or '00'}+00:00"
        local = datetime.fromisoformat(whole)
    except ValueError:
        return None
    offset = timedelta(hours=hours, minutes=minutes) * (-1 if found["sign"] == "-" else 1)
    seconds = (local - EPOCH) // timedelta(seconds=1) - offset // timedelta(seconds=1)
    return seconds + Fraction(f"0.{found['fraction'] or 0}")


def written(node: Node, rule: TimeRule) -> bytes:
    """The token of a value that is a time by the rule."""
    if not rule.changes:
        return node.compact()
    seconds = read(node, rule)
    assert seconds is not None
    digits = DIGITS[rule.precision]
    ticks = seconds * 10**digits // 1  # What the precision has no room for is cut off.
    whole, part = divmod(int(ticks), 10**digits)
    if rule.truncate:
        whole, part = _truncated(whole, rule.truncate), 0
    return _token(whole, part, digits, rule.output)


def _truncated(seconds: int, to: str) -> int:
    if to == "month":
        moment = EPOCH + timedelta(seconds=seconds)
        first = moment.replace(day=1, hour=0, minute=0, second=0)
        return (first - EPOCH) // timedelta(seconds=1)
    step = {"minute": 60, "hour": 3600, "day": 86400}[to]
    return seconds - seconds % step


def _token(whole: int, part: int, digits: int, output: str) -> bytes:
    if output == "epoch_ms":
        finer = max(digits - 3, 0)
        milliseconds, rest = divmod(part * 10 ** max(3 - digits, 0), 10**finer)
        behind = f".{rest:0{finer}}" if finer else ""
        return f"{whole * 1000 + milliseconds}{behind}".encode()
    fraction = f".{part:0{digits}}" if digits else ""
    if output == "epoch_s":
        return f"{whole}{fraction}".encode()
    moment = EPOCH + timedelta(seconds=whole)
    blank, zone = (" ", "") if output == "datetime" else ("T", "Z")
    text = f"{moment.year:04}-{moment:%m-%d}{blank}{moment:%H:%M:%S}{fraction}{zone}"
    return f'"{text}"'.encode()
