"""Why a host gave no answer: told by its status, or by what a 200 carries instead of an answer. Pure; no I/O."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.host_refusals import NO_CREDIT, retry_after_of
from core.hosts.rates import RateFacts
from core.hosts.wire_json import read_json, to_json
from core.model import ErrorKind
from core.text import clean

MAX_RAW = 20_000


@dataclass(frozen=True)
class Failure:
    """Why there is no answer. `retry_after` is the host's own wish in seconds, `parameter` the one it names.

    `is_answer`: it came with status 200, as an answer would, and may be billed as one.
    """

    kind: ErrorKind
    message: str
    raw: str = ""
    retry_after: float | None = None
    parameter: str = ""
    rates: RateFacts | None = None
    is_answer: bool = False

    @property
    def is_refusal(self) -> bool:
        """Whether the host is there and would not take the call just now."""
        asks_to_wait = self.kind is ErrorKind.SERVER and self.retry_after is not None
        return self.kind is ErrorKind.RATE_LIMIT or asks_to_wait


_KIND_OF_STATUS = {
    400: ErrorKind.BAD_REQUEST,
    401: ErrorKind.AUTHENTICATION,
    402: ErrorKind.QUOTA,
    403: ErrorKind.AUTHENTICATION,
    404: ErrorKind.NOT_FOUND,
    408: ErrorKind.TIMEOUT,
    413: ErrorKind.BAD_REQUEST,
    422: ErrorKind.BAD_REQUEST,
    429: ErrorKind.RATE_LIMIT,
}


def failure_of(
    status: int, body: bytes, headers: Mapping[str, str] | None = None, rates: RateFacts | None = None
) -> Failure:
    """What an error response says, in OpenAI's shape or any other."""
    kind = _KIND_OF_STATUS.get(status, ErrorKind.SERVER if status >= 500 else ErrorKind.BAD_REQUEST)
    message, codes, parameter = _error_words(body)
    if codes & NO_CREDIT:
        kind = ErrorKind.QUOTA
    if status == 403 and _OF_THIS_TEXT.search(message):
        kind = ErrorKind.BAD_REQUEST
    if 300 <= status < 400:
        # Never followed: the user allowed this address alone.
        kind, message = ErrorKind.NOT_FOUND, f"it redirects requests to another address, HTTP {status}"
    return Failure(kind, message or f"HTTP {status}", shown(body), retry_after_of(headers or {}), parameter, rates)


_OF_THIS_TEXT = re.compile(r"\b(?:flagged|moderation|content (?:policy|filter))\b", re.IGNORECASE)
"""A 403 that is about what was sent, and not about who sent it."""
_STATUS_KEYS = ("code", "status", "status_code", "statusCode", "http_status", "http_code")
_STATUS_OF_WORD = (
    (re.compile(r"rate.?limit|too.?many.?requests|throttl|resource.?exhausted"), 429),
    (re.compile(r"invalid.?api.?key|authentication|unauthori[sz]ed|unauthenticated"), 401),
)
_SAYS_WHY = ("message", "msg", "detail", "error_message", "error_msg")


def failure_in(answer: Any, body: bytes | None = None) -> Failure | None:
    """What a 200 says went wrong instead of giving an answer; None where it says nothing of the kind.

    `body` is what `answer` was read from. An object without `error` around its words counts where it tells a status.
    """
    error = _error_in(answer)
    if error is None and _is_no_answer(answer) and _told_status(answer):
        error = answer
    if error is None:
        return None
    failed = failure_of(status_of(error), to_json(answer) if body is None else body)
    return replace(failed, is_answer=True)


def _error_in(answer: Any) -> Any:
    """What stands under `error`; under `errors` the first, where there is no answer beside it."""
    if not isinstance(answer, Mapping):
        return None
    if answer.get("error"):
        return answer["error"]
    several = None if _gives_answer(answer) else answer.get("errors")
    return (several[0] if isinstance(several, list) else several) if several else None


def _gives_answer(answer: Mapping[str, Any]) -> bool:
    return any(name in answer for name in ("choices", "output", "answers"))


def _is_no_answer(answer: Any) -> bool:
    """Whether it says why there is none, without `error` around it."""
    is_told = isinstance(answer, Mapping) and any(answer.get(name) for name in _SAYS_WHY)
    return is_told and not _gives_answer(answer)


def status_of(error: Any) -> int:
    """The status an error inside a 200 stands for: routers give that of the server behind them, as a number or in
    digits or words; 500 where none is told."""
    return _told_status(error) or 500


def _told_status(error: Any) -> int:
    if not isinstance(error, Mapping):
        return 0
    told = [str(error[name]) for name in _STATUS_KEYS if isinstance(error.get(name), (int, str))]
    numbers = [int(one) for one in told if re.fullmatch(r"[45][0-9]{2}", one)]
    if numbers:
        return numbers[0]
    words = " ".join([*told, str(error.get("type") or "")]).lower()
    return next((status for pattern, status in _STATUS_OF_WORD if pattern.search(words)), 0)


def _error_words(body: bytes) -> tuple[str, set[str], str]:
    """`(message, code and type, parameter)`, in OpenAI's shape or those of other servers: `error` as plain text,
    the same keys without `error` around them, or FastAPI's `detail`."""
    try:
        answer = read_json(body)
    except (ValueError, RecursionError):
        return "", set(), ""
    error = _error_in(answer) or answer
    if not isinstance(error, dict):
        return clean(str(error)), set(), ""
    said = next((error[name] for name in _SAYS_WHY if error.get(name)), "")
    message = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    codes = {str(error.get("code")), str(error.get("type"))}
    return without_files(clean(message)), codes, clean(str(error.get("param") or ""))


def ending_of(word: Any) -> str | None:
    """How an answer ended, in one word for each thing that hosts have many words for: "length" where a limit cut it
    off, "content_filter" where it was withheld, BROKEN where something went wrong on the way."""
    if not isinstance(word, str) or word == "stop":
        return word if isinstance(word, str) else None
    plain = word.lower()
    return next((meant for pattern, meant in _ENDINGS if pattern.search(plain)), clean(word))


BROKEN = "broken"
_ENDINGS = (
    (
        re.compile(r"filter|safety|recitation|blocked|blocklist|prohibited|spii|refus|guardrail|sensitive|moderat"),
        "content_filter",
    ),
    (re.compile(r"error|abort|cancel|fail|time.?out|time.?limit|disconnect|interrupt|insufficient|malformed"), BROKEN),
    (re.compile(r"length|max|limit|truncat|context|incomplete"), "length"),
)


def shown(body: bytes) -> str:
    return without_files(clean(body[:MAX_RAW].decode("utf-8", "replace")))


_FILE = re.compile(r"[A-Za-z0-9+/]{200,}={0,2}")
_IN_ONE_FILE = (str.isupper, str.islower, str.isdigit)


def without_files(said: str) -> str:
    """What a host says, without the pictures and sound that it may quote: what is recorded holds no files."""

    def left(found: re.Match[str]) -> str:
        signs = set(found.group())
        return "…" if all(any(map(kind, signs)) for kind in _IN_ONE_FILE) else found.group()

    return _FILE.sub(left, said)
