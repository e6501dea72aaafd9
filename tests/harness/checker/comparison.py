"""One output against the input it came from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from harness import jsontext
from harness.checker.contract import (
    WITHOUT_CONTENT,
    Fate,
    Judgement,
    Rules,
    by_rules,
    unreadable,
)
from harness.topics import Headers, Record

OWN = frozenset(
    [
        "turnstile-origin",
        "turnstile-origin-timestamp",
        "turnstile-reason",
        "turnstile-stage",
        "turnstile-worker",
        "turnstile-attempts",
        "turnstile-truncated",
        "turnstile-key",
        "turnstile-redrive",
    ]
)
ORIGIN_TIMESTAMP = "turnstile-origin-timestamp"  # Outputs of earlier versions have none.
OF_AN_ERROR = ("turnstile-reason", "turnstile-stage", "turnstile-worker", "turnstile-attempts")
WRITTEN_AT = re.compile(rb'"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}"')
# A record's own cost beside key, value and headers, generously.
OVERHEAD_BYTES = 512

Fields = dict[str, bytes]


def header(record: Record, name: str) -> str:
    for found, value in record.headers:
        if found == name:
            return (value or b"").decode(errors="replace")
    return ""


def reason_header(record: Record) -> str:
    return header(record, "turnstile-reason")


def faults_of(
    fate: Fate,
    output: Record,
    source: Record,
    verdict: Judgement,
    rules: Rules,
    record_bytes_max: int | None,
) -> Iterator[str]:
    """The kinds of faults of one output. `record_bytes_max`: of the processed topic, if known."""
    truncated = header(output, "turnstile-truncated").split(",")
    if rules.damaged and reason_header(output) == "unreadable":
        verdict = unreadable(verdict)
        source = source._replace(key=None, headers=[], timestamp_ms=output.timestamp_ms)
    yield from _raw_values(output, source, verdict)
    if fate != verdict.fate and not _was_too_large(fate, output, verdict, record_bytes_max):
        yield "wrong_fate"
    elif fate == Fate.PROCESSED:
        yield from _processed(output, verdict)
    elif fate == Fate.ERROR:
        yield from _error(output, verdict, truncated)
    else:
        yield from _cleaned(output, verdict, truncated)
    if output.key != (None if "key" in truncated else carried_key(source.key, rules)):
        yield "wrong_key"
    if _carried(output) != ([] if "headers" in truncated else _carried_on(source, rules)):
        yield "wrong_headers"
    if output.timestamp_ms != source.timestamp_ms:
        yield "wrong_record_time"
    if header(output, ORIGIN_TIMESTAMP) not in ("", str(source.timestamp_ms)):
        yield "wrong_headers"


def _carried(record: Record) -> Headers:
    return [pair for pair in record.headers if pair[0] not in OWN]


def carried_key(key: bytes | None, rules: Rules) -> bytes | None:
    return key if rules.event is None else by_rules(rules).key(key)


def _carried_on(source: Record, rules: Rules) -> Headers:
    """The source's headers as its outputs have them."""
    if rules.event is None:
        return _carried(source)
    judge = by_rules(rules)
    found = [(name, value, judge.header(name, value)) for name, value in _carried(source)]
    return [(name, new) for name, old, new in found if new is not None or old is None]


def _was_too_large(fate: Fate, output: Record, verdict: Judgement, limit: int | None) -> bool:
    """An output that exceeds its topic's limit becomes an error record."""
    if limit is None or fate != Fate.ERROR or verdict.fate != Fate.PROCESSED:
        return False
    carried = sum(len(name) + len(value or b"") for name, value in output.headers)
    size = len(verdict.value or b"") + len(output.key or b"") + carried + OVERHEAD_BYTES
    return reason_header(output) == "too_large" and size > limit


def _raw_values(output: Record, source: Record, verdict: Judgement) -> Iterator[str]:
    written = [output.value or b""]
    written += [value or b"" for name, value in output.headers if name in OWN]
    for secret in verdict.secrets:
        if any(secret in part for part in written):
            yield "raw_value"
            return


def _fields(value: bytes | None) -> Fields | None:
    try:
        document = jsontext.read(value or b"")
    except jsontext.Refused:
        return None
    if not document.is_object or document.compact != value:
        return None
    return {member.name: member.value for member in document.members}


def _processed(output: Record, verdict: Judgement) -> Iterator[str]:
    if output.value == verdict.value:
        return
    found, expected = _fields(output.value), _fields(verdict.value)
    if found is None or expected is None or list(found) != list(expected):
        yield "wrong_value"
        return
    wrong = [name for name in expected if found[name] != expected[name]]
    for name in wrong:
        if name in ("ip", "device_id"):
            yield "wrong_pseudonym"
        elif name == "timestamp":
            yield "wrong_timestamp"
        else:
            yield "wrong_value"


def _error(output: Record, verdict: Judgement, truncated: list[str]) -> Iterator[str]:
    fields = _fields(output.value)
    expected = verdict.reason or "too_large"
    if fields is None or list(fields) != [
        "user_id",
        "error_type",
        "reason",
        "message_content",
        "timestamp",
    ]:
        yield "wrong_value"
        return
    if fields["reason"] != b'"' + expected.encode() + b'"' or reason_header(output) != expected:
        yield "wrong_reason"
    if any(not header(output, name) for name in OF_AN_ERROR):
        yield "wrong_headers"
    if len(fields["error_type"]) < 3:
        yield "wrong_value"
    hidden = expected in WITHOUT_CONTENT
    yield from _wrapped(fields, verdict, hidden, truncated)


def _cleaned(output: Record, verdict: Judgement, truncated: list[str]) -> Iterator[str]:
    fields = _fields(output.value)
    names = ["user_id", "message_content", "clean_type", "timestamp"]
    if fields is None or list(fields) != names:
        yield "wrong_value"
        return
    if json.loads(fields["clean_type"]) != verdict.clean_type:
        yield "wrong_value"
    yield from _wrapped(fields, verdict, False, truncated)


def _wrapped(
    fields: Fields, verdict: Judgement, hidden: bool, truncated: list[str]
) -> Iterator[str]:
    user_id = b'"Unknown"' if "user_id" in truncated else verdict.user_id
    if fields["user_id"] != user_id:
        yield "wrong_value"
    content = b"{}" if hidden or "content" in truncated else verdict.content
    if fields["message_content"] != content:
        yield "wrong_pseudonym" if _only_pseudonyms_differ(fields, content) else "wrong_value"
    if not WRITTEN_AT.fullmatch(fields["timestamp"]):
        yield "wrong_timestamp"


def _only_pseudonyms_differ(fields: Fields, content: bytes) -> bool:
    found, expected = _fields(fields["message_content"]), _fields(content)
    if found is None or expected is None or list(found) != list(expected):
        return False
    return all(found[n] == expected[n] for n in expected if n not in ("ip", "device_id"))
