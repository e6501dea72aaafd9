"""Where in an event a rule holds: `a.b`, `a[].b`, `a[][]`, `**.name`, `'"a.b".c'`."""

from __future__ import annotations

import re
from dataclasses import dataclass

Step = tuple[str, str]  # ("name", NAME), ("element", "") or ("any", NAME).

_NAME = re.compile(r'"((?:[^"\\]|\\.)*)"|([^.\[\]*"]+)')


class BadPath(Exception):
    """The text is no path."""


@dataclass(frozen=True)
class Path:
    text: str
    steps: tuple[Step, ...]

    @property
    def is_anywhere(self) -> bool:
        return self.steps[0][0] == "any"

    @property
    def specificity(self) -> tuple[int, ...]:
        """Of two paths that lead to one value the greater one holds."""
        order = {"any": 0, "element": 1, "name": 2}
        return tuple(order[kind] for kind, _ in self.steps)

    def holds_at(self, place: tuple[Step, ...]) -> bool:
        """Whether it leads to the value at `place`, which consists of names and elements."""
        if self.is_anywhere:
            return bool(place) and place[-1] == ("name", self.steps[0][1])
        return self.steps == place

    def passes(self, place: tuple[Step, ...]) -> bool:
        """Whether it may lead to something inside of the value at `place`."""
        return self.is_anywhere or (
            len(self.steps) > len(place) and self.steps[: len(place)] == place
        )


def parse(text: str) -> Path:
    if text.startswith(("$.", "$[", "/")):  # JSONPath, JSON Pointer.
        raise BadPath(text)
    if text.startswith("**."):
        return Path(text, (("any", _name_of(text[3:])),))
    steps: list[Step] = []
    at = 0
    while at < len(text) or not steps:
        if steps and text.startswith("[]", at):
            steps.append(("element", ""))
            at += 2
            continue
        if steps:
            if text[at] != ".":
                raise BadPath(text)
            at += 1
        found = _NAME.match(text, at)
        if found is None:
            raise BadPath(text)
        steps.append(("name", _unquoted(found)))
        at = found.end()
    return Path(text, tuple(steps))


def _name_of(text: str) -> str:
    found = _NAME.fullmatch(text)
    if found is None:
        raise BadPath(text)
    return _unquoted(found)


def _unquoted(found: re.Match[str]) -> str:
    if found[1] is None:
        return found[2]
    return re.sub(r"\\(.)", r"\1", found[1], flags=re.DOTALL)


def quoted(name: str) -> str:
    """The name as a step of a path's text."""
    if name and _NAME.fullmatch(name) and not name.startswith('"'):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def text_of(steps: tuple[Step, ...]) -> str:
    text = ""
    if steps and steps[0][0] == "name" and (steps[0][1] == "$" or steps[0][1].startswith("/")):
        text = '"' + steps[0][1].replace("\\", "\\\\").replace('"', '\\"') + '"'
        steps = steps[1:]
    for kind, name in steps:
        if kind == "element":
            text += "[]"
        else:
            text += ("**." if kind == "any" else "." if text else "") + quoted(name)
    return text
