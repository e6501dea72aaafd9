"""Whether a manifest has the shape that Kubernetes's own client knows: field by field, no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kubernetes import client

GROUPS = {"v1", "apps/v1", "policy/v1", "networking.k8s.io/v1", "autoscaling/v2"}
PRIMITIVES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "bool": (bool,),
    "float": (int, float),
    "object": (object,),
}


def faults_of(manifest: dict[str, Any]) -> Iterator[str]:
    """None for a kind of others (CustomResourceDefinition), which this client does not know."""
    if manifest["apiVersion"] not in GROUPS:
        return
    version = manifest["apiVersion"].split("/")[-1].capitalize()
    # The client of Debian 12 knows the shape of autoscaling/v2 as that of v2beta2.
    names = [f"{version}{manifest['kind']}", f"{version}beta2{manifest['kind']}"]
    [model, *_] = [name for name in names if hasattr(client, name)]
    yield from faults(model, manifest, manifest["kind"])


def faults(kind: str, value: Any, at: str) -> Iterator[str]:
    if found := re.fullmatch(r"list\[(.*)\]", kind):
        if not isinstance(value, list):
            yield f"{at} is no list"
            return
        for number, item in enumerate(value):
            yield from faults(found[1], item, f"{at}[{number}]")
    elif found := re.fullmatch(r"dict\(\w+, (.*)\)", kind):
        if not isinstance(value, dict):
            yield f"{at} is no map"
            return
        for name, item in value.items():
            yield from faults(found[1], item, f"{at}.{name}")
    elif kind in PRIMITIVES:
        wrong = kind == "int" and isinstance(value, bool)
        if wrong or not isinstance(value, PRIMITIVES[kind]):
            yield f"{at} is no {kind}: {value!r}"
    elif not hasattr(client, kind):
        return  # Times.
    elif not isinstance(value, dict):
        yield f"{at} is no map"
    else:
        yield from model_faults(getattr(client, kind), value, at)


def model_faults(model: Any, value: dict[str, Any], at: str) -> Iterator[str]:
    fields = {json: name for name, json in model.attribute_map.items()}
    known = {fields[name]: item for name, item in value.items() if name in fields}
    yield from (f"{at}.{name} is not known" for name in value.keys() - fields.keys())
    try:
        model(**known)
    except ValueError as missing:
        yield f"{at}: {missing}"
    for name, item in known.items():
        yield from faults(model.openapi_types[name], item, f"{at}.{model.attribute_map[name]}")
