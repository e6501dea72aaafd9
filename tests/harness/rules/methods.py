"""What a method makes of one value."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import floor

from harness.rules import addresses, ciphers
from harness.rules.tree import Node, Scalar

DROPPED = b""  # In the place of a token: the member is left out.
BLANKS = " \t\r\n"
DIGITS = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}"
UUID = re.compile(rf"(?:urn:uuid:)?(?P<digits>{DIGITS})|\{{(?:{DIGITS})\}}", re.IGNORECASE)
LIST_ELEMENTS_MAX = 100
ROUND_DIGITS_MAX = 64


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
        fingerprint = hmac.new(secret, b"turnstile key fingerprint", "sha256").hexdigest()
        return Keys(
            secret,
            id=fingerprint[:8],
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
            return token_of(_masked(rule, node))
        case _:
            return _address(rule, _text(node), path, keys)


def _text(node: Node) -> str:
    if not isinstance(node, Scalar) or node.kind != "string":
        raise Invalid
    return node.text


# Pseudonyms.


def _pseudonym(rule: MethodRule, node: Node, path: str, keys: Keys) -> bytes:
    if rule.canonical == "ip":
        return _address(rule, _text(node), path, keys)
    is_text = isinstance(node, Scalar) and node.kind == "string"
    if rule.canonical == "uuid" and not is_text:
        raise Invalid
    data = canonical(rule.canonical, _text(node)).encode() if is_text else node.compact()
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
        return text.strip(BLANKS)
    if form == "uuid":
        found = UUID.fullmatch(text.strip(BLANKS))
        if found is None:
            raise Invalid
        return str(uuid.UUID(text.strip(BLANKS).lower()))
    if form == "ip":
        address = addresses.find(text)
        if address is None:
            raise Invalid
        return addresses.written(address.ip)
    return text


# Numbers and texts.


def _rounded(rule: MethodRule, node: Node) -> bytes:
    if not isinstance(node, Scalar) or node.kind != "number":
        raise Invalid
    value = _exact(node.token.decode())
    if abs(value) >= 10**ROUND_DIGITS_MAX:
        raise Invalid
    rounded = floor(value / rule.to) * rule.to
    places = 0
    while (rounded * 10**places).denominator != 1:
        places += 1
    digits = str(abs(int(rounded * 10**places))).rjust(places + 1, "0")
    whole, part = digits[: len(digits) - places], digits[len(digits) - places :]
    return f"{'-' if rounded < 0 else ''}{whole}{'.' if part else ''}{part}".encode()


def _exact(token: str) -> Fraction:
    """The number; one that is smaller than any multiple counts as its sign says."""
    number = Decimal(token)
    if number and number.adjusted() < -400:
        return Fraction(-1 if number < 0 else 1, 10**400)
    return Fraction(number)


def _masked(rule: MethodRule, node: Node) -> str:
    is_number = isinstance(node, Scalar) and node.kind == "number"
    text = node.compact().decode() if is_number else _text(node)
    first, last = rule.keep_first, rule.keep_last
    if len(text) <= first + last:
        return rule.with_ * len(text)
    kept = text[len(text) - last :]
    return text[:first] + rule.with_ * (len(text) - first - last) + kept


# Addresses.


def _each(
    rule: MethodRule, text: str, make: Callable[[str], str], spare: Callable[[str], str]
) -> str | None:
    """What `make` makes of the address, or of each of a list; `spare` of what is none.

    None: nothing is left of the list.
    """
    if not rule.list_:
        return make(text)
    parts = text.split(rule.list_)
    if len(parts) > LIST_ELEMENTS_MAX:
        raise Invalid
    done = []
    for number, part in enumerate(parts):
        stripped = part.strip(" \t")
        lead = " " if number > 0 and stripped and part[0] in " \t" else ""
        try:
            done.append(lead + make(stripped))
        except Invalid:
            if rule.invalid in ("error", "null"):
                raise
            if rule.invalid != "drop":
                done.append(lead + (spare(stripped) if rule.invalid == "pseudonym" else stripped))
    if not done:
        return None
    done[0] = done[0].removeprefix(" ")
    return rule.list_.join(done)


def _address(rule: MethodRule, text: str, path: str, keys: Keys) -> bytes:
    plain = MethodRule("pseudonym", digits=rule.digits, scope=rule.scope)
    found = _each(
        rule,
        text,
        lambda part: _one_address(rule, part, path, keys),
        lambda part: digest(plain, part.encode(), path, keys).decode(),
    )
    return DROPPED if found is None else token_of(found)


def _one_address(rule: MethodRule, text: str, path: str, keys: Keys) -> str:
    if rule.method == "pseudonym":
        return digest(rule, canonical("ip", text).encode(), path, keys).decode()
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
            masked = _masked_address(ip)
            bracketed = f"[{masked}]" if ip.version == 6 and port else masked
            return bracketed + (f":{port}" if port else "")
    return addresses.written(ip, port)


def _masked_address(ip: addresses.Ip) -> str:
    if ip.version == 4:
        return ".".join([*str(ip).split(".")[:3], "xxx"])
    groups = [f"{int(group, 16):x}" for group in ip.exploded.split(":")]
    return ":".join([*groups[:3], *["xxxx"] * 5])
