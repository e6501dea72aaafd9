"""Strict JSON as the data contract wants it, told apart token by token.

Independent of the worker's parser and of Python's `json` module, which takes NaN, lone surrogates
and numbers beyond a double. Tokens keep their bytes; blanks between them go.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import NamedTuple

DEPTH_MAX = 32

_TOKEN = re.compile(
    rb"[ \t\r\n]*(?:"
    rb"([{}\[\],:])"
    rb'|("[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*")'
    rb"|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
    rb"|(true|false|null))"
)
_BLANKS = re.compile(rb"[ \t\r\n]*")


class Refused(Exception):
    """The text is none that the contract accepts; the reason is one of its closed set."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Member(NamedTuple):
    name: str  # Unescaped.
    key: bytes  # The name's token, as it stands there.
    value: bytes  # Without blanks between its tokens.


@dataclass(slots=True)
class Document:
    """A valid text: without blanks, and where it is an object its top-level members in order."""

    compact: bytes = b""
    is_object: bool = False
    members: list[Member] = field(default_factory=list)


def unescape(token: bytes) -> str:
    """The text of a string token."""
    if b"\\" not in token:
        return token[1:-1].decode()
    return str(json.loads(token))


def is_string(token: bytes) -> bool:
    return token.startswith(b'"')


def _check_string(token: bytes) -> None:
    if b"\\u" in token and any("\ud800" <= c <= "\udfff" for c in unescape(token)):
        raise Refused("invalid_json")


def _check_number(token: bytes) -> None:
    if (len(token) > 300 or b"e" in token or b"E" in token) and math.isinf(float(token)):
        raise Refused("invalid_json")


class _Reader:
    """Pushes tokens through JSON's grammar; iterative, so that depth costs no stack."""

    def __init__(self) -> None:
        self.out: list[bytes] = []
        self.open: list[bytes] = []
        self.deepest = 0
        self.expects = "value"
        self.document = Document()
        self._name = b""
        self._value_at = 0

    def punctuation(self, token: bytes) -> None:
        if token in b"{[":
            self._begin_value()
            self.open.append(token)
            self.deepest = max(self.deepest, len(self.open))
            self.expects = "first name" if token == b"{" else "first value"
        elif token in b"}]":
            self._close(token)
        elif token == b",":
            if self.expects != "comma" or not self.open:
                raise Refused("invalid_json")
            self.expects = "name" if self.open[-1] == b"{" else "value"
        else:
            if self.expects != "colon":
                raise Refused("invalid_json")
            self.expects = "value"
            if len(self.open) == 1:
                self._value_at = len(self.out) + 1
        self.out.append(token)
        if token in b"}]":
            self._end_value()

    def _close(self, token: bytes) -> None:
        opened = {b"}": b"{", b"]": b"["}[token]
        empty = "first name" if opened == b"{" else "first value"
        if not self.open or self.open[-1] != opened or self.expects not in ("comma", empty):
            raise Refused("invalid_json")
        self.open.pop()

    def string(self, token: bytes) -> None:
        _check_string(token)
        if self.expects in ("name", "first name"):
            if len(self.open) == 1:
                self._name = token
            self.out.append(token)
            self.expects = "colon"
        else:
            self.scalar(token)

    def scalar(self, token: bytes) -> None:
        self._begin_value()
        self.out.append(token)
        self._end_value()

    def _begin_value(self) -> None:
        if self.expects not in ("value", "first value"):
            raise Refused("invalid_json")

    def _end_value(self) -> None:
        self.expects = "comma" if self.open else "end"
        if len(self.open) == 1 and self.open[0] == b"{":
            value = b"".join(self.out[self._value_at :])
            self.document.members.append(Member(unescape(self._name), self._name, value))


def read(text: bytes, depth_max: int = DEPTH_MAX) -> Document:
    """The text as a Document; raises Refused with `invalid_utf8`, `invalid_json` or `too_deep`."""
    try:
        text.decode()
    except UnicodeDecodeError:
        raise Refused("invalid_utf8") from None
    reader = _Reader()
    at = 0
    while reader.expects != "end":
        found = _TOKEN.match(text, at)
        if found is None or found.lastindex is None:
            raise Refused("invalid_json")
        at = found.end()
        kind = found.lastindex
        token = found.group(kind)
        if kind == 1:
            reader.punctuation(token)
        elif kind == 2:
            reader.string(token)
        else:
            if kind == 3:
                _check_number(token)
            reader.scalar(token)
    blanks = _BLANKS.match(text, at)
    if blanks is None or blanks.end() != len(text):
        raise Refused("invalid_json")
    if reader.deepest > depth_max:
        raise Refused("too_deep")
    reader.document.compact = b"".join(reader.out)
    reader.document.is_object = reader.out[0] == b"{"
    return reader.document
