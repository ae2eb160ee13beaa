"""What a host's headers say about its rate limits: how much is left, and when it is full again. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

_SIGNS = (
    "x-ratelimit-remaining-requests",
    "x-ratelimit-remaining-tokens",
    "x-ratelimit-remaining",
    "ratelimit-remaining",
    "anthropic-ratelimit-requests-remaining",
)
_NAMES = {
    "requests": (
        "x-ratelimit-{}-requests",
        "anthropic-ratelimit-requests-{}",
        "x-ratelimit-{}",
        "ratelimit-{}",
    ),
    "tokens": ("x-ratelimit-{}-tokens", "anthropic-ratelimit-tokens-{}", "x-tokenlimit-{}"),
}
_PART = re.compile(r"(?<!\d)(\d++(?:\.\d++)?)(ms|us|µs|ns|s|m|h|d)")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_EPOCH = 1e9
_EPOCH_MS = 1e11


@dataclass(frozen=True)
class RateFacts:
    """Limits as announced with one answer; None where nothing (sound) was said. `reset_*` in seconds from then."""

    limit_requests: int | None = None
    remaining_requests: int | None = None
    reset_requests: float | None = None
    limit_tokens: int | None = None
    remaining_tokens: int | None = None
    reset_tokens: float | None = None

    def __bool__(self) -> bool:
        return self != _NOTHING


_NOTHING = RateFacts()


def read_rates(headers: Mapping[str, str], wall_now: float) -> RateFacts | None:
    """What the headers say, None where nothing. `headers` are asked by lower-case name; `wall_now` is epoch seconds.

    Most hosts send none: then this costs five look-ups.
    """
    for sign in _SIGNS:
        if sign in headers:
            break
    else:
        return None
    facts = RateFacts(
        _count(headers, "requests", "limit"),
        _count(headers, "requests", "remaining"),
        _reset(headers, "requests", wall_now),
        _count(headers, "tokens", "limit"),
        _count(headers, "tokens", "remaining"),
        _reset(headers, "tokens", wall_now),
    )
    return facts or None


def seconds_until(value: str, wall_now: float) -> float | None:
    """`20ms`, `1m3s`, seconds, epoch in seconds or milliseconds, or an ISO time, as seconds from now; never below 0.

    None where it is none of these.
    """
    text = value.strip().lower()
    try:
        number = float(text)
    except ValueError:
        return _duration(text) if _PART.match(text) else _moment(value.strip(), wall_now)
    if not 0 <= number < float("inf"):
        return None
    if number > _EPOCH_MS:
        number /= 1000.0
    return max(0.0, number - wall_now) if number > _EPOCH else number


def _duration(text: str) -> float | None:
    parts = _PART.findall(text)
    if "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def _moment(text: str, wall_now: float) -> float | None:
    try:
        then = datetime.fromisoformat(text)
    except ValueError:
        return None
    return max(0.0, then.timestamp() - wall_now) if then.tzinfo is not None else None


def _said(headers: Mapping[str, str], what: str, kind: str) -> str | None:
    for name in _NAMES[what]:
        value = headers.get(name.format(kind))
        if value is not None:
            return value
    return None


def _count(headers: Mapping[str, str], what: str, kind: str) -> int | None:
    value = _said(headers, what, kind)
    try:
        number = float(value) if value is not None else -1.0
        return int(number) if 0 <= number < 2**53 else None
    except ValueError:
        return None


def _reset(headers: Mapping[str, str], what: str, wall_now: float) -> float | None:
    value = _said(headers, what, "reset")
    return None if value is None else seconds_until(value, wall_now)
