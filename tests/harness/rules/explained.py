"""`turnstile explain` beside the second implementation: what they say otherwise about a record."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import jsontext
from harness.pipeline import PROGRAM
from harness.rules.drawing import HEADER
from harness.rules.judging import Judge, Outcome
from harness.topics import Names
from harness.worker import environment

EXPLAIN_S = 120
TOPICS = {
    "processed": Names().processed,
    "filtered": Names().cleaned,
    "error": Names().errors,
}
# Reasons whose texts name what is wrong by its path: each path, or the first.
NAMES_ALL = ("missing_fields", "wrong_type")
NAMES_PATHS = ("missing_fields", "unknown_field", "wrong_type", "bad_timestamp", "bad_value")

Answer = dict[str, Any]


@dataclass(frozen=True)
class Difference:
    number: int  # Of the record.
    what: str
    program: object
    second: object
    record: bytes

    def __str__(self) -> str:
        return (
            f"record {self.number}, {self.what}: the program {self.program!r}, "
            f"the second implementation {self.second!r}\n    {self.record.decode(errors='replace')}"
        )


def explain(rules: Path, records: Path, *more: str) -> list[Answer]:
    """The program's answer to each line."""
    command = [str(PROGRAM), "explain", "--json", "--lines", "-c", str(rules), *more, str(records)]
    done = subprocess.run(
        command, capture_output=True, env=environment(), timeout=EXPLAIN_S, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr!r}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def differences(
    judge: Judge, records: list[bytes], answers: list[Answer], key: str, header: str
) -> Iterator[Difference]:
    """Where each record had this key, and this value of HEADER."""
    name = HEADER
    carried = {"key": _text(judge.key(key.encode()))}
    carried[name] = _text(judge.header(name, header.encode()))
    for number, (record, answer) in enumerate(zip(records, answers, strict=True), start=1):
        expected = judge.judge(record)
        for what, program, second in _compared(answer, expected):
            if program != second:
                yield Difference(number, what, program, second, record)
        for what, program in (("key", answer["key"]), (name, answer["headers"].get(name))):
            if program != carried[what]:
                yield Difference(number, what, program, carried[what], record)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()


def _compared(answer: Answer, expected: Outcome) -> Iterator[tuple[str, object, object]]:
    yield "outcome", answer["outcome"], expected.outcome
    if answer["outcome"] != expected.outcome:
        yield "reason", answer["reason"], expected.reason or None
        return
    yield "reason", answer["reason"], expected.reason or None
    yield "topic", answer["topic"], TOPICS[expected.outcome]
    if expected.outcome == "processed":
        yield "value", answer["value"], (expected.value or b"").decode()
        return
    # The event lies one level deeper in it.
    record = jsontext.read(answer["value"].encode(), jsontext.DEPTH_MAX + 1)
    fields = {m.name: m.value for m in record.members}
    yield "user_id", fields["user_id"], expected.user_id
    yield "message_content", fields["message_content"], expected.content
    if expected.outcome == "filtered":
        yield "clean_type", json.loads(fields["clean_type"]), expected.clean_type
    elif expected.reason in NAMES_PATHS and answer["reason"] == expected.reason:
        text = str(answer["error_type"])
        wanted = expected.paths if expected.reason in NAMES_ALL else expected.paths[:1]
        if text == "Missing user_id":  # The login event's text, which names nothing else.
            wanted = expected.paths[:1]
        yield f"paths in {text!r}", [path for path in wanted if path in text], list(wanted)
