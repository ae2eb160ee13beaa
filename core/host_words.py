"""What hosts say of jobs, in whatever words: how one stands, and that it is too early to make one. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from core.errors import WorkbenchError


class End(Enum):
    """How a job ended."""

    WELL = auto()
    BADLY = auto()
    CANCELLED = auto()


_WELL = re.compile(r"(?:succe|complet|done$|finish|ready$|deployed$)")
_BADLY = re.compile(r"(?:fail|error|reject|invalid|refus|expir|timed?_?out|deleted$|dead$)")
_CANCELLED = re.compile(r"(?:cancel|stopped$|abort|terminated$|revoked$)")
_GOES_ON = re.compile(
    r"(?:.*(?:ing|ing_files)$|queued$|pending$|created$|submitted$|scheduled$|paused$|in_progress$|not_started$|new$|active$"
    r"|accepted$|started$)"
)


def end_of(status: str) -> End | None:
    """None where the word says that it goes on, or nothing we know."""
    word = _folded(status)
    if _GOES_ON.match(word):
        return None
    for end, pattern in ((End.BADLY, _BADLY), (End.CANCELLED, _CANCELLED), (End.WELL, _WELL)):
        if pattern.match(word):
            return end
    return None


def goes_on(status: str) -> bool:
    """Whether the word surely says that the job is not over."""
    return _GOES_ON.match(_folded(status)) is not None


def _folded(status: str) -> str:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", status.strip()[:100])
    return re.sub(r"[\s\-.]", "_", apart).lower().rpartition("job_state_")[2].removeprefix("status_")


class NotYet(WorkbenchError):
    """The host would make the job, but not now; `seconds` is how long it asks to wait, None where it does not say."""

    def __init__(self, message: str, seconds: float | None) -> None:
        super().__init__(message)
        self.seconds = seconds


_NOT_READY = re.compile(
    r"not (?:yet )?(?:ready|processed)"
    r"|(?:is|are|being|still) (?:\w+ )?(?:pending|processing|processed|validat|upload|import)"
    r"|try again|not finished|in progress",
    re.IGNORECASE,
)
_NO_CREDIT = ("insufficient_quota", "billing_hard_limit_reached")
_LONGEST = 3600.0


@dataclass(frozen=True)
class Wait:
    """The host asks to come again; `seconds` None where it does not say when."""

    seconds: float | None


def wanted_by(error: Any) -> Wait | None:
    """What a refusal asks for in this respect; None where coming again would bring the same."""
    status = getattr(error, "status_code", 0)
    body = error.body if isinstance(getattr(error, "body", None), Mapping) else {}
    if str(body.get("code")) in _NO_CREDIT or str(body.get("type")) in _NO_CREDIT:
        return None
    words = f"{body.get('message') or ''} {error}"
    is_now = status in (409, 425, 429) or (status in (400, 404, 422) and _NOT_READY.search(words) is not None)
    return Wait(_seconds(error)) if is_now else None


def _seconds(error: Any) -> float | None:
    headers = getattr(getattr(error, "response", None), "headers", {})
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) * unit
        except ValueError:
            continue
        if 0 <= seconds <= _LONGEST:
            return seconds
    return None
