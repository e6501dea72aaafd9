"""Addresses as events have them: with ports, zones, brackets, in upper case, in lists."""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

_PORT = r"(?P<port>0|[1-9][0-9]{0,4})"
_FORMS = (
    re.compile(rf"(?P<ip>[0-9.]+)(?::{_PORT})?"),
    re.compile(rf"\[(?P<ip>[^\[\]]*:[^\[\]]*)\](?:(?::|#| port ){_PORT})?"),
    # As Cisco and others write them, who have no brackets.
    re.compile(rf"(?P<ip>[0-9A-Fa-f.:]+(?:%[^#\s]+)?)(?:(?:#| port ){_PORT})?"),
)
_ZONE = re.compile(r"[A-Za-z0-9._~-]{1,32}")
PORT_MAX = 65535


class Found(NamedTuple):
    ip: Ip
    port: str  # Without the colon; empty: none.


def find(text: str) -> Found | None:
    """The one address that the text is; IPv4-mapped ones are the IPv4 that they map."""
    for form in _FORMS:
        found = form.fullmatch(text.strip(" \t"))
        ip = found and _parsed(found["ip"])
        if found and ip and int(found["port"] or 0) <= PORT_MAX:
            return Found(ip, str(int(found["port"])) if found["port"] else "")
    return None


def _parsed(text: str) -> Ip | None:
    base, percent, zone = text.partition("%")
    if percent and (not _ZONE.fullmatch(zone) or ":" not in base):
        return None
    try:
        ip = ipaddress.ip_address(base)
    except ValueError:
        return None
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return mapped or ip


def written(ip: Ip, port: str = "") -> str:
    text = str(ip)
    if not port:
        return text
    return f"[{text}]:{port}" if ip.version == 6 else f"{text}:{port}"


def truncated(ip: Ip, v4_bits: int, v6_bits: int) -> Ip:
    bits = v4_bits if ip.version == 4 else v6_bits
    network = ipaddress.ip_network((ip, bits), strict=False)
    return network.network_address
