"""A JSON text as a tree whose tokens keep their bytes, and the order and repeats of its members."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness import jsontext

TOKEN = re.compile(rb'[{}\[\],:]|"(?:[^"\\]|\\.)*"|[^{}\[\],:"]+', re.DOTALL)


@dataclass(slots=True)
class Scalar:
    token: bytes

    @property
    def kind(self) -> str:
        if self.token[:1] == b'"':
            return "string"
        return {b"t": "boolean", b"f": "boolean", b"n": "null"}.get(self.token[:1], "number")

    @property
    def text(self) -> str:
        return jsontext.unescape(self.token)

    def compact(self) -> bytes:
        return self.token


@dataclass(slots=True)
class Array:
    items: list[Node] = field(default_factory=list)
    kind: str = "array"

    def compact(self) -> bytes:
        return b"[" + b",".join(item.compact() for item in self.items) + b"]"


@dataclass(slots=True)
class Member:
    key: bytes  # The name's token.
    value: Node

    @property
    def name(self) -> str:
        return jsontext.unescape(self.key)


@dataclass(slots=True)
class Object:
    members: list[Member] = field(default_factory=list)
    kind: str = "object"

    def compact(self) -> bytes:
        return b"{" + b",".join(m.key + b":" + m.value.compact() for m in self.members) + b"}"


Node = Scalar | Array | Object


def parse(compact: bytes) -> Node:
    """Of a valid text without blanks between its tokens."""
    tokens = iter(TOKEN.findall(compact))
    return _value(next(tokens), tokens)


def _value(token: bytes, rest: Iterator[bytes]) -> Node:
    if token == b"{":
        return _object(rest)
    if token == b"[":
        return _array(rest)
    return Scalar(token)


def _object(rest: Iterator[bytes]) -> Object:
    made = Object()
    for token in rest:
        if token == b"}":
            break
        if token == b",":
            continue
        next(rest)  # The colon.
        made.members.append(Member(token, _value(next(rest), rest)))
    return made


def _array(rest: Iterator[bytes]) -> Array:
    made = Array()
    for token in rest:
        if token == b"]":
            break
        if token != b",":
            made.items.append(_value(token, rest))
    return made
