"""Finding out what a model on a host can do, with a few tiny calls: nothing about a host is taken for granted."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from typing import Any

from core.hosts.answers import Reply
from core.hosts.chat import ChatClient
from core.hosts.failures import Failure
from core.hosts.manner import Asking, Manner, Parameters, after_refusal
from core.hosts.patience import Patience
from core.hosts.wire import chat_body
from core.model import ErrorKind, Message

MOST_CALLS = 6
# The question never names these words: only a host that holds its model to the schema makes it answer with one.
_ODD_WORDS = ("zorbal", "quindle")
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"label": {"type": "string", "enum": list(_ODD_WORDS)}},
    "required": ["label"],
    "additionalProperties": False,
}
_QUESTION = (Message("user", 'Is fire hot? Answer as JSON, {"label": "yes"} or {"label": "no"}.'),)


@dataclass(frozen=True)
class Findings:
    """What a test found out. `models` is how many the host lists, None where it lists none.

    `asking` is the best way that works; `ignores_schema` says that a better one was accepted and not kept to. Limits
    are as the host announces them, None where it does not; `trouble` is why the model could not be asked, "" where it
    could: then nothing but `models` holds, and not even that where the test `came_to_nothing` before. It all holds for
    `base_url`.
    """

    model: str
    base_url: str = ""
    models: int | None = None
    asking: str = ""
    ignores_schema: bool = False
    logprobs: bool = False
    temperature: bool = False
    limit_requests: int | None = None
    limit_tokens: int | None = None
    seconds: float = 0.0
    trouble: str = ""
    tested_at: float = 0.0
    came_to_nothing: bool = False


async def probe(
    client: ChatClient, model: str, parameters: Parameters, patience: Patience
) -> tuple[Findings, Manner] | Failure:
    """What the model can do, and the manner to ask it in from now on; a failure where it cannot be asked at all."""
    manner, ignores = Manner(), False
    for _ in range(MOST_CALLS):
        body = chat_body(model, _QUESTION, _SCHEMA, manner, parameters)
        outcome = await patience.ask(partial(client.ask, body))
        if isinstance(outcome, Failure):
            humbler = after_refusal(manner, outcome)
            if humbler is None:
                return outcome
        elif manner.asking is Asking.PLAIN or _keeps(outcome, manner.asking):
            return _findings(model, manner, outcome, ignores), manner
        else:
            ignores = ignores or manner.asking is not Asking.JSON_OBJECT
            humbler = replace(manner, asking=manner.asking.next or Asking.PLAIN)
        manner = humbler
    return Failure(ErrorKind.BAD_REQUEST, f"no way of asking was accepted in {MOST_CALLS} calls")


def _keeps(reply: Reply, asking: Asking) -> bool:
    """Whether the answer has the shape that was asked for."""
    try:
        answer = json.loads(reply.content)
    except (ValueError, RecursionError):
        return False
    if asking is Asking.JSON_OBJECT:
        return isinstance(answer, dict)
    return isinstance(answer, dict) and answer.get("label") in _ODD_WORDS


def _findings(model: str, manner: Manner, reply: Reply, ignores: bool) -> Findings:
    rates = reply.rates
    given = reply.logprobs.get("content") if isinstance(reply.logprobs, dict) else None
    return Findings(
        model=model,
        asking=manner.asking.value,
        ignores_schema=ignores,
        logprobs=bool(given),
        temperature=manner.temperature,
        limit_requests=rates.limit_requests if rates else None,
        limit_tokens=rates.limit_tokens if rates else None,
        seconds=reply.seconds,
    )


def findings_to_json(findings: Findings) -> str:
    """As they are remembered in the database."""
    return json.dumps(asdict(findings), ensure_ascii=False)


def findings_of_json(text: str) -> Findings | None:
    """What was remembered; None where it cannot be read any more, which only means to test again."""
    try:
        told = json.loads(text)
        return Findings(**{field.name: told[field.name] for field in fields(Findings) if field.name in told})
    except (ValueError, TypeError):
        return None
