"""What must become of an input: the data contract once more, in another language.

The checker compares the topics with this. It shares nothing with the worker: hashes come from
hashlib, JSON from jsontext, partitions from a murmur2 of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from harness import jsontext
from harness.rules import rulefile
from harness.rules.judging import Judge, treated_texts
from harness.rules.methods import Keys
from harness.rules.rulefile import RuleSet
from harness.rules.times import TimeRule, is_some_time
from harness.rules.tree import Scalar

REQUIRED = ("ip", "device_id", "app_version", "device_type", "timestamp", "locale")
PSEUDONYMISED = ("ip", "device_id")
COUNTED = ("device_type", "locale")
KNOWN = frozenset(("user_id", *REQUIRED))
# Reasons whose error record shows nothing of the input.
WITHOUT_CONTENT = frozenset(
    [
        "unreadable",
        "tombstone",
        "empty_value",
        "too_large",
        "invalid_utf8",
        "invalid_json",
        "too_deep",
        "not_an_object",
        "duplicate_key",
    ]
)
SECONDS_MAX = 253402300799  # The last second of the year 9999.
STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


class Fate(IntEnum):
    """The one topic in which an input ends."""

    NONE = 0
    PROCESSED = 1
    ERROR = 2
    CLEANED = 3


FATES = {"processed": Fate.PROCESSED, "error": Fate.ERROR, "filtered": Fate.CLEANED}
LOGIN_RULES = rulefile.load("")


@dataclass(frozen=True, slots=True)
class Rules:
    """The options that change what an input becomes; the defaults are the worker's."""

    app_versions: tuple[str, ...] = ("2.3.0",)
    value_bytes_max: int = 1048576
    hmac_key: bytes | None = None
    event: RuleSet | None = None  # Instead of the login event's own code below.
    damaged: bool = False  # Some inputs could not be read when they were processed.


@dataclass(frozen=True, slots=True)
class Judgement:
    fate: Fate
    reason: str = ""
    value: bytes | None = b""  # Of a processed record.
    content: bytes = b"{}"  # `message_content` of an error or cleaned record.
    user_id: bytes = b'"Unknown"'  # Its token there.
    secrets: tuple[bytes, ...] = ()  # What no output may contain.
    clean_type: str = "filtered_app_version"
    counted: tuple[str, ...] = ()  # Values of COUNTED, of a login event that is processed.


def unreadable(judged: Judgement) -> Judgement:
    """What the input becomes where nobody could read it."""
    return Judgement(Fate.ERROR, "unreadable", secrets=judged.secrets)


def pseudonym(text: bytes, rules: Rules) -> bytes:
    if rules.hmac_key is None:
        return hashlib.sha256(text).hexdigest().encode()
    return hmac.new(rules.hmac_key, text, "sha256").hexdigest().encode()


def judge(value: bytes | None, rules: Rules = Rules()) -> Judgement:
    """What the input becomes, by the contract's order of checks."""
    if rules.event is not None:
        return _judge_by_rules(value, rules)
    if value is None:
        return Judgement(Fate.ERROR, "tombstone")
    if not value:
        return Judgement(Fate.ERROR, "empty_value")
    if len(value) > rules.value_bytes_max:
        return Judgement(Fate.ERROR, "too_large", secrets=_secrets_in_text(value))
    try:
        document = jsontext.read(value)
    except jsontext.Refused as refusal:
        return Judgement(Fate.ERROR, refusal.reason, secrets=_secrets_in_text(value))
    if not document.is_object:
        return Judgement(Fate.ERROR, "not_an_object", secrets=_secrets_in_text(value))
    names = [member.name for member in document.members]
    if len(set(names)) != len(names):
        return Judgement(Fate.ERROR, "duplicate_key", secrets=_secrets_in_text(value))
    return _judge_fields(document, rules)


def by_rules(rules: Rules) -> Judge:
    """The rules with their keys; without rules of their own, those of the login event."""
    keys = Keys.derived(rules.hmac_key) if rules.hmac_key is not None else Keys()
    return Judge(rules.event or LOGIN_RULES, keys)


def _judge_by_rules(value: bytes | None, rules: Rules) -> Judgement:
    found = by_rules(rules).judge(value)
    return Judgement(
        FATES[found.outcome],
        found.reason,
        value=found.value,
        content=found.content,
        user_id=found.user_id,
        secrets=treated_texts(by_rules(rules).rules, value, found),
        clean_type=found.clean_type,
    )


def _judge_fields(document: jsontext.Document, rules: Rules) -> Judgement:
    fields = {member.name: member.value for member in document.members}
    reason = _fault_of(fields)
    fate = Fate.ERROR if reason else Fate.PROCESSED
    if not reason and jsontext.unescape(fields["app_version"]) not in rules.app_versions:
        fate = Fate.CLEANED
    user = fields.get("user_id", b"null")
    is_unknown = user in (b"null", b'""') or user[:1] in b"{["
    repeated = document.members
    if fate == Fate.ERROR:
        repeated = [m for m in document.members if _is_of_its_type(m.name, m.value)]
    return Judgement(
        fate,
        reason,
        value=_rewritten(repeated, rules, with_time=True) if fate == Fate.PROCESSED else b"",
        content=_rewritten(repeated, rules, with_time=False),
        user_id=b'"Unknown"' if is_unknown else user,
        secrets=_secrets(document, repeated, fate),
        counted=() if reason else tuple(jsontext.unescape(fields[name]) for name in COUNTED),
    )


def _fault_of(fields: dict[str, bytes]) -> str:
    if fields.get("user_id", b"null") in (b"null", b'""'):
        return "missing_fields"
    if any(fields.get(name, b"null") == b"null" for name in REQUIRED):
        return "missing_fields"
    for name in ("user_id", *REQUIRED):
        if name != "timestamp" and not jsontext.is_string(fields[name]):
            return "wrong_type"
    return _timestamp_fault(fields["timestamp"])


def _timestamp_fault(token: bytes) -> str:
    digits = jsontext.unescape(token).encode() if jsontext.is_string(token) else token
    if not re.fullmatch(rb"[0-9]+", digits) or int(digits) > SECONDS_MAX:
        return "bad_timestamp"
    return ""


def _is_of_its_type(name: str, token: bytes) -> bool:
    """Whether an error record repeats the field: known, and null or what its name says."""
    if name not in KNOWN:
        return False
    if token == b"null":
        return True
    if name != "timestamp" or not jsontext.is_string(token):
        return jsontext.is_string(token) or (name == "timestamp" and token[:1] in b"-0123456789")
    return is_some_time(Scalar(token), TimeRule())


def _seconds(token: bytes) -> int:
    return int(jsontext.unescape(token)) if jsontext.is_string(token) else int(token)


def formatted_time(seconds: int) -> bytes:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds)).encode()


def _hashed(token: bytes, rules: Rules) -> bytes:
    return b'"' + pseudonym(jsontext.unescape(token).encode(), rules) + b'"'


def _rewritten(repeated: Iterable[jsontext.Member], rules: Rules, with_time: bool) -> bytes:
    members = []
    for name, key, value in repeated:
        if name in PSEUDONYMISED and value != b"null":
            value = _hashed(value, rules)
        elif name == "timestamp" and with_time:
            value = b'"' + formatted_time(_seconds(value)) + b'"'
        members.append(key + b":" + value)
    return b"{" + b",".join(members) + b"}"


def _secrets(
    document: jsontext.Document, repeated: list[jsontext.Member], fate: Fate
) -> tuple[bytes, ...]:
    """The raw addresses and ids, without those that the rest of the record says as well."""
    found: set[bytes] = set()
    rest = b"".join(m.key + m.value for m in repeated if m.name not in PSEUDONYMISED)
    for member in document.members:
        if member.name in PSEUDONYMISED:
            found |= _forms(member.value)
    if fate == Fate.ERROR:
        rest += b"".join(m.value for m in document.members if m.name == "user_id")
        found |= _addresses(document.compact)
    return tuple(form for form in found if len(form) > 5 and form not in rest)


def _forms(token: bytes) -> set[bytes]:
    if not jsontext.is_string(token):
        return {token}
    return {token[1:-1], jsontext.unescape(token).encode()}


def _addresses(text: bytes) -> set[bytes]:
    """Strings at any depth, names too, that are addresses: no error record shows one."""
    found: set[bytes] = set()
    for token in STRING.findall(text):
        try:
            ipaddress.ip_address(jsontext.unescape(token))
        except ValueError:
            continue
        found |= _forms(token)
    return found


def _secrets_in_text(value: bytes) -> tuple[bytes, ...]:
    """As far as they can be told in a text that is no event."""
    found = set(re.findall(rb'"(?:ip|device_id)"\s*:\s*"([^"]{6,})"', value))
    found |= {form for form in _addresses(value) if len(form) > 5}
    return tuple(found)


def murmur2(data: bytes) -> int:
    """As org.apache.kafka.common.utils.Utils.murmur2, unsigned."""
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    h = 0x9747B28C ^ len(data)
    whole = len(data) - len(data) % 4
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    rest = data[whole:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def output_partition(source: int, key: bytes | None, inputs: int, outputs: int) -> int:
    """Where an output of `source` belongs, by the contract's default."""
    if outputs >= inputs:
        return source
    if key is None:
        return source % outputs
    return (murmur2(key) & 0x7FFFFFFF) % outputs
