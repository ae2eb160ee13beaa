"""The manner in which a model on a host is best asked, and how it is narrowed down by what the host refuses. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from core.hosts.failures import Failure
from core.hosts.wire_json import read_json, to_json
from core.model import ErrorKind

_FEWER_LOGPROBS = 5
OURS = frozenset({"model", "messages", "stream", "n"})
"""What extra parameters cannot set, also in large letters: some servers make no difference."""


class Asking(StrEnum):
    """How an answer's shape is asked for, best first. A host that refuses one is asked the next way."""

    STRICT_SCHEMA = "strict json_schema"
    SCHEMA = "json_schema"
    JSON_OBJECT = "json_object"
    PLAIN = "plain text"

    @property
    def next(self) -> "Asking | None":
        """The next way down; None below plain text."""
        ladder = list(Asking)
        position = ladder.index(self) + 1
        return ladder[position] if position < len(ladder) else None


class TokenLimit(StrEnum):
    """The name by which a host knows the bound on an answer's tokens; NONE where it takes neither."""

    NEW = "max_completion_tokens"
    OLD = "max_tokens"
    NONE = ""


@dataclass(frozen=True)
class Manner:
    """How a model is asked, as far as it is known: narrowed by `after_refusal`.

    `top_logprobs` is how many alternatives a token are asked for; the others say whether a parameter is accepted.
    """

    asking: Asking = Asking.STRICT_SCHEMA
    logprobs: bool = True
    temperature: bool = True
    top_logprobs: int = 10
    reasoning_effort: bool = True
    token_limit: TokenLimit = TokenLimit.NEW


@dataclass(frozen=True)
class Parameters:
    """What is asked for besides messages and shape. `extra` is merged last; a null in it removes a parameter."""

    temperature: float = 0.0
    reasoning_effort: str = ""
    answer_tokens: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


def chat_parameters(schema: Mapping[str, Any] | None, manner: Manner, parameters: Parameters) -> dict[str, Any]:
    """A chat request's body but for model and messages; without a `schema` the answer is plain text.
    Those, and streaming, `extra` cannot change."""
    body: dict[str, Any] = {}
    if manner.temperature:
        whole = int(parameters.temperature)
        body["temperature"] = whole if whole == parameters.temperature else parameters.temperature
    if parameters.reasoning_effort and manner.reasoning_effort:
        body["reasoning_effort"] = parameters.reasoning_effort
    if parameters.answer_tokens and manner.token_limit:
        body[manner.token_limit.value] = parameters.answer_tokens
    if shape := _response_format(schema, manner.asking):
        body["response_format"] = shape
    if manner.logprobs:
        body |= {"logprobs": True, "top_logprobs": manner.top_logprobs}
    for name, value in parameters.extra.items():
        if name.lower() not in OURS:
            body[name] = value
    return {name: value for name, value in body.items() if value is not None}


def _response_format(schema: Mapping[str, Any] | None, asking: Asking) -> dict[str, Any] | None:
    if schema is None or asking is Asking.PLAIN:
        return None
    if asking is Asking.JSON_OBJECT:
        return {"type": "json_object"}
    described: dict[str, Any] = {"name": "annotation", "schema": schema}
    if asking is Asking.STRICT_SCHEMA:
        described["strict"] = True
    return {"type": "json_schema", "json_schema": described}


def after_refusal(manner: Manner, failure: Failure) -> Manner | None:
    """A humbler way to ask a host that refused this one, or None where the refusal is about something else."""
    if failure.kind is not ErrorKind.BAD_REQUEST:
        return None
    # The parameter a host names is surer than the words around it, which may mention others.
    for words in (failure.parameter.lower(), f"{failure.parameter} {failure.message}".lower()):
        for step in _STEPS:
            if (humbler := step(manner, words)) is not None:
                return humbler
    return None


_ABOUT_A_NUMBER = re.compile(r"<=|less than|at most|between|maximum|exceed|range|smaller|up to|too (?:large|high|many)")
_ABOUT_A_LIMIT = re.compile(r"max_completion_tokens|max_tokens")
_NOT_TAKEN = re.compile(
    r"instead|n[o']t (?:\w+ )?(?:support|permit|allow|recogni)|unsupported|unrecogni|unknown|unexpected|extra"
)
_SHAPES = ("response_format", "response format", "json_schema", "json_object", "structured", "schema")


def _fewer_logprobs(manner: Manner, words: str) -> Manner | None:
    if not manner.logprobs or "logprob" not in words:
        return None
    if "top_logprobs" in words and _ABOUT_A_NUMBER.search(words) and manner.top_logprobs > _FEWER_LOGPROBS:
        return replace(manner, top_logprobs=_FEWER_LOGPROBS)
    return replace(manner, logprobs=False)


def _no_temperature(manner: Manner, words: str) -> Manner | None:
    return replace(manner, temperature=False) if manner.temperature and "temperature" in words else None


def _no_effort(manner: Manner, words: str) -> Manner | None:
    is_refused = "reasoning" in words and "effort" in words
    return replace(manner, reasoning_effort=False) if manner.reasoning_effort and is_refused else None


def _other_limit(manner: Manner, words: str) -> Manner | None:
    """Only where the name is refused: a number that is too large must not lift the bound."""
    named = _ABOUT_A_LIMIT.search(words)
    if not manner.token_limit or named is None or named.group() != manner.token_limit or not _NOT_TAKEN.search(words):
        return None
    if manner.token_limit is TokenLimit.NEW:
        return replace(manner, token_limit=TokenLimit.OLD)
    wants_new = TokenLimit.NEW in words
    return replace(manner, token_limit=TokenLimit.NEW if wants_new else TokenLimit.NONE)


def _humbler_shape(manner: Manner, words: str) -> Manner | None:
    asking = manner.asking.next
    return replace(manner, asking=asking) if asking is not None and any(sign in words for sign in _SHAPES) else None


_STEPS: tuple[Callable[[Manner, str], Manner | None], ...] = (
    _fewer_logprobs,
    _no_temperature,
    _no_effort,
    _other_limit,
    _humbler_shape,
)


def manner_to_json(manner: Manner) -> str:
    """As it is remembered in the database."""
    return to_json(asdict(manner)).decode()


def manner_of_json(text: str) -> Manner:
    """What was remembered; whatever is missing, unknown or of another kind counts as not known yet."""
    try:
        told = read_json(text.encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return Manner()
    known = told if isinstance(told, dict) else {}
    return Manner(**{f.name: _as(f.default, known[f.name]) for f in fields(Manner) if f.name in known})


def _as(default: Any, value: Any) -> Any:
    if isinstance(default, StrEnum):
        return next((choice for choice in type(default) if choice == value), default)
    return value if type(value) is type(default) else default
