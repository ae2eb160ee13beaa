"""The test of one host: what its model can do, or in one sentence why it could not be asked."""

import asyncio
from collections.abc import Callable

from core.host_refusals import with_wait
from core.hosts.addresses import Connection
from core.hosts.chat import ChatClient
from core.hosts.failures import Failure
from core.hosts.manner import Manner, Parameters
from core.hosts.patience import Patience, carried_out
from core.hosts.probing import Findings, probe
from core.model import ErrorKind, Host

_TEST_SECONDS = 60.0


def tested(
    connection: Connection, model: str, host: Host, tell: Callable[[str], None]
) -> tuple[Findings, Manner | None]:
    """What a few tiny calls found out, and the manner to ask in from now on; None where the model cannot be asked.

    `tell` hears what is waited for where the host refuses for now.
    """
    # The caller may itself live in an event loop, as a notebook does: so ours gets a thread of its own.
    patience = Patience()
    outcome = carried_out(lambda: asyncio.run(_probed(connection, model, host, patience)), patience, tell)
    if isinstance(outcome, Failure):
        return Findings(model, trouble=_trouble(outcome, model, connection)), None
    return outcome


async def _probed(
    connection: Connection, model: str, host: Host, patience: Patience
) -> tuple[Findings, Manner] | Failure:
    parameters = Parameters(
        reasoning_effort=host.reasoning_effort, answer_tokens=host.answer_tokens, extra=dict(host.extra)
    )
    async with ChatClient(connection, timeout_seconds=_TEST_SECONDS) as client:
        return await probe(client, model, parameters, patience)


_TROUBLES = {
    ErrorKind.AUTHENTICATION: "The host does not let this key use {model}.",
    ErrorKind.QUOTA: "The account has no credit left for {model}.",
    ErrorKind.NOT_FOUND: "The host does not know the model {model}, or has no chat API at this address.",
    ErrorKind.RATE_LIMIT: "The host says it is getting too many requests right now.",
    ErrorKind.TIMEOUT: f"{{model}} did not answer within {_TEST_SECONDS:.0f} seconds.",
    ErrorKind.CONNECTION: "The connection broke while {model} was asked.",
    ErrorKind.MALFORMED: "{model} answers, but not as the OpenAI protocol requires.",
}


def _trouble(failure: Failure, model: str, connection: Connection) -> str:
    """One sentence, and what to do where a key is missing; the host's own words where they say more than ours."""
    if failure.kind is ErrorKind.AUTHENTICATION and not connection.has_key:
        return ". ".join(connection.key_wanted())
    said = _TROUBLES.get(failure.kind, "The host could not answer with {model}: {words}")
    said = said.format(model=model, words=failure.message[:300])
    return with_wait(said, failure.retry_after) if failure.kind is ErrorKind.RATE_LIMIT else said
