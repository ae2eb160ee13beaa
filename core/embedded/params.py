"""Reading typed values out of a request's JSON; whatever is wrong is a 400 that names the parameter."""

from collections.abc import Mapping
from typing import Any

from core.embedded.errors import bad_request


def integer(body: Mapping[str, Any], name: str, low: int, high: int, default: int | None) -> int | None:
    """A whole number from `low` to `high`; `default` where it is absent or null."""
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise bad_request(f"{name} must be a whole number from {low} to {high}.", name)
    return value


def number(body: Mapping[str, Any], name: str, low: float, high: float, default: float) -> float:
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise bad_request(f"{name} must be a number from {low:g} to {high:g}.", name)
    return float(value)


def boolean(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise bad_request(f"{name} must be true or false.", name)
    return bool(value)


def metadata(body: Mapping[str, Any]) -> dict[str, str] | None:
    """The client's own notes: up to 16 pairs of texts; None where there are none."""
    given = body.get("metadata")
    if given is None:
        return None
    if not isinstance(given, dict) or len(given) > 16:
        raise bad_request("metadata must be an object of at most 16 pairs.", "metadata")
    if not all(isinstance(v, str) and len(k) <= 64 and len(v) <= 512 for k, v in given.items()):
        raise bad_request("metadata must map keys of up to 64 characters to strings of up to 512.", "metadata")
    return given


def text(body: Mapping[str, Any], name: str, low: int, high: int) -> str | None:
    """Text of `low` to `high` characters; None where it is absent or null."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not low <= len(value) <= high:
        raise bad_request(f"{name} must be text of {low} to {high} characters.", name)
    return value
