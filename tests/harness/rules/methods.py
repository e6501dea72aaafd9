"""What a method makes of one value."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import uuid
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from harness.rules import addresses, ciphers
from harness.rules.tree import Node, Scalar

DROPPED = b""  # In the place of a token: the member is left out.
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}", re.IGNORECASE)


class Invalid(Exception):
    """The method cannot take the value."""


@dataclass(frozen=True)
class Keys:
    hmac: bytes | None = None
    ipcrypt: bytes = b""
    ipcrypt_pfx: bytes = b""
    siv: bytes = b""
    id: str = "0"

    @staticmethod
    def derived(secret: bytes) -> Keys:
        """All from the key of the pseudonyms."""
        return Keys(
            secret,
            ipcrypt=ciphers.derived(secret, "turnstile ipcrypt", 16),
            ipcrypt_pfx=ciphers.derived(secret, "turnstile ipcrypt-pfx", 32),
            siv=ciphers.derived(secret, "turnstile encrypt", 64),
        )


@dataclass(frozen=True)
class MethodRule:
    method: str = "keep"
    invalid: str = "error"
    digits: int = 64
    canonical: str = ""
    scope: str = "shared"
    v4_bits: int = 24
    v6_bits: int = 48
    keep_first: int = 0
    keep_last: int = 0
    with_: str = "*"
    to: Fraction = field(default=Fraction(10))
    value: bytes = b"null"
    list_: str = ""
    port: str = "error"


def token_of(text: str) -> bytes:
    """A JSON string with no more escapes than it needs."""
    return json.dumps(text, ensure_ascii=False).encode()


def apply(rule: MethodRule, node: Node, path: str, keys: Keys) -> bytes:
    """The token that stands in the value's place, or DROPPED; raises Invalid."""
    try:
        return _apply(rule, node, path, keys)
    except Invalid:
        if rule.invalid == "error":
            raise
        if rule.invalid == "pseudonym":
            plain = MethodRule("pseudonym", digits=rule.digits, scope=rule.scope)
            return _pseudonym(plain, node, path, keys)
        return {"drop": DROPPED, "null": b"null", "keep": node.compact()}[rule.invalid]


def _apply(rule: MethodRule, node: Node, path: str, keys: Keys) -> bytes:
    match rule.method:
        case "keep":
            return node.compact()
        case "drop":
            return DROPPED
        case "null":
            return b"null"
        case "replace":
            return rule.value
        case "pseudonym":
            return _pseudonym(rule, node, path, keys)
        case "encrypt":
            return token_of(f"{keys.id}.{ciphers.siv(keys.siv, node.compact(), path)}")
        case "round":
            return _rounded(rule, node)
        case "mask":
            return token_of(_masked(rule, _text(node)))
        case _:
            return _address(rule, _text(node), keys)


def _text(node: Node) -> str:
    if not isinstance(node, Scalar) or node.kind != "string":
        raise Invalid
    return node.text


# Pseudonyms.


def _pseudonym(rule: MethodRule, node: Node, path: str, keys: Keys) -> bytes:
    is_text = isinstance(node, Scalar) and node.kind == "string"
    data = canonical(rule.canonical, _text(node)).encode() if is_text else node.compact()
    if rule.canonical in ("ip", "uuid") and not is_text:
        raise Invalid
    return b'"' + digest(rule, data, path, keys) + b'"'


def digest(rule: MethodRule, data: bytes, path: str, keys: Keys) -> bytes:
    if rule.scope == "path":
        data = path.encode() + b"\0" + data
    if keys.hmac is None:
        text = hashlib.sha256(data).hexdigest()
    else:
        text = hmac.new(keys.hmac, data, "sha256").hexdigest()
    return text[: rule.digits].encode()


def canonical(form: str, text: str) -> str:
    """The form of a string that is hashed."""
    if form == "lower":
        return "".join(c.lower() if c.isascii() else c for c in text)
    if form == "trim":
        return text.strip(" \t\r\n")
    if form == "uuid":
        if UUID.fullmatch(text) is None:
            raise Invalid
        return str(uuid.UUID(text))
    if form == "ip":
        found = addresses.find(text)
        if found is None:
            raise Invalid
        return addresses.written(found.ip)
    return text


# Numbers and texts.


def _rounded(rule: MethodRule, node: Node) -> bytes:
    if not isinstance(node, Scalar) or node.kind != "number":
        raise Invalid
    rounded = floor(Fraction(node.token.decode()) / rule.to) * rule.to
    if rounded.denominator == 1:
        return b"%d" % rounded.numerator
    return repr(float(rounded)).encode()


def _masked(rule: MethodRule, text: str) -> str:
    first, last = rule.keep_first, rule.keep_last
    if len(text) <= first + last:
        return rule.with_ * len(text)
    kept = text[len(text) - last :]
    return text[:first] + rule.with_ * (len(text) - first - last) + kept


# Addresses.


def _address(rule: MethodRule, text: str, keys: Keys) -> bytes:
    parts = text.split(rule.list_) if rule.list_ else [text]
    done = [_one_address(rule, part.strip(" \t") if rule.list_ else part, keys) for part in parts]
    between = rule.list_ + " " if f"{rule.list_} " in text and rule.list_ else rule.list_
    return token_of(between.join(done))


def _one_address(rule: MethodRule, text: str, keys: Keys) -> str:
    found = addresses.find(text)
    if found is None or (found.port and rule.port == "error"):
        raise Invalid
    port = found.port if rule.port == "keep" else ""
    ip = found.ip
    match rule.method:
        case "truncate-ip":
            ip = addresses.truncated(ip, rule.v4_bits, rule.v6_bits)
        case "ipcrypt":
            ip = ciphers.ipcrypt(keys.ipcrypt, ip)
        case "ipcrypt-pfx":
            ip = ciphers.ipcrypt_pfx(keys.ipcrypt_pfx, ip)
        case "mask-ip":
            return _masked_address(ip) + (f":{port}" if port else "")
    return addresses.written(ip, port)


def _masked_address(ip: addresses.Ip) -> str:
    if ip.version == 4:
        return ".".join([*str(ip).split(".")[:3], "xxx"])
    groups = [f"{int(group, 16):x}" for group in ip.exploded.split(":")]
    return ":".join([*groups[:3], *["xxxx"] * 5])
