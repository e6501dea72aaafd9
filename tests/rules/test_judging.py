"""The second implementation on whole records: golden cases, written from the page by hand."""

from __future__ import annotations

import hashlib

import pytest
from harness.checker import contract
from harness.events import event
from harness.rules import rulefile
from harness.rules.judging import Judge, Outcome


def judge(fields: str, value: str, head: str = "", more: str = "") -> Outcome:
    """By `[fields]`, with what else stands in `[event]`, and further tables."""
    text = f'[event]\npreset = "none"\n{head}\n[fields]\n{fields}\n{more}'
    return Judge(rulefile.load(text)).judge(value.encode())


PROCESSED = [
    # rules, what else is in [event], value in, value out
    ('"a.b" = "drop"', "", '{"a": {"b": 1, "c": 2}}', '{"a":{"c":2}}'),
    ('"a[].b" = "null"', "", '{"a":[{"b":1},{"c":1},7]}', '{"a":[{"b":null},{"c":1},7]}'),
    ('"a[]" = "mask-ip"', "", '{"a":["1.2.3.4","5.6.7.8"]}', '{"a":["1.2.3.xxx","5.6.7.xxx"]}'),
    ('"a[][]" = "drop"', "", '{"a":[[1,2],[],3]}', '{"a":[[],[],3]}'),
    ('"**.p" = "drop"', "", '{"p":1,"a":[{"p":2,"q":[{"p":3}]}]}', '{"a":[{"q":[{}]}]}'),
    ('\'"a.b"\' = "drop"', "", '{"a.b":1,"a":{"b":2}}', '{"a":{"b":2}}'),
    ('ip = "drop"', "", '{"\\u0069p":1,"x":2}', '{"x":2}'),
    ('"a.ip" = "null"', "", '{"a":{"ip":1,"ip":2}}', '{"a":{"ip":null,"ip":null}}'),
    ('"**.b" = "drop"\n"a.b" = "keep"', "", '{"a":{"b":1},"b":2}', '{"a":{"b":1}}'),
    ('"a.b" = "keep"', 'unknown = "drop"', '{"a":{"b":1,"c":2},"d":3}', '{"a":{"b":1}}'),
    ('a = "keep"', 'unknown = "drop"', '{"a":{"b":1},"d":3}', '{"a":{"b":1}}'),
    ('x = {type="string",default="d"}', "", '{"x":null}', '{"x":"d"}'),
    ('x = {type="string",default="d"}', "", '{"y":1}', '{"y":1,"x":"d"}'),
    ('"o.x" = {type="string",default="d"}', "", '{"o":{}}', '{"o":{"x":"d"}}'),
    ('"o.x" = {type="string",default="d"}', "", '{"y":1}', '{"y":1}'),
    ('ip = {method="ipcrypt",absent=["-"]}', "", '{"ip":"-"}', '{"ip":"-"}'),
    ('n = {method="round",invalid="drop"}', "", '{"n":"x","m":1}', '{"m":1}'),
]


@pytest.mark.parametrize(("fields", "head", "value", "expected"), PROCESSED)
def test_a_record_is_written_by_its_rules(
    fields: str, head: str, value: str, expected: str
) -> None:
    found = judge(fields, value, head)
    assert (found.outcome, found.value) == ("processed", expected.encode())


ERRORS = [
    # rules, what else is in [event], value, reason, paths, content
    ("a = {required=true}", "", '{"b":1}', "missing_fields", ("a",), "{}"),
    ("a = {required=true}", "", '{"a":null}', "missing_fields", ("a",), '{"a":null}'),
    (
        "a = {required=true}\nb = {required=true}\nid = {required=true}",
        'id = "id"',
        '{"b":1}',
        "missing_fields",
        ("id", "a"),
        '{"b":1}',
    ),
    ('"a.b" = {required=true}', "", '{"a":"x"}', "missing_fields", ("a.b",), "{}"),
    ("a = {allow_empty=false,required=true}", "", '{"a":""}', "missing_fields", ("a",), '{"a":""}'),
    ('a = {type="string"}', "", '{"a":1,"b":2}', "wrong_type", ("a",), "{}"),
    ('a = {type="integer"}', "", '{"a":1.0}', "wrong_type", ("a",), "{}"),
    ('a = {type="time"}', "", '{"a":"now"}', "bad_timestamp", ("a",), "{}"),
    ('a = {type="time"}', "", '{"a":-1}', "bad_timestamp", ("a",), '{"a":-1}'),
    ('"a.ip" = "ipcrypt"', "", '{"a":{"ip":"x"}}', "bad_value", ("a.ip",), '{"a":{}}'),
    ('a = "keep"', 'unknown = "error"', '{"a":1,"b":2}', "unknown_field", ("b",), '{"a":1}'),
    (
        '"a[].b" = "keep"',
        'unknown = "error"',
        '{"a":[{"c":1}]}',
        "unknown_field",
        ("a[].c",),
        '{"a":[{}]}',
    ),
]


@pytest.mark.parametrize(("fields", "head", "value", "reason", "paths", "content"), ERRORS)
def test_an_error_names_paths_and_repeats_only_what_rules_name(
    fields: str, head: str, value: str, reason: str, paths: tuple[str, ...], content: str
) -> None:
    found = judge(fields, value, head)
    assert (found.outcome, found.reason, found.paths) == ("error", reason, paths)
    assert found.content == content.encode()


@pytest.mark.parametrize(
    ("conditions", "value", "taken"),
    [
        ('keep = {v=["2.3.*"]}', '{"v":"2.3.1"}', ""),
        ('keep = {v=["2.3.*"]}', '{"v":"2.4"}', "filtered_v"),
        ('keep = {v=["2.3.*"]}', "{}", "filtered_v"),
        ('drop = {"e.t"=["beat"]}', '{"e":{"t":"beat"}}', "filtered_e.t"),
        ('drop = {"e.t"=["beat"]}', "{}", ""),
        ('drop = {"t[]"=["a"]}', '{"t":["b","a"]}', "filtered_t[]"),
        ('drop = {n=[5]}', '{"n":5}', "filtered_n"),
    ],
)  # fmt: skip
def test_filters_look_at_the_value_as_it_came_in(conditions: str, value: str, taken: str) -> None:
    found = judge('v = "pseudonym"', value, more=f"[filter]\n{conditions}\n")
    assert found.clean_type == taken
    assert found.outcome == ("filtered" if taken else "processed")


def test_the_id_of_an_error_is_treated_by_its_own_rule() -> None:
    found = judge('u = "pseudonym"\nx = {required=true}', '{"u":"ada"}', 'id = "u"')
    assert found.user_id == b'"' + hashlib.sha256(b"ada").hexdigest().encode() + b'"'
    assert (
        judge('u = "drop"\nx = {required=true}', '{"u":"ada"}', 'id = "u"').user_id == b'"Unknown"'
    )


def test_a_frame_is_demanded_and_kept_where_it_is_configured() -> None:
    rules = rulefile.load('[event]\npreset = "none"\nframing = "confluent"')
    assert Judge(rules).judge(b"\0\0\0\0\7{ }").value == b"\0\0\0\0\7{}"
    for value in (b"{}", b"\1\0\0\0\7{}", b"\0\0\0"):
        assert Judge(rules).judge(value).reason == "bad_frame"


def test_a_tombstone_passes_where_it_may() -> None:
    passing = Judge(rulefile.load('[event]\npreset = "none"\ntombstones = "pass"'))
    assert passing.judge(None) == Outcome("processed", value=None)
    assert judge("", "{}").outcome == "processed"
    assert Judge(rulefile.load("")).judge(None).reason == "tombstone"


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"ip": None},
        {"ip": 5, "device_id": "\u00e9"},
        {"timestamp": -1},
        {"timestamp": "2024-02-30T00:00:00Z"},
        {"timestamp": "2024-02-29T00:00:00Z"},
        {"app_version": "2.2.9", "more": {"ip": "1.2.3.4"}},
        {"user_id": ""},
        {"user_id": [1], "locale": 7},
    ],
)
def test_the_preset_login_is_the_contract_as_the_checker_has_it(more: dict[str, object]) -> None:
    value = event(1, **more)
    found, known = Judge(rulefile.load("")).judge(value), contract.judge(value)
    fates = {"processed": "PROCESSED", "filtered": "CLEANED", "error": "ERROR"}
    assert fates[found.outcome] == known.fate.name
    assert (found.reason, found.value) == (known.reason, known.value)
    if known.fate.name != "PROCESSED":
        assert (found.content, found.user_id) == (known.content, known.user_id)
