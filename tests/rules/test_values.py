"""What the second implementation makes of one value, against standards and examples of the page."""

from __future__ import annotations

import hashlib
import ipaddress
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from harness.rules import addresses, ciphers, methods, times
from harness.rules.methods import Invalid, Keys, MethodRule
from harness.rules.rulefile import method
from harness.rules.times import TimeRule
from harness.rules.tree import parse

VECTORS = json.loads((Path(__file__).parent / "ipcrypt-vectors.json").read_text())
KEYS = Keys.derived(b"k" * 32)


def made(rule: dict[str, Any], token: str, keys: Keys = KEYS) -> str:
    return methods.apply(method(rule), parse(token.encode()), "p", keys).decode()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['method']} {v['ip']}")
def test_ipcrypt_is_that_of_the_drafts_vectors(vector: dict[str, str]) -> None:
    cipher = {"ipcrypt": ciphers.ipcrypt, "ipcrypt-pfx": ciphers.ipcrypt_pfx}[vector["method"]]
    found = cipher(bytes.fromhex(vector["key"]), ipaddress.ip_address(vector["ip"]))
    assert found == ipaddress.ip_address(vector["out"])


def test_siv_is_that_of_rfc_5297() -> None:
    key = bytes.fromhex("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
    data = bytes.fromhex("101112131415161718191a1b1c1d1e1f2021222324252627")
    sealed = AESSIV(key).encrypt(bytes.fromhex("112233445566778899aabbccddee"), [data])
    assert sealed.hex() == "85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c"


def test_what_is_encrypted_names_its_key_and_belongs_to_its_path() -> None:
    keys = Keys.derived(bytes(range(32)))
    token = methods.apply(MethodRule("encrypt"), parse(b'"70.201.62.158"'), "client.ip", keys)
    assert token == b'"c26a406d.J8pKe8iimebWtqPKmxSI6owhT_vEYGynJukp8-v4Mg"'
    assert methods.apply(MethodRule("encrypt"), parse(b'"70.201.62.158"'), "ip", keys) != token


@pytest.mark.parametrize(
    ("text", "ip", "port"),
    [
        ("203.0.113.7", "203.0.113.7", ""),
        ("203.0.113.7:54321", "203.0.113.7", "54321"),
        (" 203.0.113.7 ", "203.0.113.7", ""),
        ("::ffff:203.0.113.7", "203.0.113.7", ""),
        ("2001:DB8::1", "2001:db8::1", ""),
        ("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1", ""),
        ("[2001:db8::1]:443", "2001:db8::1", "443"),
        ("2001:db8::1#443", "2001:db8::1", "443"),
        ("2001:db8::1 port 443", "2001:db8::1", "443"),
        ("fe80::1%eth0", "fe80::1", ""),
        ("::1.2.3.4", "::102:304", ""),
    ],
)
def test_one_address_is_found_in_all_its_forms(text: str, ip: str, port: str) -> None:
    found = addresses.find(text)
    assert found is not None
    assert (addresses.written(found.ip), found.port) == (ip, port)


@pytest.mark.parametrize(
    "text",
    ["", "-", "unknown", "1.2.3", "01.2.3.4", "1.2.3.4:65536", "1.2.3.4x", "1.2.3.4%eth0", "::g"],
)
def test_what_is_no_address_is_none(text: str) -> None:
    assert addresses.find(text) is None


METHODS: list[tuple[dict[str, Any], str, str]] = [
    ({"method": "keep"}, '"\\u0061"', '"\\u0061"'),
    ({"method": "null"}, "5", "null"),
    ({"method": "drop"}, "5", ""),
    ({"method": "replace", "value": "x"}, "5", '"x"'),
    ({"method": "replace", "value": 1.5}, "5", "1.5"),
    ({"method": "truncate-ip"}, '"203.0.113.7"', '"203.0.113.0"'),
    ({"method": "truncate-ip"}, '"2001:db8:1:2::7"', '"2001:db8:1::"'),
    ({"method": "truncate-ip", "v4_bits": 0}, '"203.0.113.7"', '"0.0.0.0"'),
    ({"method": "truncate-ip", "v4_bits": 32}, '"203.0.113.7"', '"203.0.113.7"'),
    ({"method": "truncate-ip", "port": "keep"}, '"203.0.113.7:5"', '"203.0.113.0:5"'),
    ({"method": "truncate-ip", "port": "drop"}, '"203.0.113.7:5"', '"203.0.113.0"'),
    ({"method": "truncate-ip", "port": "keep"}, '"[2001:db8::7]:5"', '"[2001:db8::]:5"'),
    ({"method": "truncate-ip", "list": ","}, '"1.2.3.4,5.6.7.8"', '"1.2.3.0,5.6.7.0"'),
    ({"method": "mask-ip"}, '"203.0.113.7"', '"203.0.113.xxx"'),
    ({"method": "mask"}, '"ada"', '"***"'),
    ({"method": "mask", "keep_last": 4}, '"4111111111111111"', '"************1111"'),
    ({"method": "mask", "keep_last": 4}, '"1234"', '"****"'),
    ({"method": "mask", "keep_first": 1, "with": "-"}, '"\\u00fc€😀"', '"ü--"'),
    ({"method": "round"}, "127", "120"),
    ({"method": "round"}, "-3", "-10"),
    ({"method": "round", "to": 1}, "12.7", "12"),
]


@pytest.mark.parametrize(("rule", "token", "expected"), METHODS)
def test_a_method_makes_of_a_value(rule: dict[str, Any], token: str, expected: str) -> None:
    assert made(rule, token) == expected


def test_pseudonyms_are_of_the_text_or_of_the_compact_token() -> None:
    plain = Keys()
    assert made({"method": "pseudonym"}, '"\\u0061"', plain) == f'"{sha256(b"a")}"'
    assert made({"method": "pseudonym"}, '{"a":[1]}', plain) == f'"{sha256(b"""{"a":[1]}""")}"'
    assert made({"method": "pseudonym", "digits": 16}, '"a"', plain) == f'"{sha256(b"a")[:16]}"'
    by_path = made({"method": "pseudonym", "scope": "path"}, '"a"', plain)
    assert by_path == f'"{sha256(b"p" + bytes(1) + b"a")}"'


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("form", "one", "other"),
    [
        ("lower", "Ada@Example.ORG", "ada@example.org"),
        ("trim", " a\t", "a"),
        ("uuid", "B5372DB0-C21E-11E4-8DFC-AA07A5B093DB", "b5372db0-c21e-11e4-8dfc-aa07a5b093db"),
        ("ip", "203.0.113.7:54321", "::ffff:203.0.113.7"),
    ],
)
def test_two_spellings_have_one_pseudonym_in_the_canonical_form(
    form: str, one: str, other: str
) -> None:
    rule = {"method": "pseudonym", "canonical": form}
    assert made(rule, json.dumps(one)) == made(rule, json.dumps(other))
    assert made({"method": "pseudonym"}, json.dumps(one)) != made(rule, json.dumps(one))


@pytest.mark.parametrize(
    ("policy", "expected"), [("drop", ""), ("null", "null"), ("keep", '"name"')]
)
def test_a_value_that_a_method_cannot_take_follows_the_policy(policy: str, expected: str) -> None:
    assert made({"method": "ipcrypt", "invalid": policy}, '"name"') == expected
    with pytest.raises(Invalid):
        made({"method": "ipcrypt"}, '"name"')
    with pytest.raises(Invalid):
        methods.apply(MethodRule("mask"), parse(b"true"), "p", KEYS)


TIMES = [
    # As cases of public reports have them: Java at :00, an offset, nanoseconds, fractions.
    ('"2024-10-25T22:07Z"', TimeRule(iso8601=True, output="datetime"), '"2024-10-25 22:07:00"'),
    (
        '"2024-10-25T22:07+02:00"',
        TimeRule(iso8601=True, output="datetime"),
        '"2024-10-25 20:07:00"',
    ),
    ("1684862313000000000", TimeRule("magnitude", output="datetime"), '"2023-05-23 17:18:33"'),
    ("1729894074.5", TimeRule(fraction=True, output="datetime"), '"2024-10-25 22:07:54"'),
    ('"1729894074.5"', TimeRule(fraction=True, output="datetime"), '"2024-10-25 22:07:54"'),
    ("1729894074123", TimeRule("milliseconds", output="epoch_s"), "1729894074"),
    (
        '"2024-10-25T22:07:54.123Z"',
        TimeRule(iso8601=True, output="rfc3339", precision="ms"),
        '"2024-10-25T22:07:54.123Z"',
    ),
    ("1729894074", TimeRule(output="rfc3339", precision="us"), '"2024-10-25T22:07:54.000000Z"'),
    ("1729894074", TimeRule(output="epoch_ms"), "1729894074000"),
    ("1729894074", TimeRule(output="datetime", truncate="hour"), '"2024-10-25 22:00:00"'),
    ("1729894074", TimeRule(output="datetime", truncate="month"), '"2024-10-01 00:00:00"'),
    ("1729894074", TimeRule(), "1729894074"),
]


@pytest.mark.parametrize(("token", "rule", "expected"), TIMES)
def test_a_time_is_written_as_the_rule_says(token: str, rule: TimeRule, expected: str) -> None:
    assert times.written(parse(token.encode()), rule).decode() == expected


@pytest.mark.parametrize(
    ("token", "rule"),
    [
        ("1.5", TimeRule()),
        ("-1", TimeRule()),
        ("1e3", TimeRule()),
        ("true", TimeRule()),
        ("253402300800", TimeRule()),
        ('"2024-10-25T22:07:54Z"', TimeRule()),
        ('"2024-10-25T22:07:54"', TimeRule(iso8601=True)),
        ('"2023-02-29T00:00:00Z"', TimeRule(iso8601=True)),
        ('"2024-10-25T24:00:00Z"', TimeRule(iso8601=True)),
        ('"1969-12-31T23:59:59Z"', TimeRule(iso8601=True)),
    ],
)
def test_what_is_no_time_by_the_rule_is_none(token: str, rule: TimeRule) -> None:
    assert times.read(parse(token.encode()), rule) is None


def test_a_fraction_of_any_length_is_exact() -> None:
    node = parse(b'"1970-01-01T00:00:00.1234567890123Z"')
    assert times.read(node, TimeRule(iso8601=True)) == Fraction(1234567890123, 10**13)
