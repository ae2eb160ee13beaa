"""What a host's refusal asks for: to come again, and when, or never. One place for calls, jobs and batches. Pure."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from core.errors import WorkbenchError
from core.plural import count

NO_CREDIT = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
"""What refuses until somebody pays: to wait does not help."""
_LONGEST_RETRY_AFTER = 30 * 86400.0
"""A host that asks for more than a month means something else, a moment in seconds since 1970 for instance."""


class NotYet(WorkbenchError):
    """The host would do it, but not now; `seconds` is how long it asks to wait, None where it does not say."""

    def __init__(self, message: str, seconds: float | None) -> None:
        super().__init__(message)
        self.seconds = seconds

    @property
    def in_full(self) -> str:
        return with_wait(str(self), self.seconds)


class Unanswered(WorkbenchError):
    """The host did not say whether it did what was asked; it may have."""


@dataclass(frozen=True)
class Wait:
    """The host asks to come again; `seconds` None where it does not say when."""

    seconds: float | None


_NOT_READY = re.compile(
    r"not (?:yet )?(?:ready|processed)"
    r"|(?:is|are|being|still) (?:\w+ )?(?:pending|processing|processed|validat|upload|import)"
    r"|try again|not finished|in progress",
    re.IGNORECASE,
)


def wanted_by(error: Any) -> Wait | None:
    """What a refusal, the SDK's error, asks for in this respect; None where coming again would bring the same."""
    status = getattr(error, "status_code", 0)
    body = error.body if isinstance(getattr(error, "body", None), Mapping) else {}
    if {str(body.get("code")), str(body.get("type"))} & NO_CREDIT:
        return None
    words = f"{body.get('message') or ''} {error}"
    seconds = retry_after_of(getattr(getattr(error, "response", None), "headers", {}))
    is_now = status in (409, 425, 429) or (status in (400, 404, 422) and _NOT_READY.search(words) is not None)
    return Wait(seconds) if is_now or (status == 503 and seconds is not None) else None


def retry_after_of(headers: Mapping[str, str]) -> float | None:
    """Seconds the host asks us to wait: `retry-after-ms` before `retry-after`; None where it says nothing usable.

    The names are looked up as they are, so the mapping is one of an HTTP library or has them in small letters. A moment
    instead of seconds is taken against the response's own `date`, so that no clock of ours matters.
    """
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        said = headers.get(name)
        if said is None:
            continue
        try:
            seconds = float(said) * unit
        except ValueError:
            seconds = _until(said, headers.get("date"))
        if seconds <= _LONGEST_RETRY_AFTER:
            return max(0.0, seconds)
    return None


def with_wait(said: str, seconds: float | None) -> str:
    """What a host said, and for how long it asks to wait where it says so."""
    if not seconds:
        return said
    end = "" if said.endswith((".", "!", "?", "…")) else "."
    return f"{said}{end} It asks us to wait {lasting(seconds)}."


def lasting(seconds: float) -> str:
    """In the largest unit that says it well: 45 seconds, 10 minutes, 1 hour, 2 hours."""
    for unit, size in (("hour", 3600.0), ("minute", 60.0)):
        if seconds >= size:
            number = round(seconds / size)
            return count(number, unit)
    return count(round(seconds), "second")


def _until(moment: str, now: str | None) -> float:
    try:
        return (parsedate_to_datetime(moment) - parsedate_to_datetime(now or "")).total_seconds()
    except (ValueError, TypeError):
        return math.nan
