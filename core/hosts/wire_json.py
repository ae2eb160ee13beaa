"""JSON as it goes over the wire: read tolerantly, written compactly."""

import json
from typing import Any

import orjson


def read_json(body: bytes) -> Any:
    """Raises `ValueError`, or `RecursionError` for what is nested without end."""
    try:
        return orjson.loads(body)
    except ValueError:
        # NaN, half a surrogate pair, numbers out of range: not JSON to the letter, but some servers write them.
        return json.loads(body)


def to_json(value: Any) -> bytes:
    """Compact UTF-8; half a surrogate pair becomes "?"."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
