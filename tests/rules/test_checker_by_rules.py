"""The checker judges topics by a file of rules as it does the login event's."""

from __future__ import annotations

import pytest
from harness.checker.comparison import faults_of
from harness.checker.contract import Fate, Rules, judge
from harness.rules import rulefile
from harness.topics import Headers, Record

FILE = """
[event]
preset = "none"
id = "user"
[fields]
user = "pseudonym"
"client.ip" = { method = "truncate-ip", required = true }
[filter]
drop = { type = ["heartbeat"] }
[headers]
ip = "pseudonym"
secret = "drop"
[key]
method = "pseudonym"
"""
RULES = Rules(event=rulefile.load(FILE))
HASHED = "6694f83c9f476da31f5df6bcc520034e7e57d421d247b9d34f49edbfc84a764c"  # Of 1.2.3.4.
GOOD = b'{"user":"somebody","client":{"ip":"203.0.113.77"},"type":"login"}'
HEADERS: Headers = [("ip", b"1.2.3.4"), ("secret", b"x"), ("trace", b"t")]
SOURCE = Record(0, 7, b"1.2.3.4", GOOD, HEADERS, 5)
OUT: Headers = [("ip", HASHED.encode()), ("trace", b"t")]


def faults(value: bytes, key: bytes = HASHED.encode(), headers: Headers = OUT) -> set[str]:
    output = Record(0, 0, key, value, headers, 5)
    return set(faults_of(Fate.PROCESSED, output, SOURCE, judge(GOOD, RULES), RULES, None))


def test_no_fault_is_found_in_what_the_rules_make() -> None:
    value = judge(GOOD, RULES).value or b""
    assert b'"client":{"ip":"203.0.113.0"},"type":"login"' in value
    assert faults(value) == set()


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        (b"203.0.113.0", b"203.0.113.77", "raw_value"),
        (b"203.0.113.0", b"203.0.112.0", "wrong_value"),
        (b'"login"', b'"logout"', "wrong_value"),
    ],
)
def test_what_is_planted_in_a_value_is_found(before: bytes, after: bytes, fault: str) -> None:
    assert fault in faults((judge(GOOD, RULES).value or b"").replace(before, after))


def test_a_key_or_header_that_kept_its_raw_value_is_found() -> None:
    value = judge(GOOD, RULES).value or b""
    assert faults(value, key=b"1.2.3.4") == {"wrong_key"}
    assert faults(value, headers=HEADERS) == {"wrong_headers"}


def test_a_filtered_record_names_the_condition_that_took_it() -> None:
    verdict = judge(GOOD.replace(b"login", b"heartbeat"), RULES)
    assert (verdict.fate, verdict.clean_type) == (Fate.CLEANED, "filtered_type")
