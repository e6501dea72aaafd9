"""What must become of an input: the data contract once more, in another language.

The checker compares the topics with this. It shares nothing with the worker: hashes come from
hashlib, JSON from jsontext, partitions from a murmur2 of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from enum import IntEnum

import jsontext

REQUIRED = ("ip", "device_id", "app_version", "device_type", "timestamp", "locale")
PSEUDONYMISED = ("ip", "device_id")
# Reasons whose error record shows nothing of the input.
WITHOUT_CONTENT = frozenset(
    "tombstone empty_value too_large invalid_utf8 invalid_json too_deep not_an_object"
    " duplicate_key".split()
)
SECONDS_MAX = 253402300799  # The last second of the year 9999.


class Fate(IntEnum):
    """The one topic in which an input ends."""

    NONE = 0
    PROCESSED = 1
    ERROR = 2
    CLEANED = 3


@dataclass(frozen=True, slots=True)
class Rules:
    """The options that change what an input becomes; the defaults are the worker's."""

    app_versions: tuple[str, ...] = ("2.3.0",)
    value_bytes_max: int = 1048576
    hmac_key: bytes | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    fate: Fate
    reason: str = ""
    value: bytes = b""  # Of a processed record.
    content: bytes = b"{}"  # `message_content` of an error or cleaned record.
    user_id: bytes = b'"Unknown"'  # Its token there.
    secrets: tuple[bytes, ...] = ()  # What no output may contain.
    device_type: str = ""
    locale: str = ""


def pseudonym(text: bytes, rules: Rules) -> bytes:
    if rules.hmac_key is None:
        return hashlib.sha256(text).hexdigest().encode()
    return hmac.new(rules.hmac_key, text, "sha256").hexdigest().encode()


def judge(value: bytes | None, rules: Rules = Rules()) -> Judgement:
    """What the input becomes, by the contract's order of checks."""
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


def _judge_fields(document: jsontext.Document, rules: Rules) -> Judgement:
    fields = {member.name: member.value for member in document.members}
    reason = _fault_of(fields)
    fate = Fate.ERROR if reason else Fate.PROCESSED
    if not reason and jsontext.unescape(fields["app_version"]) not in rules.app_versions:
        fate = Fate.CLEANED
    user = fields.get("user_id", b"null")
    is_unknown = user in (b"null", b'""') or user[:1] in b"{["
    return Judgement(
        fate,
        reason,
        value=_rewritten(document, rules, with_time=True) if fate == Fate.PROCESSED else b"",
        content=_rewritten(document, rules, with_time=False),
        user_id=b'"Unknown"' if is_unknown else user,
        secrets=_secrets(document, fields),
        device_type="" if reason else jsontext.unescape(fields["device_type"]),
        locale="" if reason else jsontext.unescape(fields["locale"]),
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


def _seconds(token: bytes) -> int:
    return int(jsontext.unescape(token)) if jsontext.is_string(token) else int(token)


def formatted_time(seconds: int) -> bytes:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds)).encode()


def _hashed(token: bytes, rules: Rules) -> bytes:
    text = jsontext.unescape(token).encode() if jsontext.is_string(token) else token
    return b'"' + pseudonym(text, rules) + b'"'


def _rewritten(document: jsontext.Document, rules: Rules, with_time: bool) -> bytes:
    members = []
    for name, key, value, raw in document.members:
        if name in PSEUDONYMISED:
            value = _hashed(raw, rules)
        elif name == "timestamp" and with_time:
            value = b'"' + formatted_time(_seconds(value)) + b'"'
        members.append(key + b":" + value)
    return b"{" + b",".join(members) + b"}"


def _secrets(document: jsontext.Document, fields: dict[str, bytes]) -> tuple[bytes, ...]:
    """The raw addresses and ids, without those that the rest of the record says as well."""
    found = []
    rest = b"".join(m.key + m.value for m in document.members if m.name not in PSEUDONYMISED)
    for name in PSEUDONYMISED:
        token = fields.get(name, b"null")
        raw = token[1:-1] if jsontext.is_string(token) else token
        for form in {raw, jsontext.unescape(token).encode() if jsontext.is_string(token) else raw}:
            if len(form) > 5 and form not in rest:
                found.append(form)
    return tuple(found)


def _secrets_in_text(value: bytes) -> tuple[bytes, ...]:
    """As far as they can be told in a text that is no JSON."""
    found = re.findall(rb'"(?:ip|device_id)"\s*:\s*"([^"]{6,})"', value)
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
