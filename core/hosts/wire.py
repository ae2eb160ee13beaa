"""Chat Completions on the wire: the body of a question, and what its answer says. Pure; no I/O."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from core.model import ErrorKind, Message

_MAX_RAW = 20_000
_MOST_TOKENS = 2**53


class Asking(StrEnum):
    """How an answer's shape is asked for, best first. A host that refuses one is asked the next way."""

    STRICT_SCHEMA = "strict json_schema"
    JSON_OBJECT = "json_object"
    PLAIN = "plain text"


@dataclass(frozen=True)
class Manner:
    """How this connection is asked, as far as it is known: narrowed by `after_refusal`."""

    asking: Asking = Asking.STRICT_SCHEMA
    logprobs: bool = True
    temperature: bool = True


@dataclass(frozen=True)
class Reply:
    """A host's answer as it was. `confidence` is the probability of the answered text, None where not given."""

    content: str
    finish_reason: str | None
    refusal: str | None
    prompt_tokens: int
    completion_tokens: int
    token_logprobs: tuple[tuple[str, float], ...] = ()
    cached_tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Failure:
    """Why there is no answer. `retry_after` is the host's own wish in seconds."""

    kind: ErrorKind
    message: str
    raw: str = ""
    retry_after: float | None = None
    parameter: str = ""


def chat_body(model: str, messages: Sequence[Message], schema: Mapping[str, Any], manner: Manner) -> dict[str, Any]:
    """The JSON body that asks `model` for an answer of the shape `schema`."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": message.role, "content": message.content} for message in messages],
    }
    if manner.temperature:
        body["temperature"] = 0
    if manner.asking is Asking.STRICT_SCHEMA:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "annotation", "strict": True, "schema": schema},
        }
    elif manner.asking is Asking.JSON_OBJECT:
        body["response_format"] = {"type": "json_object"}
    if manner.logprobs:
        body |= {"logprobs": True, "top_logprobs": 5}
    return body


def after_refusal(manner: Manner, failure: Failure) -> Manner | None:
    """A humbler way to ask a host that refused this one, or None where the refusal is about something else."""
    if failure.kind is not ErrorKind.BAD_REQUEST:
        return None
    words = f"{failure.parameter} {failure.message}".lower()
    if manner.logprobs and "logprob" in words:
        return replace(manner, logprobs=False)
    if manner.temperature and "temperature" in words:
        return replace(manner, temperature=False)
    if any(sign in words for sign in ("response_format", "json_schema", "json_object", "structured", "schema")):
        ladder = list(Asking)
        position = ladder.index(manner.asking)
        return replace(manner, asking=ladder[position + 1]) if position + 1 < len(ladder) else None
    return None


def read_reply(body: bytes) -> Reply | Failure:
    """What a 200 says. Tolerant of missing and extra fields; an error object in it counts as an error."""
    try:
        answer = json.loads(body)
        if isinstance(answer, dict) and answer.get("error"):
            return failure_of(500, body)
        choice = answer["choices"][0]
        message = choice["message"]
        usage = answer.get("usage") or {}
        details = usage.get("prompt_tokens_details") or {}
        return Reply(
            content=_text_of(message.get("content")),
            finish_reason=choice.get("finish_reason"),
            refusal=_text_of(message.get("refusal")) or None,
            prompt_tokens=_count(usage.get("prompt_tokens")),
            completion_tokens=_count(usage.get("completion_tokens")),
            token_logprobs=_logprobs(choice.get("logprobs")),
            cached_tokens=_count(details.get("cached_tokens")),
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return Failure(ErrorKind.MALFORMED, "The host's answer is not a chat completion.", _shown(body))


def _count(value: Any) -> int:
    """A number of tokens; 0 where it is missing or no count there could be: it is an extra, the answer is not."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return int(value) if is_number and 0 <= value < _MOST_TOKENS else 0


def _text_of(content: Any) -> str:
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content)
    return "" if content is None else _storable(str(content))


def _storable(text: str) -> str:
    """JSON can spell half a surrogate pair, which no database or file takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _logprobs(logprobs: Any) -> tuple[tuple[str, float], ...]:
    """Empty where they are not given, or in a shape nobody knows: they are an extra, the answer is not."""
    try:
        entries = (logprobs or {}).get("content") or []
        return tuple((str(entry["token"]), float(entry["logprob"])) for entry in entries)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return ()


def label_confidence(reply: Reply, label: str) -> float | None:
    """Probability of the tokens that spell `label` in the answer; None where the host gave no (sound) logprobs."""
    text = "".join(token for token, _ in reply.token_logprobs)
    spelled = json.dumps(label, ensure_ascii=False)[1:-1]
    start = text.rfind(spelled)
    if start < 0 or not label:
        return None
    end, position, total = start + len(spelled), 0, 0.0
    for token, logprob in reply.token_logprobs:
        if position < end and position + len(token) > start:
            total += logprob
        position += len(token)
    return math.exp(min(0.0, total)) if math.isfinite(total) else None


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


_NO_CREDIT = {"insufficient_quota", "billing_hard_limit_reached"}


def failure_of(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> Failure:
    """What an error response says, in OpenAI's shape or any other."""
    kind = _KIND_OF_STATUS.get(status, ErrorKind.SERVER if status >= 500 else ErrorKind.BAD_REQUEST)
    message, codes, parameter = _error_words(body)
    if codes & _NO_CREDIT:
        kind = ErrorKind.QUOTA
    return Failure(kind, message or f"HTTP {status}", _shown(body), retry_after_of(headers or {}), parameter)


def _error_words(body: bytes) -> tuple[str, set[str], str]:
    """`(message, code and type, parameter)`, in OpenAI's shape or those of other servers: `error` as plain text,
    the same keys without `error` around them, or FastAPI's `detail`."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return "", set(), ""
    error = (answer.get("error") or answer) if isinstance(answer, dict) else answer
    if not isinstance(error, dict):
        return _storable(str(error)), set(), ""
    said = error.get("message") or error.get("detail") or ""
    message = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    codes = {str(error.get("code")), str(error.get("type"))}
    return _storable(message), codes, _storable(str(error.get("param") or ""))


def retry_after_of(headers: Mapping[str, str]) -> float | None:
    """Seconds the host asks us to wait: `retry-after-ms` before `retry-after`; None where it says nothing usable."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers[name]) * unit
        except (KeyError, ValueError):
            continue
        if math.isfinite(seconds):
            return max(0.0, seconds)
    return None


def _shown(body: bytes) -> str:
    return body[:_MAX_RAW].decode("utf-8", "replace")
