"""The second implementation of the contract judges as the page says."""

from __future__ import annotations

import hashlib

import pytest
from harness.checker.contract import Fate, judge

GOOD = (
    b'{"user_id":"u","app_version":"2.3.0","ip":"1.2.3.4","locale":"X",'
    b'"device_id":"d","timestamp":1,"device_type":"t"}'
)

JUDGED = [
    ("tombstone", None),
    ("empty_value", b""),
    ("too_large", b" " * 1048577),
    ("invalid_utf8", b'{"a":"\xff"}'),
    ("invalid_utf8", b'{"a":"\xed\xa0\x80"}'),
    ("invalid_json", b"\xef\xbb\xbf" + GOOD),
    ("invalid_json", GOOD + b"\0"),
    ("invalid_json", GOOD + b"{}"),
    ("invalid_json", b'["\\ud800"]'),
    ("invalid_json", b'["\\udc00"]'),
    ("invalid_json", b"[1e400]"),
    ("invalid_json", b"[01]"),
    ("invalid_json", b"[NaN]"),
    ("invalid_json", b"{} // comment"),
    ("too_deep", b"[" * 33 + b"]" * 33),
    ("not_an_object", b"[" * 32 + b"]" * 32),
    ("not_an_object", b'"\\ud83d\\ude00"'),
    ("duplicate_key", b'{"ip":1,"\\u0069p":2}'),
    ("missing_fields", b"{}"),
    ("missing_fields", GOOD.replace(b'"u"', b'""')),
    ("missing_fields", GOOD.replace(b'"1.2.3.4"', b"null").replace(b'"d"', b"5")),
    ("wrong_type", GOOD.replace(b'"1.2.3.4"', b"5").replace(b":1,", b":-1,")),
    ("bad_timestamp", GOOD.replace(b":1,", b":-1,")),
    ("bad_timestamp", GOOD.replace(b":1,", b":1.5,")),
    ("bad_timestamp", GOOD.replace(b":1,", b":1e3,")),
    ("bad_timestamp", GOOD.replace(b":1,", b":true,")),
    ("bad_timestamp", GOOD.replace(b":1,", b':"1 ",')),
    ("bad_timestamp", GOOD.replace(b":1,", b":253402300800,")),
    ("", GOOD.replace(b":1,", b":253402300799,")),
    ("", GOOD.replace(b":1,", b':"0001",')),
    ("", GOOD.replace(b'"X"', b'"X","n":' + b"1" * 30)),
]


NAMES = [f"{reason or 'processed'}-{number}" for number, (reason, _) in enumerate(JUDGED)]


@pytest.mark.parametrize(("reason", "value"), JUDGED, ids=NAMES)
def test_judges_by_the_order_of_the_contract(reason: str, value: bytes | None) -> None:
    verdict = judge(value)
    assert verdict.reason == reason
    assert verdict.fate == (Fate.ERROR if reason else Fate.PROCESSED)


CONTENTS = [
    (b"{}", b"{}"),
    (b'{"payload":' + GOOD + b"}", b"{}"),
    (GOOD.replace(b'"u"', b'{"n":"x"}'), GOOD.replace(b'"user_id":"u",', b"")),
    (GOOD.replace(b'"d"', b"17"), GOOD.replace(b'"device_id":"d",', b"")),
    (GOOD.replace(b'"X"', b'null,"more":1'), GOOD.replace(b'"X"', b"null")),
    (GOOD.replace(b":1,", b":-1,"), GOOD.replace(b":1,", b":-1,")),
    (GOOD.replace(b":1,", b":true,"), GOOD.replace(b'"timestamp":1,', b"")),
    (GOOD.replace(b":1,", b':"1.2.3.4",'), GOOD.replace(b'"timestamp":1,', b"")),
    (GOOD.replace(b":1,", b':"2024-02-30T00:00:00Z",'), GOOD.replace(b'"timestamp":1,', b"")),
    (
        GOOD.replace(b":1,", b':"2024-02-29t00:00:00,5-0530",'),
        GOOD.replace(b":1,", b':"2024-02-29t00:00:00,5-0530",'),
    ),
]


@pytest.mark.parametrize(("value", "content"), CONTENTS)
def test_repeats_only_known_fields_of_their_type_in_an_error(value: bytes, content: bytes) -> None:
    for raw in (b"1.2.3.4", b"d"):
        hashed = hashlib.sha256(raw).hexdigest().encode()
        content = content.replace(b'":"' + raw + b'"', b'":"' + hashed + b'"')
    assert judge(value).content == content


def test_looks_for_addresses_at_any_depth_of_what_fails() -> None:
    deep = b'{"a":[{"b":"203.0.113.7"}],"2001:db8::1":"x","user_id":"198.51.100.1","c":"1.2"}'
    assert set(judge(deep).secrets) == {b"203.0.113.7", b"2001:db8::1"}
    assert judge(b'["203.0.113.7"').secrets == (b"203.0.113.7",)
    assert b"203.0.113.7" not in judge(GOOD[:-1] + b',"net":"203.0.113.7"}').secrets


def test_writes_a_processed_value_as_the_contract_says() -> None:
    # The hashes are those of `printf 1.2.3.4 | openssl dgst -sha256`, and of `d`.
    spaced = GOOD.replace(b'"X"', b'"\\u0058" , "n" : [ 1, 12345678901234567890123 ]')
    assert judge(spaced).value == (
        b'{"user_id":"u","app_version":"2.3.0",'
        b'"ip":"6694f83c9f476da31f5df6bcc520034e7e57d421d247b9d34f49edbfc84a764c",'
        b'"locale":"\\u0058","n":[1,12345678901234567890123],'
        b'"device_id":"18ac3e7343f016890c510e93f935261169d9e3f565436429830faf0934f4f8e4",'
        b'"timestamp":"1970-01-01 00:00:01","device_type":"t"}'
    )
