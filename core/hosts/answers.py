"""What a host sends back: an answer, or why there is none. Pure; no I/O."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.host_refusals import NO_CREDIT, retry_after_of
from core.hosts.parts import called_with, every_text, refusal_in, text_of
from core.hosts.rates import RateFacts
from core.hosts.wire_json import read_json, to_json
from core.model import ErrorKind
from core.text import clean

MAX_RAW = 20_000
_MAX_REASONING = 8_000
_MARKS = re.compile("<|&lt;|\\[|◁", re.IGNORECASE)
"""What the marks of thoughts begin with. Thinking that speaks of such marks would swallow the answer behind it."""
_APART = re.compile(r"<think>(?:[^<\[◁&]|&(?!lt;))*</think>\n", re.IGNORECASE)
_MOST_TOKENS = 10**9
"""No answer has more; sums of such counts over millions of answers still fit the database."""


@dataclass(frozen=True)
class Reply:
    """A host's answer as it was. `logprobs` are what the host gave, unread; `reasoning` is what it sent apart;
    `rates` is what it said of its limits."""

    content: str
    finish_reason: str | None
    refusal: str | None
    prompt_tokens: int
    completion_tokens: int
    logprobs: Any = None
    cached_tokens: int = 0
    seconds: float = 0.0
    reasoning: str = ""
    rates: RateFacts | None = None

    @property
    def raw(self) -> str:
        """The answer as it is kept, at most 20,000 characters; of a longer one the middle is left out.

        Thinking that came apart stands before it as other servers write it, but with marks of its own made harmless;
        `answer_in` parts the two again, so that reading it again gives the same.
        """
        said = self.content or self.refusal or ""
        if self.reasoning:
            thought = _MARKS.sub("‹", _shortened(self.reasoning, _MAX_REASONING))
            said = f"<think>{thought}</think>\n{said}"
        return _shortened(said, MAX_RAW)


def answer_in(raw: str) -> str:
    """The answer alone of one that was kept (`Reply.raw`), without the thinking that came apart from it."""
    apart = _APART.match(raw)
    return raw[apart.end() :] if apart else raw


def behind_thoughts(raw: str) -> str:
    """The same of one kept while marks within the thinking still stood as they were: what follows the last end."""
    return raw.rpartition("</think>\n")[2]


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


def read_reply(body: bytes, *, seconds: float = 0.0, rates: RateFacts | None = None) -> Reply | Failure:
    """What a 200 says. Tolerant of missing and extra fields; an error object in it counts as an error."""
    try:
        answer = read_json(body)
    except (ValueError, RecursionError):
        return _malformed(body)
    return reply_of(answer, body, seconds=seconds, rates=rates)


def reply_of(
    answer: Any, body: bytes | None = None, *, seconds: float = 0.0, rates: RateFacts | None = None
) -> Reply | Failure:
    """The same for JSON that is read already, as the lines of a batch are; `body` is what it was read from."""
    try:
        if isinstance(answer, dict) and answer.get("error"):
            failed = failure_of(status_of(answer["error"]), to_json(answer) if body is None else body)
            return replace(failed, is_answer=True)
        choice = answer["choices"][0] if "choices" in answer else _choice_of(answer)
        message = choice["message"]
        content = message.get("content")
        said = text_of(content)
        usage = _mapping(answer.get("usage"))
        return Reply(
            said or called_with(message.get("tool_calls")) or called_with(message.get("function_call")),
            _word(choice.get("finish_reason")),
            _beside(message.get("refusal")) or (refusal_in(content) if not said else "") or None,
            count(usage.get("prompt_tokens", usage.get("input_tokens"))),
            count(usage.get("completion_tokens", usage.get("output_tokens"))),
            choice.get("logprobs"),
            _cached(usage),
            seconds,
            _beside(message.get("reasoning_content") or message.get("reasoning")),
            rates,
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return _malformed(to_json(answer) if body is None else body)


_FINISHED = {"max_output_tokens": "length", "content_filter": "content_filter"}


def _choice_of(answer: Any) -> dict[str, Any]:
    """The same in the shape of Responses, as the choice it would be in that of chat completions."""
    items = [item for item in answer["output"] if isinstance(item, dict)]
    messages = [item for item in items if item.get("type", "message") == "message"]
    spoken = [item for item in messages if item.get("phase") != "commentary"]
    why = _mapping(answer.get("incomplete_details")).get("reason")
    return {
        "message": {
            "content": [part for item in spoken for part in _listed(item.get("content"))],
            "tool_calls": [item for item in items if item.get("type") == "function_call"],
        },
        "finish_reason": _FINISHED.get(why, why) if isinstance(why, str) else "stop",
    }


def _listed(content: Any) -> list[Any]:
    return content if isinstance(content, list) else [content]


def _malformed(body: bytes) -> Failure:
    return Failure(ErrorKind.MALFORMED, "The host's answer is not a chat completion.", shown(body))


def _mapping(value: Any) -> Mapping[str, Any]:
    """What is beside the answer may be of any kind: it is an extra, and the answer is not lost with it."""
    return value if isinstance(value, dict) else {}


def _word(value: Any) -> str | None:
    return clean(value) if isinstance(value, str) else None


def _beside(value: Any) -> str:
    """An extra that is text; what is none costs nothing."""
    return every_text(value) if isinstance(value, (str, list)) else ""


def _cached(usage: Mapping[str, Any]) -> int:
    """Prompt tokens the host had cached: OpenAI's ways, or DeepSeek's."""
    details = usage.get("prompt_tokens_details") or usage.get("input_tokens_details")
    cached = _mapping(details).get("cached_tokens")
    return count(usage.get("prompt_cache_hit_tokens") if cached is None else cached)


def count(value: Any) -> int:
    """A number of tokens; 0 where it is missing or no count there could be: it is an extra, the answer is not."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        value = int(value)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return int(value) if is_number and 0 <= value < _MOST_TOKENS else 0


def _shortened(text: str, most: int) -> str:
    half = most // 2 - 2
    return text if len(text) <= most else f"{text[:half]}\n…\n{text[-half:]}"


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
    if 300 <= status < 400:
        # Never followed: the user allowed this address alone.
        kind, message = ErrorKind.NOT_FOUND, f"it sends requests on to another address, HTTP {status}"
    return Failure(kind, message or f"HTTP {status}", shown(body), retry_after_of(headers or {}), parameter, rates)


def status_of(error: Any) -> int:
    """The status an error inside a 200 stands for: routers give that of the server behind them as its code."""
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) and 400 <= code < 600 else 500


def _error_words(body: bytes) -> tuple[str, set[str], str]:
    """`(message, code and type, parameter)`, in OpenAI's shape or those of other servers: `error` as plain text,
    the same keys without `error` around them, or FastAPI's `detail`."""
    try:
        answer = read_json(body)
    except (ValueError, RecursionError):
        return "", set(), ""
    error = (answer.get("error") or answer) if isinstance(answer, dict) else answer
    if not isinstance(error, dict):
        return clean(str(error)), set(), ""
    said = error.get("message") or error.get("detail") or ""
    message = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    codes = {str(error.get("code")), str(error.get("type"))}
    return clean(message), codes, clean(str(error.get("param") or ""))


def shown(body: bytes) -> str:
    return clean(body[:MAX_RAW].decode("utf-8", "replace"))
