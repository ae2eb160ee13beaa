"""What a host sends back: an answer, or why there is none. Pure; no I/O."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.hosts.failures import BROKEN, MAX_RAW, Failure, ending_of, failure_in, shown
from core.hosts.parts import called_with, every_text, refusal_in, text_of
from core.hosts.rates import RateFacts
from core.hosts.streamed import whole_of
from core.hosts.wire_json import read_json, to_json
from core.model import ErrorKind
from core.text import clean

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
    most_kept: int = MAX_RAW
    """Characters of it that are kept."""

    @property
    def raw(self) -> str:
        """The answer as it is kept; of one longer than `most_kept` the middle is left out.

        Thinking that came apart stands before it as other servers write it, but with marks of its own made harmless;
        `answer_in` parts the two again, so that reading it again gives the same.
        """
        said = self.content or self.refusal or ""
        if self.reasoning:
            thought = _MARKS.sub("‹", _shortened(self.reasoning, _MAX_REASONING))
            said = f"<think>{thought}</think>\n{said}"
        return _shortened(said, self.most_kept)


def answer_in(raw: str) -> str:
    """The answer alone of one that was kept (`Reply.raw`), without the thinking that came apart from it."""
    apart = _APART.match(raw)
    return raw[apart.end() :] if apart else raw


def behind_thoughts(raw: str) -> str:
    """The same of one kept while marks within the thinking still stood as they were: what follows the last end."""
    return raw.rpartition("</think>\n")[2]


def read_reply(body: bytes, *, seconds: float = 0.0, rates: RateFacts | None = None) -> Reply | Failure:
    """What a 200 says, also where it streams. Tolerant of missing and extra fields; an error in it is one."""
    try:
        answer = _read(body)
    except (ValueError, TypeError, RecursionError):
        return _malformed(body)
    return reply_of(answer, body, seconds=seconds, rates=rates)


def _read(body: bytes) -> Any:
    try:
        return read_json(body)
    except ValueError:
        return whole_of(body)


def reply_of(
    answer: Any, body: bytes | None = None, *, seconds: float = 0.0, rates: RateFacts | None = None
) -> Reply | Failure:
    """The same for JSON that is read already, as the lines of a batch are; `body` is what it was read from."""
    try:
        if (failed := failure_in(answer, body)) is not None:
            return failed
        choice = answer["choices"][0] if "choices" in answer else _choice_of(answer)
        if (broken := _broken_off(choice, body)) is not None:
            return broken
        message = choice["message"]
        content = message.get("content")
        said = text_of(content)
        usage = _mapping(answer.get("usage"))
        return Reply(
            said or called_with(message.get("tool_calls")) or called_with(message.get("function_call")),
            ending_of(choice.get("finish_reason")),
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


def _broken_off(choice: Mapping[str, Any], body: bytes | None) -> Failure | None:
    """What went wrong on the way of an answer, of which some may have come."""
    if (failed := failure_in({"error": choice.get("error")})) is not None:
        return failed
    if ending_of(choice.get("finish_reason")) != BROKEN:
        return None
    said = f"the host cut its answer off: {clean(str(choice['finish_reason']))}"
    return Failure(ErrorKind.SERVER, said, shown(to_json(choice) if body is None else body), is_answer=True)


_CUT_OFF = ("incomplete", "failed", "cancelled")


def _choice_of(answer: Any) -> dict[str, Any]:
    """The same in the shape of Responses, as the choice it would be in that of chat completions."""
    items = [item for item in answer["output"] if isinstance(item, dict)]
    messages = [item for item in items if item.get("type", "message") == "message"]
    spoken = [item for item in messages if item.get("phase") != "commentary"]
    why = _mapping(answer.get("incomplete_details")).get("reason")
    status = answer.get("status") if answer.get("status") in _CUT_OFF else "stop"
    return {
        "message": {
            "content": [part for item in spoken for part in _listed(item.get("content"))],
            "tool_calls": [item for item in items if item.get("type") == "function_call"],
        },
        "finish_reason": why if isinstance(why, str) else status,
    }


def _listed(content: Any) -> list[Any]:
    return content if isinstance(content, list) else [content]


def _malformed(body: bytes) -> Failure:
    return Failure(ErrorKind.MALFORMED, "The host's answer is not a chat completion.", shown(body))


def _mapping(value: Any) -> Mapping[str, Any]:
    """What is beside the answer may be of any kind: it is an extra, and the answer is not lost with it."""
    return value if isinstance(value, dict) else {}


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
