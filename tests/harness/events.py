"""Login events for tests to send."""

from __future__ import annotations

import json


def event(number: int, **more: object) -> bytes:
    """A good one, which its number tells from others."""
    fields = {
        "user_id": f"user-{number}",
        "app_version": "2.3.0",
        "ip": f"70.201.{number % 250}.158",
        "locale": "KS",
        "device_id": f"device-{number:08}",
        "timestamp": 1729894074 + number,
        "device_type": "iOS",
    }
    return json.dumps({**fields, **more}).encode()
