"""One question asked live before a batch is written, to find out how the model takes it.

A manner that is refused shows at once then, and not after a day with every line of every batch.
"""

import asyncio
from dataclasses import replace

from core.errors import WorkbenchError
from core.host_refusals import NotYet
from core.hosts.addresses import Connection
from core.hosts.batch_lines import Wanted
from core.hosts.chat import ChatClient
from core.hosts.failures import Failure
from core.hosts.manner import Asking, Manner
from core.model import AnswerKind, ErrorKind, Run
from core.services.asking.asker import Answered, Asker, Request
from core.services.batching.files import asker_for
from core.services.batching.results import Results
from core.services.labelling.votes import known_answers, rule_of
from core.storage import cache, repeats, runs
from core.storage.engine import Connection as DatabaseConnection
from core.storage.engine import Database

_HOPELESS = (ErrorKind.AUTHENTICATION, ErrorKind.QUOTA)


def try_one(db: Database, run: Run, connection: Connection, asker: Asker) -> Manner:
    """The manner in which the host took a run's first missing item, whose answer is kept.

    A host that answers no single calls (a deployment for batches alone) leaves the manner as it was, and so does a
    request whose answer is in the cache. Raises `WorkbenchError` where the host refuses the key or has no credit left,
    and `NotYet` where it wants to be asked later.
    """
    with db.read() as conn:
        request = _first_to_ask(conn, run, asker)
    if request is None:
        return asker.manner
    outcome, manner = asyncio.run(_ask(db, run, connection, asker.manner, request))
    if isinstance(outcome, Failure):
        if outcome.kind in _HOPELESS:
            raise WorkbenchError(f"The host refused: {outcome.message}", "Fix that, then resume.")
        if outcome.is_refusal:
            raise NotYet(f"The host is getting too many requests right now: {outcome.message}", outcome.retry_after)
        return asker.manner
    if outcome.parsed.kind is AnswerKind.EMPTY and manner.asking is not Asking.PLAIN:
        # Of a whole batch of empty answers nobody would know before it is paid.
        outcome, manner = _in_plain_text(db, run, connection, manner, request, outcome)
    Results(db, run, asker, manner).keep(Wanted(run.id, request.item_id, request.ordinal, outcome.key), outcome.reply)
    if outcome.parsed.kind is AnswerKind.EMPTY:
        raise WorkbenchError(
            "The host's answer to the first item is empty, also when asked for plain text, so no batch was sent.",
            "Look at its raw answer; then resume: the next item is tried.",
        )
    return manner


def _in_plain_text(
    db: Database, run: Run, connection: Connection, manner: Manner, request: Request, empty: Answered
) -> tuple[Answered, Manner]:
    """The same question without a shape; the empty answer again where that brings none."""
    outcome, plain = asyncio.run(_ask(db, run, connection, replace(manner, asking=Asking.PLAIN), request))
    return (outcome, plain) if isinstance(outcome, Answered) else (empty, manner)


def _first_to_ask(conn: DatabaseConnection, run: Run, asker: Asker) -> Request | None:
    """About the first missing item; None where nothing is missing or the cache has the answer."""
    page = runs.missing(conn, run.id, 0, 1)
    if not page:
        return None
    item, wanted = page[0], int(run.config.get("repeats") or 1)
    there = {vote.ordinal for vote in repeats.of_items(conn, run.id, [item.id]).get(item.id, ())}
    ordinal = next((number for number in range(wanted) if number not in there), 0)
    request = asker.request(item, ordinal)
    key = asker.key(request)
    rule = rule_of(run.config, asker)
    known = (key, ordinal) in known_answers(conn, rule, [key]) if wanted > 1 else key in cache.known(conn, [key])
    return None if known else request


async def _ask(
    db: Database, run: Run, connection: Connection, manner: Manner, request: Request
) -> tuple[Answered | Failure, Manner]:
    timeout = float(run.config.get("timeout_seconds") or 60.0)
    async with ChatClient(connection, timeout_seconds=timeout) as client:
        asker = asker_for(db, run, manner, client)
        outcome = await asker.ask(request)
        return outcome, asker.manner
